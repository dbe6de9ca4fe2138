#include "quill/core/metrics.hpp"

#include <cmath>
#include <thread>

#include "catch.hpp"

using namespace quill;

TEST_CASE("counts add up and values keep count, mean, min and max", "[core]") {
  Metrics metrics;
  metrics.count("kept");
  metrics.count("kept", 4);
  metrics.observe("reward", 0.5);
  metrics.observe("reward", 1.0);
  CHECK(metrics.counted("kept") == 5);
  CHECK(metrics.counted("never") == 0);
  CHECK(dump_json(metrics.json()) ==
        R"({"counts":{"kept":5},"values":{"reward":{"count":2,"mean":0.75,"min":0.5,"max":1.0}}})");
}

TEST_CASE("nothing measured is two empty objects", "[core]") {
  CHECK(dump_json(Metrics().json()) == R"({"counts":{},"values":{}})");
}

TEST_CASE("threads may count at the same time", "[core]") {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        metrics.count("n");
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(metrics.counted("n") == 4000);
}

TEST_CASE("the median is the middle, or halfway between the two in the middle", "[core]") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 2, 3}) == 2.5);
  CHECK(median({7}) == 7);
  CHECK(std::isnan(median({})));
}
