// The whole loop on real rooms: a small shop, the built-in rules or a model behind a fake HTTP
// client.
#include "quill/loop/restem.hpp"

#include "catch.hpp"

#include <mutex>

#include <map>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/core/http.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/loop/analyze.hpp"
#include "quill/store/run.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using namespace quill::loop;
namespace fs = std::filesystem;

namespace {

/// 100 users and 500 orders, built once for all tests of this file.
const fs::path& small_shop() {
  static const ScratchFolder folder;
  static const fs::path file = [] {
    auto blueprint = engine::Blueprint::load("shop");
    blueprint.resize("users", 100);
    blueprint.resize("orders", 500);
    const Cancel cancel;
    engine::build_database(blueprint, 42, folder.path() / "shop.db", false, cancel);
    return folder.path() / "shop.db";
  }();
  return file;
}

/// Says the same to everybody, however many ask at once; counts.
class FakeHttp final : public HttpClient {
 public:
  Result<HttpReply, HttpFailure> send(const HttpRequest& request, const Cancel&) override {
    const std::lock_guard lock(mutex);
    ++sent;
    last = request;
    return HttpReply{.status = status, .body = body, .headers = {}};
  }
  long status = 200;
  std::string body;
  int sent = 0;
  HttpRequest last;
  std::mutex mutex;
};

struct World {
  ScratchFolder folder;
  Cancel cancel;
  ManualClock clock;
  FakeHttp http;
  RestemContext context{.cancel = cancel,
                        .clock = clock,
                        .http = http,
                        .keys = {.secret = [](std::string_view) { return "sk-0123456789"; },
                                 .base_url_layer = Layer::preset},
                        .command_line = "quill restem --measure steps",
                        .on_iteration = {}};
  RestemConfig config;

  World() {
    config.db = small_shop();
    config.out = folder.path() / "run";
    config.iterations = 3;
    config.candidates = 2;
    config.checkpoint_every = 2;
    config.judge.measure = "steps";
    config.judge.trust = "fast"; // one test below proves too
  }
  RestemSummary run() { return run_restem(config, context); }
  std::string file(const char* name) const { return read_file(config.out / name); }
};

ErrorText refusal(World& world, Exit exit = Exit::usage) {
  try {
    (void)world.run();
  } catch (const Error& error) {
    CHECK(error.exit() == exit);
    return error.text();
  }
  FAIL("the run was accepted");
  return {};
}

} // namespace

TEST_CASE("by default every kept example was proved", "[loop]") {
  World world;
  world.config.judge.trust = RestemConfig().judge.trust;
  CHECK(world.config.judge.trust == "full");
  world.config.iterations = 1;
  world.config.judge.timeout_ms = 1000;
  const RestemSummary summary = world.run();
  CHECK(summary.trust == "full");
  CHECK(summary.totals.kept > 0);
  CHECK(to_json(summary)["trust"] == "full");
}

TEST_CASE("a run without a key finds faster queries and leaves its files", "[loop]") {
  World world;
  const RestemSummary summary = world.run();
  CHECK(summary.exit == Exit::ok);
  CHECK(summary.totals.iterations == 3);
  CHECK(summary.totals.asked == 6);
  CHECK(summary.totals.kept > 0);
  CHECK(*summary.totals.cost_usd == 0);
  CHECK_FALSE(summary.totals.elapsed_ms); // steps: nothing of the clock
  for (const char* name :
       {"run.db", "training_data.json", "metrics.json", "checkpoint_2.json", "checkpoint_3.json"})
    CHECK(fs::exists(world.config.out / name));

  const Json examples = parse_json(world.file("training_data.json"), "training_data.json");
  CHECK(static_cast<std::int64_t>(examples.size()) == summary.totals.examples);
  for (const Json& example : examples) {
    CHECK(example["speedup"].get<double>() >= 1.5);
    CHECK(example["measure"] == "steps");
    CHECK(example["reward"].get<double>() >= 0.25);
  }
  const Json json = to_json(summary);
  CHECK(json["status"] == "done");
  CHECK(json["kept"] == summary.totals.kept);
}

TEST_CASE("the same seed gives the same bytes in another folder", "[loop]") {
  World one, two;
  (void)one.run();
  (void)two.run();
  for (const char* name : {"training_data.json", "metrics.json", "checkpoint_2.json"})
    CHECK(one.file(name) == two.file(name));
}

