// Processes that train together, here as threads of one: each has its own connections.
#include "catch.hpp"

#include <thread>

#include <ATen/ATen.h>

#include "free_port.hpp"
#include "quill/train/team.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::free_port;
using quill::test::refusal;

namespace {

Place place_of_rank(std::int64_t rank, std::int64_t port) {
  return {.rank = rank, .size = 2, .host = "127.0.0.1", .port = port};
}

} // namespace

TEST_CASE("two processes add up tensors of any shapes, and agree to stop", "[train]") {
  const std::int64_t port = free_port();
  std::vector<double> sums(2);
  std::vector<bool> stops(2), go_on(2);
  const auto member = [&](std::size_t rank) {
    const auto team = make_team(place_of_rank(static_cast<std::int64_t>(rank), port));
    const auto a = at::full({2, 3}, static_cast<double>(rank + 1)), b = at::ones({4});
    team->add_up({a, b});
    sums[rank] = a.sum().item<double>() + b.sum().item<double>();
    go_on[rank] = team->any(false);
    stops[rank] = team->any(rank == 1);
    team->meet();
  };
  std::thread other([&] { member(1); });
  member(0);
  other.join();
  CHECK(sums == std::vector<double>(2, 6 * 3 + 4 * 2)); // 1 + 2 six times, 1 + 1 four times
  CHECK(go_on == std::vector<bool>(2, false));
  CHECK(stops == std::vector<bool>(2, true));
}

TEST_CASE("two processes know each other's texts and numbers", "[train]") {
  const std::int64_t port = free_port();
  std::vector<std::vector<std::string>> texts(2);
  std::vector<double> sums(2), largest(2);
  const auto member = [&](std::size_t rank) {
    const auto team = make_team(place_of_rank(static_cast<std::int64_t>(rank), port));
    texts[rank] = team->gather(rank == 0 ? "" : "two\nlines");
    sums[rank] = team->sum(rank == 0 ? 0.5 : 2);
    largest[rank] = team->largest(rank == 0 ? -1 : -2);
  };
  std::thread other([&] { member(1); });
  member(0);
  other.join();
  CHECK(texts == std::vector<std::vector<std::string>>(2, {"", "two\nlines"}));
  CHECK(sums == std::vector<double>(2, 2.5));
  CHECK(largest == std::vector<double>(2, -1));
}

TEST_CASE("who is left alone says so, and how to go on", "[train]") {
  const std::int64_t port = free_port();
  std::thread other([&] { (void)make_team(place_of_rank(1, port)); });
  const auto text = refusal(Exit::outside, [&] {
    const auto team = make_team(place_of_rank(0, port));
    other.join();
    team->meet();
  });
  CHECK_THAT(text.what, Catch::StartsWith("process 0 of 2: a process of the team is gone: "));
  CHECK(text.where == "127.0.0.1:" + std::to_string(port));
  CHECK_THAT(text.fix, Catch::EndsWith("--resume"));
}

TEST_CASE("a team of one asks nobody", "[train]") {
  const auto team = make_team({});
  CHECK(team->leads());
  CHECK(team->any(true));
  CHECK_FALSE(team->any(false));
  CHECK(team->gather("alone") == std::vector<std::string>{"alone"});
  CHECK(team->largest(-3) == -3);
}
