// Processes that train together, here as threads of one: each has its own connections.
#include "catch.hpp"

#include <thread>

#include <ATen/ATen.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quill/train/team.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

/// A port that nobody listened on a moment ago.
std::int64_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(socket, plain, size) == 0);
  REQUIRE(::getsockname(socket, plain, &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

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
}
