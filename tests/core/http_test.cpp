#include "quill/core/http.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "catch.hpp"
#include "core/http_url.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "support/fake_http_server.hpp"

using namespace quill;
using namespace quill::tests;
using Kind = HttpFailure::Kind;

namespace {

const Cancel kNoCancel;

HttpRequest post_to(const std::string& url, std::string body = "{}") {
  HttpRequest request;
  request.url = url;
  request.body = std::move(body);
  return request;
}

Result<HttpReply, HttpFailure> sent(const HttpRequest& request) {
  return make_http_client()->send(request, kNoCancel);
}

/// What became of a reply of exactly these bytes; the connection then closes.
Result<HttpReply, HttpFailure> reply_of(const std::string& bytes, std::size_t body_max = 1000) {
  FakeHttpServer server(bytes);
  HttpRequest request = post_to(server.url());
  request.body_bytes_max = body_max;
  return sent(request);
}

Kind kind_of(const std::string& bytes, std::size_t body_max = 1000) {
  const auto result = reply_of(bytes, body_max);
  REQUIRE_FALSE(result.ok());
  return result.failure().kind;
}

Kind kind_of_url(const std::string& url) {
  const auto result = sent(post_to(url));
  REQUIRE_FALSE(result.ok());
  return result.failure().kind;
}

/// A port on which nobody listens.
std::string closed_port_url() {
  std::string url;
  {
    const FakeHttpServer server("");
    url = server.url();
  }
  return url;
}

} // namespace

TEST_CASE("a request arrives as given and its reply comes back whole", "[core]") {
  FakeHttpServer server(http_reply(201, "hello", "X-Thing:  a b \r\n"));
  HttpRequest request = post_to(server.url("/v1/chat?x=1"), "{\"a\":\"é\"}");
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer k"}};
  const auto result = sent(request);
  REQUIRE(result.ok());
  CHECK(result.value().status == 201);
  CHECK(result.value().body == "hello");
  CHECK(result.value().header("x-thing") == "a b");
  CHECK(result.value().header("X-THING") == "a b");
  CHECK_FALSE(result.value().header("x-other"));
  REQUIRE(server.requests().size() == 1);
  const FakeRequest seen = server.requests().front();
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/v1/chat?x=1");
  CHECK(seen.body == "{\"a\":\"é\"}");
  CHECK(seen.has_header("Content-Type: application/json"));
  CHECK(seen.has_header("Authorization: Bearer k"));
  CHECK(seen.head.find("Accept-Encoding") == std::string::npos);
  CHECK(seen.head.find("Expect") == std::string::npos);
}

TEST_CASE("GET sends no body, and a body may hold NUL and be empty", "[core]") {
  FakeHttpServer server(http_reply(200, std::string("a\0b", 3)));
  HttpRequest request = post_to(server.url(), "");
  CHECK(sent(request).value().body == std::string("a\0b", 3));
  request.method = "GET";
  CHECK(sent(request).ok());
  CHECK(server.requests()[0].method == "POST");
  CHECK(server.requests()[1].method == "GET");
  CHECK(server.requests()[1].body.empty());
}

TEST_CASE("any status is a reply", "[core]") {
  for (const int status : {204, 301, 400, 404, 429, 500, 529})
    CHECK(reply_of(http_reply(status, "")).value().status == status);
}

TEST_CASE("a redirect is not followed: the key would travel along", "[core]") {
  FakeHttpServer other(http_reply(200, "stolen"));
  for (const int status : {301, 302, 307, 308}) {
    const auto result = reply_of(http_reply(status, "moved", "Location: " + other.url() + "\r\n"));
    CHECK(result.value().status == status);
    CHECK(result.value().body == "moved");
  }
  CHECK(other.requests().empty());
}

TEST_CASE("a body shorter than announced is a failure, wherever it is cut", "[core]") {
  const std::string whole = "HTTP/1.1 200 X\r\nContent-Length: 40\r\n\r\n" + std::string(40, 'x');
  CHECK(reply_of(whole).ok());
  for (std::size_t cut = 0; cut < whole.size(); cut += 3)
    CHECK(kind_of(whole.substr(0, cut)) == Kind::reset);
  CHECK(kind_of(whole.substr(0, whole.size() - 1)) == Kind::reset);
}

TEST_CASE("a chunked body without its last chunk is a failure", "[core]") {
  const std::string head = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(reply_of(head + "5\r\nhello\r\n0\r\n\r\n").value().body == "hello");
  for (const char* body : {"", "5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "zz\r\n"})
    CHECK(kind_of(head + body) == Kind::reset);
}

TEST_CASE("a connection reset in the middle is a failure", "[core]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.send("HTTP/1.1 200 X\r\nContent-Length: 40\r\n\r\nabc");
    out.reset();
  });
  CHECK(sent(post_to(server.url())).failure().kind == Kind::reset);
}