TEST_CASE("Ctrl-C saves and tells the command that goes on; the end is the same", "[loop]") {
  World whole, stopped;
  (void)whole.run();
  stopped.context.on_iteration = [&](const IterationMetrics& one, const Totals&) {
    if (one.iteration == 1)
      stopped.cancel.request();
  };
  const RestemSummary first = stopped.run();
  CHECK(first.exit == Exit::interrupted);
  CHECK(first.resume_command == "quill restem --measure steps --resume");
  CHECK(first.reason == "stopped after iteration 1 of 3; everything so far is saved");

  stopped.cancel.request(0);
  stopped.config.resume = true;
  CHECK(stopped.run().exit == Exit::ok);
  for (const char* name : {"training_data.json", "metrics.json", "checkpoint_3.json"})
    CHECK(stopped.file(name) == whole.file(name));
}

TEST_CASE("a second start needs --resume, and the same settings", "[loop]") {
  World world;
  (void)world.run();
  CHECK(refusal(world).fix == "add --resume to the same command to go on, or give another --out");
  world.config.resume = true;
  world.config.candidates = 3;
  CHECK(refusal(world).what ==
        "the run was started with other settings: restem.candidates (was \"2\", now \"3\")");
  world.config.candidates = 2;
  world.config.require_kept = 1; // an exit rule may change
  CHECK(world.run().exit == Exit::ok);
}

TEST_CASE("--require-kept and --require-success turn a poor run into exit 1", "[loop]") {
  World world;
  world.config.require_kept = 7; // of 6 asked for
  const RestemSummary summary = world.run();
  CHECK(summary.exit == Exit::negative);
  CHECK(summary.reason ==
        "kept " + std::to_string(summary.totals.kept) + " of the 7 that --require-kept asks for");
}

TEST_CASE("a blueprint is built in the run folder, and again when it is lost", "[loop]") {
  World world;
  world.config.db.clear();
  const fs::path tiny = world.folder.path() / "tiny.json";
  std::string blueprint = read_file(shipped_folder() / "blueprints" / "shop.json");
  const std::size_t size = blueprint.find("10000"); // users; orders come per user
  REQUIRE(size != std::string::npos);
  real_disk().write_atomic(tiny, blueprint.replace(size, 5, "50"));
  world.config.blueprint = tiny.string();
  world.config.iterations = 0;
  CHECK(world.run().totals.iterations == 0);
  const std::string sha = sha256_file(world.config.out / "database.db");
  fs::remove(world.config.out / "database.db");
  world.config.resume = true;
  (void)world.run();
  CHECK(sha256_file(world.config.out / "database.db") == sha);
}

TEST_CASE("a database that is missing or none leaves no run behind that blocks the next start",
          "[loop]") {
  World world;
  world.config.db = world.folder.path() / "nowhere.db";
  (void)refusal(world);
  real_disk().write_atomic(world.folder.path() / "text.db", "not a database");
  world.config.db = world.folder.path() / "text.db";
  (void)refusal(world);
  world.config.db = small_shop();
  CHECK(world.run().exit == Exit::ok); // without --resume
}

TEST_CASE("a model's answers are judged like any other, its raw answers are kept", "[loop]") {
  World world;
  world.config.llm.provider = "openai";
  world.config.iterations = 2;
  world.config.candidates = 2;
  const Json answer{{"after", "SELECT 1"}, {"explanation", "wrong on purpose"}};
  world.http.body = dump_json(Json{
      {"choices",
       Json::array({{{"index", 0},
                     {"message", {{"role", "assistant"}, {"content", dump_json(answer)}}},
                     {"finish_reason", "stop"}}})},
      {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}, {"total_tokens", 1100}}}});
  const RestemSummary summary = world.run();
  CHECK(world.http.sent == 4);
  CHECK(world.http.last.url == "https://api.openai.com/v1/chat/completions");
  CHECK(summary.totals.kept == 0);
  CHECK(summary.totals.duplicates == 2); // the second of each iteration
  CHECK(*summary.totals.prompt_tokens == 4'000);
  // 4·(1000·0.15 + 100·0.60) / 1e6 USD
  CHECK(*summary.totals.cost_usd == Approx(0.00084));

  const auto record = store::read_run(world.config.out);
  CHECK(record.candidates.size() == 20 + 4);
  world.config.resume = true;
  (void)world.run();
  CHECK(world.http.sent == 4); // nothing that was paid for is asked again
}

