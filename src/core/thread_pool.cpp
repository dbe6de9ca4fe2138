#include "quill/core/thread_pool.hpp"

#include <system_error>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill {

ThreadPool::ThreadPool(std::size_t threads) {
  QUILL_CHECK(threads >= 1, "a pool without threads would never run its tasks");
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    close();
    throw Error{Exit::usage,
                {.what = fmt::format("cannot start {} threads: {}", threads, error.what()),
                 .where = "this machine's limit on processes (ulimit -u)",
                 .fix = "ask for fewer threads, or raise the limit"}};
  }
}

ThreadPool::~ThreadPool() {
  close();
}

void ThreadPool::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    thread.join();
}

void ThreadPool::push(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    QUILL_CHECK(!closing_, "a task was given to a pool that is closing");
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void ThreadPool::work() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
      if (tasks_.empty())
        return; // closing, and nothing is left
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task(); // a packaged_task: its exception is in the future
  }
}

} // namespace quill