TEST_CASE("what does not speak HTTP is a failure", "[core]") {
  CHECK(kind_of("") == Kind::reset);
  CHECK(kind_of("SSH-2.0-OpenSSH_9\r\n") == Kind::reset);
  CHECK(kind_of("HTTP/9.9 200 X\r\n\r\n") == Kind::reset);
}

TEST_CASE("a body above the cap is refused, announced or not", "[core]") {
  CHECK(reply_of(http_reply(200, std::string(1000, 'x'))).ok());
  CHECK(kind_of(http_reply(200, std::string(1001, 'x'))) == Kind::too_large);
  CHECK(kind_of("HTTP/1.1 200 X\r\nContent-Length: 1000000000000\r\n\r\n") == Kind::too_large);
  // No length at all: the server would send for ever.
  FakeHttpServer endless([](const FakeRequest&, const FakeConnection& out) {
    out.send("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n");
    while (out.send(std::string(4096, 'x'))) {
    }
  });
  HttpRequest request = post_to(endless.url());
  request.body_bytes_max = 100'000;
  CHECK(sent(request).failure().kind == Kind::too_large);
}

TEST_CASE("ten thousand headers and a header without end are refused", "[core]") {
  std::string many;
  for (int i = 0; i < 10'000; ++i)
    many += "X-H" + std::to_string(i) + ": 1\r\n";
  CHECK(kind_of(http_reply(200, "", many)) == Kind::too_large);
  const auto long_line = reply_of(http_reply(200, "", "X-Long: " + std::string(1U << 20U, 'x')));
  CHECK_FALSE(long_line.ok());
}

TEST_CASE("headers before the final status do not count as the reply's", "[core]") {
  const auto result =
      reply_of("HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\n" + http_reply(200, "ok", "X-Late: 1\r\n"));
  CHECK(result.value().status == 200);
  CHECK_FALSE(result.value().header("x-early"));
  CHECK(result.value().header("x-late") == "1");
}

TEST_CASE("nobody listening is a failure to connect", "[core]") {
  CHECK(kind_of_url(closed_port_url()) == Kind::connect);
}

TEST_CASE("a server that never answers runs into the total time", "[core]") {
  FakeHttpServer server(
      [](const FakeRequest&, const FakeConnection& out) { out.wait_for_release(); });
  HttpRequest request = post_to(server.url());
  request.timeout_ms = 100;
  CHECK(sent(request).failure().kind == Kind::timeout);
}

TEST_CASE("a drip of single bytes does not outrun the total time", "[core]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.send("HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\n");
    while (out.send("x"))
      std::this_thread::yield();
  });
  HttpRequest request = post_to(server.url());
  request.timeout_ms = 150;
  const auto result = sent(request);
  CHECK(result.failure().kind == Kind::timeout);
}

TEST_CASE("silence inside the body ends the exchange before the total time", "[core]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.send("HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nabc");
    out.wait_for_release();
  });
  HttpRequest request = post_to(server.url());
  request.stall_timeout_ms = 60;
  const auto result = sent(request); // the total time is two minutes
  CHECK(result.failure().kind == Kind::timeout);
  CHECK(result.failure().what == "the body stalled for 60 ms");
}

TEST_CASE("silence before the body is a model that thinks", "[core]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.wait_for_release();
    out.send(http_reply(200, "at last"));
  });
  HttpRequest request = post_to(server.url());
  request.stall_timeout_ms = 1;
  Result<HttpReply, HttpFailure> result = HttpFailure{Kind::reset, ""};
  std::thread client([&] { result = sent(request); });
  server.wait_for_requests(1);
  const double start = system_clock().now_ms();
  while (system_clock().now_ms() < start + 120) // two looks of the client, 50 ms each
    std::this_thread::yield();
  server.release();
  client.join();
  CHECK(result.value().body == "at last");
}

TEST_CASE("a cancelled exchange ends at once, as does one cancelled before", "[core]") {
  FakeHttpServer server(
      [](const FakeRequest&, const FakeConnection& out) { out.wait_for_release(); });
  Cancel cancel;
  const auto client = make_http_client();
  Result<HttpReply, HttpFailure> result = HttpFailure{Kind::reset, ""};
  std::thread sender([&] { result = client->send(post_to(server.url()), cancel); });
  server.wait_for_requests(1);
  cancel.request();
  sender.join();
  CHECK(result.failure().kind == Kind::cancelled);
  CHECK(client->send(post_to(server.url()), cancel).failure().kind == Kind::cancelled);
}

