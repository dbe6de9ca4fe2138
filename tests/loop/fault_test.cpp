// A server that does everything wrong that servers do: what must come of it, in one table.
#include "catch.hpp"

#include <condition_variable>
#include <mutex>

#include "loop/fakes.hpp"
#include "quill/core/http.hpp"
#include "quill/core/log.hpp"
#include "quill/loop/model.hpp"
#include "support/fake_http_server.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;
using namespace quill::tests;

namespace {

const std::string kKey = "sk-canary-0123456789abcdef";

/// Retries do not wait, but the time they would have waited is counted. Thread-safe.
class HurriedClock final : public Clock {
 public:
  [[nodiscard]] double now_ms() const override {
    const std::lock_guard lock(mutex_);
    return system_clock().now_ms() + skipped_ms_;
  }
  [[nodiscard]] std::string utc() const override { return "2026-01-01T00:00:00Z"; }
  void sleep_ms(double ms, const Cancel&) override {
    const std::lock_guard lock(mutex_);
    skipped_ms_ += std::max(ms, 0.0);
  }
  [[nodiscard]] double skipped_ms() const {
    const std::lock_guard lock(mutex_);
    return skipped_ms_;
  }

 private:
  mutable std::mutex mutex_;
  double skipped_ms_ = 0;
};

std::string completion(const std::string& text, const std::string& finish = "stop") {
  return dump_json(Json{
      {"choices", Json::array({{{"message", {{"content", text}}}, {"finish_reason", finish}}})},
      {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}}}});
}
const std::string kGoodBody = completion("SELECT 'kept'");
const std::string kGood = http_reply(200, kGoodBody);

enum class Must {
  retry,   ///< asked again, and then answered
  store,   ///< kept as it came, no candidate, not asked again
  answer,  ///< strange, but an answer
  end_run, ///< exit 3, and the run can go on later
};

struct Fault {
  std::string name;
  Must must;
  FakeHttpServer::Script script;
  std::string raw = {};         ///< must be on record, when there is a body
  double waits_at_least_ms = 0; ///< before it asks again
};

FakeHttpServer::Script says(const std::string& bytes) {
  return [bytes](const FakeRequest&, const FakeConnection& out) { out.send(bytes); };
}
FakeHttpServer::Script hangs_after(const std::string& bytes) {
  return [bytes](const FakeRequest&, const FakeConnection& out) {
    out.send(bytes);
    out.wait_for_release();
  };
}
FakeHttpServer::Script resets_after(const std::string& bytes) {
  return [bytes](const FakeRequest&, const FakeConnection& out) {
    out.send(bytes);
    out.reset();
  };
}
/// Until the client has had enough.
FakeHttpServer::Script floods(const std::string& head, const std::string& piece) {
  return [=](const FakeRequest&, const FakeConnection& out) {
    for (bool going = out.send(head); going;)
      going = out.send(piece);
  };
}

Fault status(int code, Must must, const std::string& headers = "",
             const std::string& body = R"({"error": {"message": "why"}})", double waits_ms = 0) {
  return {.name = std::to_string(code) + " " + headers + body,
          .must = must,
          .script = says(http_reply(code, body, headers)),
          .raw = body,
          .waits_at_least_ms = waits_ms};
}

Fault stored(const std::string& name, const std::string& body) {
  return {.name = name, .must = Must::store, .script = says(http_reply(200, body)), .raw = body};
}

Fault cut(const std::string& name, const std::string& bytes, const std::string& raw = "") {
  return {.name = name, .must = Must::retry, .script = says(bytes), .raw = raw};
}