TEST_CASE("a model's opinions on readability are counted, and asked for once", "[loop]") {
  World world;
  world.config.judge.readability = "llm";
  world.config.judge_provider = "openai";
  world.http.body = dump_json(
      Json{{"choices", Json::array({{{"message", {{"content", R"({"score": 2, "reason": "r"})"}}},
                                     {"finish_reason", "stop"}}})},
           {"usage", {{"prompt_tokens", 1000}, {"completion_tokens", 100}}}});
  const RestemSummary summary = world.run();
  CHECK(summary.totals.judged_by_model > 0);
  CHECK(world.http.sent == 2 * summary.totals.judged_by_model); // each in both orders
  CHECK(summary.totals.judge_agreement().has_value());
  CHECK(*summary.totals.cost_usd > 0); // the rules cost nothing, their judge does
  for (const auto& row : store::read_run(world.config.out).examples)
    CHECK(parse_json(row.example, "example")["readability"] ==
          0); // always "the second": no opinion
  world.config.resume = true;
  const int sent = world.http.sent;
  (void)world.run();
  CHECK(world.http.sent == sent);
}

TEST_CASE("when the judge's model talks nonsense, the offline judge stands in", "[loop]") {
  World world, offline;
  world.config.judge.readability = "llm";
  world.config.judge_provider = "openai";
  world.http.body = "<html>";
  const RestemSummary summary = world.run();
  CHECK(summary.exit == Exit::ok);
  CHECK(summary.totals.judged_by_model == 0);
  CHECK(*summary.totals.reward_mean == *offline.run().totals.reward_mean);
}

TEST_CASE("a refused key ends with exit 3 and the run can go on", "[loop]") {
  World world;
  world.config.llm.provider = "openai";
  world.config.iterations = 1;
  world.http.status = 401;
  world.http.body = R"({"error": {"message": "Incorrect API key"}})";
  const ErrorText text = refusal(world, Exit::outside);
  CHECK(text.fix.find("--resume") != std::string::npos);
  CHECK(store::has_run(world.config.out));
}

TEST_CASE("an analysis reads what the run left", "[loop]") {
  World world;
  const RestemSummary summary = world.run();
  AnalyzeConfig config;
  config.run = world.config.out;
  const Analysis analysis = analyze(config);
  CHECK(analysis.finished);
  CHECK(to_json(analysis.totals) == to_json(summary.totals));
}

TEST_CASE("stage 2 without a key writes slow queries of its own and keeps one example of each",
          "[loop]") {
  World world;
  world.config.stage = 2;
  world.config.iterations = 5;
  world.config.candidates = 2;
  const RestemSummary first = world.run();
  CHECK(first.exit == Exit::ok);
  CHECK(first.totals.distinct >= 3);
  CHECK(first.totals.before_diversity == Approx(1.0));
  CHECK(first.totals.seeds == 0);
  const Json examples = parse_json(world.file("training_data.json"), "it");
  for (const Json& example : examples)
    CHECK_FALSE(example["explanation"].get<std::string>().empty());

  World again;
  again.config.stage = 2;
  again.config.iterations = 5;
  again.config.candidates = 2;
  (void)again.run();
  CHECK(again.file("training_data.json") == world.file("training_data.json"));
}

TEST_CASE("stage 2 takes several blueprints, each with its database in the run folder",
          "[loop][slow]") {
  World world;
  world.config.db.clear();
  world.config.blueprint = "hr,school";
  world.config.stage = 2;
  world.config.iterations = 4;
  world.config.candidates = 1;
  CHECK(world.run().totals.iterations == 4);
  CHECK(fs::exists(world.config.out / "databases" / "hr.db"));
  CHECK(fs::exists(world.config.out / "databases" / "school.db"));
}

TEST_CASE("a model is asked for a slow query first, then for faster ones", "[loop]") {
  World world;
  world.config.stage = 2;
  world.config.iterations = 1;
  world.config.candidates = 1;
  world.config.llm.provider = "openai";
  // It says the same to both questions: no faster, but judged.
  world.http.body = R"({"choices": [{"message": {"content":
      "```sql\nSELECT count(*) FROM users\n```"}, "finish_reason": "stop"}],
      "usage": {"prompt_tokens": 10, "completion_tokens": 5}})";
  const RestemSummary summary = world.run();
  CHECK(world.http.sent == 2);
  CHECK(summary.totals.asked == 1);
  CHECK(summary.totals.prompt_tokens == 20);
  CHECK(world.http.last.body.find("SELECT count(*) FROM users") != std::string::npos);
}