TEST_CASE("plain http goes to loopback only, unless allowed", "[core]") {
  CHECK(checked_url("http://localhost:1/x", false).ok());
  CHECK(checked_url("http://LOCALHOST/x", false).ok());
  CHECK(checked_url("http://127.0.0.1/x", false).ok());
  CHECK(checked_url("http://127.9.9.9/x", false).ok());
  CHECK(checked_url("http://[::1]:8000/x", false).ok());
  CHECK(checked_url("https://example.org/x", false).ok());
  for (const char* url :
       {"http://example.org/", "http://127.0.0.1.example.org/", "http://localhost.example.org/",
        "http://10.0.0.1/", "http://[::2]/", "http://0.0.0.0/"}) {
    CHECK_FALSE(checked_url(url, false).ok());
    CHECK(checked_url(url, true).ok());
  }
  CHECK(checked_url("http://example.org/", false).failure().what ==
        "\"http://example.org/\" is plain http to another machine: a key would travel readable");
}

TEST_CASE("other protocols, user names and what is no URL are refused", "[core]") {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/",
                          "http://me:secret@127.0.0.1/", "http://me@127.0.0.1/", "", "http://",
                          "no url at all", "http://127.0.0.1:99999/"})
    CHECK(kind_of_url(url) == Kind::refused_url);
  CHECK(kind_of_url(std::string("http://127.0.0.1/\0x", 18)) == Kind::refused_url);
  const auto named = sent(post_to("http://me:sesame99@127.0.0.1/"));
  CHECK(named.failure().what.find("sesame99") == std::string::npos);
}

TEST_CASE("a header with a line break is refused before anything is sent", "[core]") {
  FakeHttpServer server(http_reply(200, ""));
  HttpRequest request = post_to(server.url());
  request.headers = {{"Authorization", "Bearer a\r\nX-Injected: 1"}};
  const auto result = sent(request);
  CHECK(result.failure().kind == Kind::refused_url);
  CHECK(result.failure().what == "header \"Authorization\" holds a line break");
  CHECK(server.requests().empty());
}

TEST_CASE("proxies of the environment are not used", "[core]") {
  FakeHttpServer proxy(http_reply(200, "proxy"));
  FakeHttpServer server(http_reply(200, "server"));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  const auto result = sent(post_to(server.url()));
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK(result.value().body == "server");
  CHECK(proxy.requests().empty());
}

TEST_CASE("one client serves many threads", "[core]") {
  FakeHttpServer server([](const FakeRequest& request, const FakeConnection& out) {
    out.send(http_reply(200, "echo " + request.body));
  });
  const auto client = make_http_client();
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string body = std::to_string(t * 10 + i);
        const auto result = client->send(post_to(server.url(), body), kNoCancel);
        right += result.ok() && result.value().body == "echo " + body;
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(right == 40);
}

TEST_CASE("plain text where TLS is expected is a TLS failure", "[core]") {
  FakeHttpServer server(http_reply(200, "not TLS"));
  CHECK(kind_of_url("https://127.0.0.1:" + std::to_string(server.port()) + "/") == Kind::tls);
}

TEST_CASE("sixty-four requests are under way at once", "[core]") {
  FakeHttpServer server([](const FakeRequest& request, const FakeConnection& out) {
    out.wait_for_release();
    out.send(http_reply(200, request.body));
  });
  const auto http = make_http_client();
  std::vector<std::string> bodies(64);
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < bodies.size(); ++i)
    callers.emplace_back([&, i] {
      const auto result = http->send(post_to(server.url(), std::to_string(i)), kNoCancel);
      bodies[i] = result.ok() ? result.value().body : result.failure().what;
    });
  server.wait_for_requests(64);
  server.release();
  for (auto& caller : callers)
    caller.join();
  for (std::size_t i = 0; i < bodies.size(); ++i)
    CHECK(bodies[i] == std::to_string(i)); // each its own answer
}

TEST_CASE("a stop lets what is under way end within its grace, and starts nothing", "[core]") {
  FakeHttpServer server([](const FakeRequest&, const FakeConnection& out) {
    out.wait_for_release();
    out.send(http_reply(200, "paid for"));
  });
  const auto http = make_http_client();
  Cancel cancel;
  HttpRequest request = post_to(server.url());
  request.cancel_grace_ms = 60'000;
  std::thread stopper([&] {
    server.wait_for_requests(1);
    cancel.request();
    server.release();
  });
  const auto result = http->send(request, cancel);
  stopper.join();
  REQUIRE(result.ok());
  CHECK(result.value().body == "paid for");
  const auto next = http->send(request, cancel);
  REQUIRE_FALSE(next.ok());
  CHECK(next.failure().kind == Kind::cancelled);
  CHECK(server.requests().size() == 1);
}