std::string half(const std::string& text) {
  return text.substr(0, text.size() / 2);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

const std::string kHead = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(kGoodBody.size()) + "\r\n\r\n";
const std::string kChunked = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kDelta = R"(data: {"choices":[{"index":0,"delta":{"content":"SELECT 'kept'"}}]})"
                           "\n\n";
const std::string kStop = R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                          "\n\n";

std::vector<Fault> status_faults() {
  const std::string quota = R"({"error": {"message": "You exceeded your current quota",)"
                            R"( "code": "insufficient_quota"}})";
  return {
      status(429, Must::retry, "Retry-After: 7\r\n", "{}", 7000),
      status(429, Must::retry, "retry-after-ms: 2500\r\n", "{}", 2500),
      status(
          429, Must::retry,
          "Date: Sat, 21 Nov 2026 10:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 10:00:09 GMT\r\n",
          "{}", 9000),
      status(429, Must::retry, "", "{}", 1000),
      status(429, Must::retry, "Retry-After: -5\r\n", "{}", 1000),
      status(429, Must::end_run, "", quota),
      status(429, Must::end_run, "Retry-After: 315360000\r\n"), // ten years
      status(429, Must::end_run, "Retry-After: 1e309\r\n"),
      status(500, Must::retry, "", "boom", 1000),
      status(500, Must::retry, "", "we got the key " + kKey),
      status(502, Must::retry, "", "<html>bad gateway</html>"),
      status(503, Must::retry, "Retry-After: 3\r\n", "{}", 3000),
      status(503, Must::end_run, "x-should-retry: false\r\n"),
      status(504, Must::retry),
      status(529, Must::retry, "", R"({"type":"error","error":{"type":"overloaded_error"}})"),
      status(408, Must::retry),
      status(409, Must::retry),
      status(402, Must::retry, "Retry-After: 2\r\n", "{}", 2000),
      status(402, Must::end_run),
      status(400, Must::end_run),
      status(401, Must::end_run),
      status(403, Must::end_run),
      status(404, Must::end_run),
      status(422, Must::end_run),
      status(400, Must::store, "",
             R"({"error": {"code": "context_length_exceeded", "message": "too long"}})"),
      status(301, Must::end_run, "Location: http://127.0.0.1:1/steal\r\n"),
      status(307, Must::end_run, "Location: http://127.0.0.1:1/steal\r\n"),
      status(308, Must::end_run, "Location: http://127.0.0.1:1/steal\r\n"),
  };
}

std::vector<Fault> cut_faults() {
  return {
      cut("closed before the first byte", ""),
      {"reset before the first byte", Must::retry, resets_after("")},
      cut("closed inside the status line", "HTTP/1.1 2"),
      cut("closed inside the headers", "HTTP/1.1 200 X\r\nContent-Le"),
      cut("closed after the headers", kHead),
      {"reset after the headers", Must::retry, resets_after(kHead)},
      cut("half a body", kHead + half(kGoodBody), half(kGoodBody)),
      {"half a body, then a reset", Must::retry, resets_after(kHead + half(kGoodBody))},
      cut("a body without its last byte", kHead + kGoodBody.substr(0, kGoodBody.size() - 1)),
      cut("chunks without the last one", kChunked + "5\r\n{\"a\":\r\n", "{\"a\":"),
      cut("a chunk of size \"-2\"", kChunked + "-2\r\n{}\r\n"),
      cut("no HTTP at all", "220 mail.example ESMTP\r\n"),
      {"a hang before the first byte", Must::retry, hangs_after("")},
      {"a hang inside the headers", Must::retry, hangs_after("HTTP/1.1 200 X\r\n")},
      {"a hang inside the body", Must::retry, hangs_after(kHead + half(kGoodBody)),
       half(kGoodBody)},
      {"byte by byte, for ever", Must::retry,
       floods("HTTP/1.1 200 X\r\nContent-Length: 10000000\r\n\r\n", "x")},
  };
}

std::vector<Fault> body_faults() {
  const std::string head = "HTTP/1.1 200 X\r\nConnection: close\r\n";
  return {
      stored("HTML", "<html>login please</html>"),
      stored("nothing", ""),
      stored("null", "null"),
      stored("a list", "[]"),
      stored("no choices", R"({"object": "chat.completion"})"),
      stored("empty choices", R"({"choices": []})"),
      stored("content null", R"({"choices": [{"message": {"content": null}}]})"),
      stored("content a number", R"({"choices": [{"message": {"content": 7}}]})"),
      stored("a refusal",
             R"({"choices": [{"message": {"content": null, "refusal": "I cannot"}}]})"),
      stored("a tool call", R"({"choices": [{"message": {"content": null, "tool_calls": [{}]}}]})"),
      stored("half a document", half(kGoodBody)),
      stored("deep nesting", nested(100'000)),
      stored("bad UTF-8", "{\"choices\": \"\xff\xfe\"}"),
      stored("a lone surrogate", R"({"choices": "\ud800"})"),
      stored("duplicate keys", R"({"choices": [], "choices": []})"),
      stored("a number beyond all", R"({"choices": 1e400})"),
      stored("an error in a 200", R"({"error": {"message": "no", "code": 400}})"),
      stored("the model failed", completion("SELECT", "error")),
      stored("a stream cut after its first event", kDelta),
      stored("a stream cut inside a line", kDelta + half(kStop)),
      stored("[DONE] without a reason", kDelta + "data: [DONE]\n\n"),
      stored("an answer cut for its length", completion("SELECT 'kept'", "length")),
      stored("a filtered answer", completion("SELECT 'kept'", "content_filter")),
      stored("gzip that nobody asked for", "\x1f\x8b\x08\x00\x00\x00\x00\x00"),
      {"a gzip bomb", Must::store,
       says("HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: "
            "4\r\n\r\n\x1f\x8b\x08\x08")},
      {"an error in a 200 that asks for patience", Must::retry,
       says(http_reply(200, R"({"error": {"message": "slower", "code": 429}})"))},
      {"a body of a gigabyte", Must::store, floods(head + "\r\n", std::string(1U << 20U, 'x'))},
      {"ten thousand headers", Must::store, floods(head, "X-A: b\r\n")},
      {"a header of a megabyte", Must::retry, // curl itself has had enough
       floods(head + "X-A: ", std::string(1U << 16U, 'x'))},
      {"a whole stream", Must::answer, says(http_reply(200, kDelta + kStop + "data: [DONE]\n\n"))},
      {"a stream without [DONE]", Must::answer, says(http_reply(200, kDelta + kStop))},
      {"comments and empty lines first", Must::answer,
       says(http_reply(200, ": PROCESSING\n\n" + kDelta + kStop))},
  };
}

/// One question to a server that does this first and behaves from then on.
struct Aftermath {
  bool candidate = false;
  std::size_t requests = 0;
  double waited_ms = 0;
  std::optional<Exit> exit;
  std::string raw;    ///< everything on record
  std::string spoken; ///< what a user would read
};

std::string on_record(const store::Run& run) {
  std::string all;
  run.each_answer([&](const std::string&, const store::Response& response) {
    all += response.body;
    return true;
  });
  for (const auto& attempt : run.failed_attempts())
    all += attempt.body + attempt.what;
  return all;
}

llm::ModelConfig config_for(const std::string& base_url) {
  llm::ModelConfig config;
  config.provider = "openai";
  config.base_url = base_url;
  config.request_timeout_s = 0.25;
  return config;
}

Aftermath outcome_of(const FakeHttpServer::Script& script, const std::string& scheme = "http") {
  std::mutex mutex;
  std::size_t turn = 0;
  FakeHttpServer server([&](const FakeRequest& request, const FakeConnection& out) {
    const bool first = [&] {
      const std::lock_guard lock(mutex);
      return turn++ == 0;
    }();
    first ? script(request, out) : static_cast<void>(out.send(kGood));
  });
  Stage stage;
  HurriedClock clock;
  store::Run run = stage.open();
  const auto http = make_http_client();
  const llm::ModelConfig config =
      config_for(scheme + "://127.0.0.1:" + std::to_string(server.port()) + "/v1");
  const llm::KeyRing keys{.secret = [](std::string_view) { return kKey; }};
  Model model = prepare_model(config, keys);
  connect(model, config, &run, *http, clock, 1);
  const auto file = stage.folder.path() / "prompt.md";
  real_disk().write_atomic(file, "## user\n{{before}}\n");
  const auto proposer = make_model_proposer({.provider = "openai",
                                             .server = model.provider,
                                             .model = model.access.model,
                                             .engine = "sqlite",
                                             .prompt = task::PromptTemplate::load(file)},
                                            *model.client, stage.cancel);
  const Problems problems;
  const task::Problem problem{.id = "p", .schema = "", .before = "SELECT 1", .needs = {}};
  const Pool pool;
  const std::vector<Tried> tried;
  Aftermath outcome;
  {
    Asking asking(run, *proposer, stage.cancel, clock, 2);
    asking.plan({.iteration = 1,
                 .problem = problem,
                 .count = 1,
                 .pool = pool,
                 .tried = tried,
                 .problems = problems,
                 .rng = Rng(1)});
    asking.send();
    try {
      const auto answers = asking.take();
      outcome.candidate = answers && answers->offers.at(0).candidates.at(0).ok();
      if (answers && !outcome.candidate)
        outcome.spoken = answers->offers.at(0).candidates.at(0).failure().what;
    } catch (const Error& error) {
      outcome.exit = error.exit();
      outcome.spoken = error.format();
    }
  }
  server.release();
  outcome.requests = server.requests().size();
  outcome.waited_ms = clock.skipped_ms();
  outcome.raw = on_record(run);
  outcome.spoken += read_file(stage.out / "run.db");
  return outcome;
}

void check(const Fault& fault) {
  INFO(fault.name.substr(0, 200));
  const Aftermath outcome = outcome_of(fault.script);
  switch (fault.must) {
  case Must::retry:
    CHECK(outcome.candidate);
    CHECK(outcome.requests == 2);
    break;
  case Must::store:
    CHECK_FALSE(outcome.candidate);
    CHECK_FALSE(outcome.exit);
    CHECK(outcome.requests == 1);
    break;
  case Must::answer:
    CHECK(outcome.candidate);
    CHECK(outcome.requests == 1);
    break;
  case Must::end_run:
    CHECK(outcome.exit == Exit::outside);
    CHECK(outcome.requests == 1);
    break;
  }
  if (fault.raw.find(kKey) == std::string::npos)
    CHECK((outcome.raw.find(fault.raw) != std::string::npos));
  CHECK(outcome.waited_ms >= fault.waits_at_least_ms);
  CHECK((outcome.spoken.find(kKey) == std::string::npos));
  CHECK((outcome.raw.find(kKey) == std::string::npos));
}

} // namespace

TEST_CASE("every status a server can say has its outcome", "[loop]") {
  set_log_level(LogLevel::off);
  for (const Fault& fault : status_faults())
    check(fault);
  set_log_level(LogLevel::info);
}

TEST_CASE("an exchange cut at any stage is made again, never taken for whole", "[loop]") {
  set_log_level(LogLevel::off);
  for (const Fault& fault : cut_faults())
    check(fault);
  set_log_level(LogLevel::info);
}

TEST_CASE("a body that is no answer is kept and not asked for again", "[loop]") {
  set_log_level(LogLevel::off);
  for (const Fault& fault : body_faults())
    check(fault);
  set_log_level(LogLevel::info);
}

TEST_CASE("plain text where TLS is expected ends the run, and the key is not sent", "[loop]") {
  set_log_level(LogLevel::off);
  const Aftermath outcome = outcome_of(says(kGood), "https");
  CHECK(outcome.exit == Exit::outside);
  CHECK_FALSE(outcome.candidate);
  set_log_level(LogLevel::info);
}

TEST_CASE("there are more than sixty faults", "[loop]") {
  CHECK(status_faults().size() + cut_faults().size() + body_faults().size() == 76);
}
