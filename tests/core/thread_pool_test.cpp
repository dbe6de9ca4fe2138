#include "quill/core/thread_pool.hpp"

#include <atomic>
#include <latch>
#include <stdexcept>

#include "catch.hpp"
#include "quill/core/error.hpp"

using namespace quill;

TEST_CASE("tasks give their values back", "[core]") {
  ThreadPool pool(3);
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 50; ++i)
    futures.push_back(pool.submit([i] { return i * i; }));
  for (int i = 0; i < 50; ++i)
    CHECK(futures[static_cast<std::size_t>(i)].get() == i * i);
}

TEST_CASE("one thread runs tasks in the order they were given", "[core]") {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 20; ++i)
      static_cast<void>(pool.submit([&order, i] { order.push_back(i); }));
  } // the destructor finishes what is queued
  CHECK(order.size() == 20);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("as many tasks run at once as there are threads", "[core]") {
  ThreadPool pool(4);
  std::latch all_here(4); // with fewer threads this would wait for ever
  std::vector<std::future<void>> futures;
  for (int i = 0; i < 4; ++i)
    futures.push_back(pool.submit([&] { all_here.arrive_and_wait(); }));
  for (auto& future : futures)
    future.get();
  CHECK(all_here.try_wait());
}

TEST_CASE("an exception of a task comes out of its future and hurts no other", "[core]") {
  ThreadPool pool(1);
  auto bad = pool.submit([]() -> int { throw std::runtime_error("boom"); });
  auto good = pool.submit([] { return 1; });
  // In this order the thread has let go of the exception before it is looked at: its counter lives
  // in libstdc++, where ThreadSanitizer cannot see that it is atomic.
  CHECK(good.get() == 1);
  CHECK_THROWS_WITH(bad.get(), "boom");
}

TEST_CASE("a pool without threads is a bug", "[core]") {
  CHECK_THROWS_AS(ThreadPool(0), Bug);
}
