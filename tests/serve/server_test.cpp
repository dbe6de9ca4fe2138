#include "catch.hpp"

#include <future>
#include <thread>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/http.hpp"
#include "quill/core/json.hpp"
#include "quill/serve/server.hpp"
#include "support/parrot.hpp"

using namespace quill;
using namespace quill::serve;
using quill::tests::bytes_and_turns;
using quill::tests::Parrot;

namespace {

ServeConfig on_a_free_port() {
  ServeConfig config;
  config.port = 0;
  config.name = "parrot";
  return config;
}

/// A server in a thread of its own, and a client.
class Running {
 public:
  explicit Running(const ServeConfig& config = on_a_free_port(),
                   const std::string& says = "SELECT 1; -- done")
      : server_(config, bytes_and_turns(), std::make_unique<Parrot>(says)),
        thread_([this] { server_.run(cancel_); }) {}
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void stop() {
    cancel_.request();
    if (thread_.joinable())
      thread_.join();
  }

  HttpReply send(const std::string& method, const std::string& path, const std::string& body = "",
                 const std::string& token = "") const {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(server_.port()) + path;
    request.body = body;
    if (!token.empty())
      request.headers.emplace_back("Authorization", "Bearer " + token);
    auto reply = http_->send(request, Cancel{});
    REQUIRE(reply.ok());
    return std::move(reply).value();
  }
  HttpReply chat(const Json& more = Json::object()) const {
    Json body{{"model", "parrot"},
              {"messages", {{{"role", "user"}, {"content", "hi"}}}},
              {"temperature", 0}};
    body.update(more);
    return send("POST", "/v1/chat/completions", dump_json(body));
  }

 private:
  Cancel cancel_;
  Server server_;
  std::unique_ptr<HttpClient> http_ = make_http_client();
  std::thread thread_;
};

/// The contents of a stream's pieces one after the other.
std::string streamed_text(const std::string& body) {
  std::string text;
  for (std::size_t at = 0; (at = body.find("data: {", at)) != std::string::npos;) {
    const std::size_t end = body.find("\n\n", at);
    const Json chunk = parse_json(body.substr(at + 6, end - at - 6), "chunk");
    for (const Json& choice : chunk["choices"])
      text += choice["delta"].value("content", "");
    at = end;
  }
  return text;
}

} // namespace

TEST_CASE("a chat is answered whole, with usage, stops and several samples", "[serve]") {
  const Running server;
  const auto plain = server.chat();
  CHECK(plain.status == 200);
  const Json document = parse_json(plain.body, "reply");
  CHECK(document["object"] == "chat.completion");
  CHECK(document["choices"][0]["message"]["content"] == "SELECT 1; -- done");
  CHECK(document["choices"][0]["finish_reason"] == "stop");
  CHECK(document["usage"]["completion_tokens"] == 18); // 17 letters and the end of the turn
  const Json several =
      parse_json(server.chat({{"n", 3}, {"stop", ";"}, {"logprobs", true}}).body, "r");
  REQUIRE(several["choices"].size() == 3);
  CHECK(several["choices"][2]["message"]["content"] == "SELECT 1");
  CHECK(several["choices"][1]["logprobs"]["content"][0]["token"] == "S");
}

TEST_CASE("a stream says the same piece by piece and keeps a stop text to itself", "[serve]") {
  const Running server;
  const auto reply = server.chat({{"stream", true}, {"stream_options", {{"include_usage", true}}}});
  CHECK(reply.header("content-type").value_or("") == "text/event-stream; charset=utf-8");
  CHECK(streamed_text(reply.body) == "SELECT 1; -- done");
  CHECK(reply.body.find("\"completion_tokens\":18") != std::string::npos);
  CHECK(reply.body.ends_with("data: [DONE]\n\n"));
  CHECK(streamed_text(server.chat({{"stream", true}, {"stop", "; --"}}).body) == "SELECT 1");
}

TEST_CASE("models, health, metrics, and errors in OpenAI's shape", "[serve]") {
  const Running server;
  CHECK(parse_json(server.send("GET", "/health").body, "h")["status"] == "ok");
  CHECK(parse_json(server.send("GET", "/v1/models").body, "m")["data"][0]["id"] == "parrot");
  (void)server.chat();
  CHECK(server.send("GET", "/metrics").body.find("quill_completion_tokens_total 18\n") !=
        std::string::npos);
  const auto other = server.chat({{"model", "gpt"}});
  CHECK(other.status == 404);
  CHECK(parse_json(other.body, "e")["error"]["code"] == "model_not_found");
  const auto wrong = server.chat({{"n", 0}});
  CHECK(wrong.status == 400);
  CHECK(parse_json(wrong.body, "e")["error"]["param"] == "n");
  CHECK(server.send("POST", "/v1/chat/completions", "{").status == 400);
  CHECK(server.send("GET", "/nowhere").status == 404);
  CHECK(server.send("GET", "/v1/chat/completions").status == 405);
}

TEST_CASE("with a token file nobody else gets an answer, but health", "[serve]") {
  const ScratchFolder folder{"quill-serve"};
  ServeConfig config = on_a_free_port();
  config.token_file = folder.path() / "token";
  real_disk().write_atomic(config.token_file, "0123456789abcdef\n");
  const Running server(config);
  CHECK(server.send("GET", "/v1/models").status == 401);
  CHECK(server.send("GET", "/v1/models", "", "0123456789abcdeg").status == 401);
  CHECK(server.send("GET", "/v1/models", "", "0123456789abcdef").status == 200);
  CHECK(server.send("GET", "/health").status == 200);
}

TEST_CASE("a body over the limit is refused, an address others reach needs a token", "[serve]") {
  ServeConfig config = on_a_free_port();
  config.body_kb_max = 1;
  const Running server(config);
  CHECK(server.send("POST", "/v1/chat/completions", std::string(2000, ' ')).status == 413);
  config.host = "0.0.0.0";
  CHECK_THROWS_AS(config.check(), Error);
}

TEST_CASE("a stop ends what is being written first", "[serve]") {
  Running server(on_a_free_port(), std::string(3000, 'a'));
  auto answer = std::async(std::launch::async, [&] { return server.chat({{"max_tokens", 3500}}); });
  while (server.send("GET", "/metrics").body.find("answers_running 1\n") == std::string::npos &&
         answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
  }
  server.stop();
  CHECK(parse_json(answer.get().body, "r")["choices"][0]["message"]["content"] ==
        std::string(3000, 'a'));
}
