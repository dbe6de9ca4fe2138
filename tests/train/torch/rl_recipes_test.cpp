// Whole small runs of GRPO, DPO and PPO: what was sampled is what is learned from, and a run that
// was stopped goes on as if it had not been.
#include "catch.hpp"

#include <fstream>
#include <thread>

#include "free_port.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/core/log.hpp"
#include "quill/engine/alter.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/config.hpp"
#include "quill/model/weights.hpp"
#include "quill/train/dpo.hpp"
#include "quill/train/grpo.hpp"
#include "quill/train/ppo.hpp"

using namespace quill;
using namespace quill::train;

namespace {

namespace fs = std::filesystem;

/// A reward that differs from answer to answer, though none of them is SQL: the bytes of its line.
constexpr const char* kByLength =
    R"sh(while read -r line; do echo "{\"reward\": ${#line}}"; done)sh";

/// A model of bytes with random weights, questions about a database, and pairs.
class Workplace {
 public:
  Workplace() {
    set_log_level(LogLevel::off);
    make_folder(model());
    model::Shape shape;
    shape.layers = 2;
    shape.hidden = 16;
    shape.inner = 24;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.head_width = 8;
    shape.vocabulary = 259;
    shape.positions_max = 256;
    shape.tied = true;
    model::write_random_weights(model(), shape, 0.3, 7);
    write("model/config.json", model::shape_json(shape));
    write("model/tokenizer.json",
          model::train_tokenizer("", 259, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}));
    write("model/tokenizer_config.json", Json{{"chat_template", model::kChatmlTemplate}});
    write("model/generation_config.json", Json{{"eos_token_id", {258}}});
    real_disk().write_atomic(at("empty.sqlite"), "");
    engine::alter_copy(at("empty.sqlite"), at("d.sqlite"),
                       "CREATE TABLE t(n INTEGER); INSERT INTO t VALUES (1)");
    std::string questions, pairs;
    for (int i = 0; i < 4; ++i) {
      questions += dump_json(Json{{"id", std::to_string(i)},
                                  {"db_id", "d"},
                                  {"question", "which?"},
                                  {"gold", "SELECT n FROM t"}}) +
                   "\n";
      pairs +=
          dump_json(Json{{"prompt", "which?"}, {"chosen", "yes"}, {"rejected", "not at all"}}) +
          "\n";
    }
    real_disk().write_atomic(at("questions.jsonl"), questions);
    real_disk().write_atomic(at("pairs.jsonl"), pairs);
    real_disk().write_atomic(at("prompt.md"), "## user\n{{schema}}{{question}}{{evidence}}\n");
  }
  ~Workplace() { set_log_level(LogLevel::info); }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  [[nodiscard]] fs::path at(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] fs::path model() const { return at("model"); }

  /// Settings that all three share.
  template <class Config> [[nodiscard]] Config config(const std::string& name) const {
    Config config;
    config.trainee.model = model();
    config.trainee.rank = 4;
    config.trainee.threads = 1;
    config.optimizer.learning_rate = 1e-2;
    config.optimizer.warmup = 0;
    config.run.out = at(name);
    config.run.checkpoint_every = 1;
    config.steps = 4;
    return config;
  }
  template <class Config> [[nodiscard]] Config asking(const std::string& name) const {
    auto made = config<Config>(name);
    made.rollout.data = at("questions.jsonl");
    made.rollout.databases = folder_.path();
    made.rollout.prompt = at("prompt.md");
    made.rollout.exercises = 2;
    made.rollout.generations = 3;
    made.rollout.tokens_max = 6;
    made.rollout.temperature = 0.8;
    made.rollout.top_p = 0.95;
    made.reward.command = kByLength;
    made.batch = 4;
    made.iterations = 2;
    return made;
  }

 private:
  void write(const std::string& name, const Json& value) const {
    real_disk().write_atomic(at(name), dump_json(value));
  }
  ScratchFolder folder_{"quill-rl"};
};

const Cancel kNever;

TrainContext context(const Cancel& cancel = kNever) {
  return {.cancel = cancel, .clock = system_clock(), .command_line = "", .on_step = {}};
}

/// Figures by step, without those of the clock.
std::vector<Json> figures_of(const fs::path& run) {
  std::vector<Json> lines;
  read_jsonl(run / "metrics.jsonl", [&](const Json& line, std::size_t) {
    Json kept = line;
    for (const char* clock :
         {"tokens_per_second", "sampling_seconds", "judging_seconds", "judging_wait_seconds"})
      kept.erase(clock);
    lines.push_back(std::move(kept));
  });
  return lines;
}

/// Stops a run after its first step, in the middle of a round, and goes on.
template <class Config, class Train>
void check_resumed_run_repeats(const Workplace& place, Config config, const Train& train) {
  (void)train(config, context());
  const auto whole = figures_of(config.run.out);
  REQUIRE(whole.size() == 4);
  const std::string weights = sha256_file(config.run.out / "adapter" / "adapter_model.safetensors");
  config.run.out = place.at("stopped");
  Cancel cancel;
  auto stopping = context(cancel);
  stopping.on_step = [&](const StepFigures&) { cancel.request(); };
  CHECK(train(config, stopping).stopped);
  config.run.resume = true;
  CHECK(train(config, context()).steps == 4);
  CHECK(figures_of(config.run.out) == whole);
  CHECK(sha256_file(config.run.out / "adapter" / "adapter_model.safetensors") == weights);
}

double number(const Json& value) {
  return value.get<double>();
}

/// Two processes, here threads, each with its own connections: their figures are those of one.
template <class Config, class Train>
void check_two_are_one(const Workplace& place, Config config, const Config& alone,
                       const Train& train) {
  (void)train(alone, context());
  const auto one = figures_of(alone.run.out);
  config.run.out = place.at("two");
  const std::int64_t port = quill::test::free_port();
  const auto member = [&](std::int64_t rank) {
    auto mine = context();
    mine.place = {.rank = rank, .size = 2, .host = "127.0.0.1", .port = port};
    (void)train(config, mine);
  };
  std::thread other([&] { member(1); });
  member(0);
  other.join();
  const auto two = figures_of(config.run.out);
  REQUIRE(two.size() == one.size());
  for (std::size_t step = 0; step < one.size(); ++step)
    for (const auto& [name, value] : one[step].items()) {
      INFO(name << " of step " << step + 1);
      CHECK(number(two[step][name]) == Approx(number(value)).epsilon(1e-5).margin(1e-5));
    }
}

} // namespace

TEST_CASE("two processes sample, judge and learn as one does: GRPO", "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("one");
  config.loss.beta = 0.1;
  config.loss.loss = GENERATE("dapo", "bnpo");
  config.trainee.dropout = 0.1;
  check_two_are_one(place, config, config, train_grpo);
}

TEST_CASE("two processes sample, judge and learn as one does: answers sampled ahead", "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("one");
  config.iterations = 1;
  config.asynchronous = true;
  check_two_are_one(place, config, config, train_grpo);
}

TEST_CASE("two processes sample, judge and learn as one does: PPO", "[train]") {
  const Workplace place;
  const auto config = place.asking<PpoConfig>("one");
  check_two_are_one(place, config, config, train_ppo);
}

TEST_CASE("two processes learn from pairs as one does", "[train]") {
  const Workplace place;
  auto config = place.config<DpoConfig>("one");
  config.data = {place.at("pairs.jsonl").string()};
  config.batch = 1;
  auto alone = config;
  alone.accumulate = 2;
  check_two_are_one(place, config, alone, train_dpo);
}

TEST_CASE("sampler and trainer agree on every token, at T 0.8 and top_p 0.95", "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("run");
  config.iterations = 1;
  config.loss.beta = 0.1; // so that every answer is looked at
  (void)train_grpo(config, context());
  const auto figures = figures_of(place.at("run"));
  REQUIRE(figures.size() == 4);
  for (const Json& step : figures) {
    CHECK(step["logprob_drift"].get<double>() < 1e-4);
    CHECK(step["ratio"].get<double>() == Approx(1).epsilon(1e-4));
    CHECK(step["skipped"] == 0);
  }
  CHECK(figures[0]["kl"].get<double>() == Approx(0).margin(1e-6)); // nothing is learned yet
  CHECK(figures[3]["kl"].get<double>() > 0);
}

TEST_CASE("a run of GRPO that was stopped between two steps on a round goes on to the same bits",
          "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("whole");
  config.loss.beta = 0.1;
  check_resumed_run_repeats(place, config, train_grpo);
}

TEST_CASE("a run of PPO that was stopped between two steps on a round goes on to the same bits",
          "[train]") {
  const Workplace place;
  check_resumed_run_repeats(place, place.asking<PpoConfig>("whole"), train_ppo);
}

TEST_CASE("a query that fails is told why and tries again, and learns only what it wrote",
          "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("run");
  config.iterations = 1;
  config.steps = 1;
  config.turns = 2;
  config.loss.beta = 0.1; // so that every answer is looked at
  config.reward.command =
      R"sh(while read -r line; do echo "{\"reward\": ${#line}, \"error\": \"no such table\"}"; done)sh";
  (void)train_grpo(config, context());
  read_jsonl(
      place.at("run") / "rollouts" / "round-00000001.jsonl", [&](const Json& line, std::size_t) {
        const auto answer = completion_from_json(parse_json(dump_json(line), "line"), "line");
        REQUIRE(answer.told.size() == 1);
        const auto [first, last] = answer.told.front();
        CHECK(last < answer.ids.size());
        for (std::size_t i = 0; i < answer.ids.size(); ++i)
          CHECK((answer.logprobs[i] == 0) == (first <= i && i < last));
      });
  const Json step = figures_of(place.at("run")).front();
  CHECK(step["turns"] == 2.0);
  CHECK(step["logprob_drift"].get<double>() < 1e-4); // the trainer reads what the sampler had read
}

TEST_CASE("asynchronous answers are one step old, and the ratio says so", "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("run");
  config.iterations = 1;
  config.asynchronous = true;
  CHECK(train_grpo(config, context()).steps == 4);
  const auto figures = figures_of(place.at("run"));
  CHECK(figures[0]["logprob_drift"].get<double>() < 1e-4); // nothing was learned before the first
  for (std::size_t step = 1; step < 4; ++step)
    CHECK(figures[step]["logprob_drift"].get<double>() > 1e-3);
}

TEST_CASE("every answer of a round is on disk with its reward and why", "[train]") {
  const Workplace place;
  auto config = place.asking<GrpoConfig>("run");
  config.reward.command.clear();
  config.steps = 1;
  (void)train_grpo(config, context());
  std::size_t answers = 0;
  read_jsonl(place.at("run") / "rollouts" / "round-00000001.jsonl",
             [&](const Json& line, std::size_t) {
               ++answers;
               CHECK(line["reward"].is_number());
               CHECK(line["parts"].size() == 3);
               CHECK(line["ids"].size() == line["logprobs"].size());
               CHECK_FALSE(line["why"].get<std::string>().empty());
             });
  CHECK(answers == 6); // 2 questions · 3 answers
}

TEST_CASE("DPO makes the better answers likelier than the worse", "[train]") {
  const Workplace place;
  auto config = place.config<DpoConfig>("run");
  config.data = {place.at("pairs.jsonl").string()};
  config.batch = 2;
  config.steps = 8;
  (void)train_dpo(config, context());
  const auto figures = figures_of(place.at("run"));
  CHECK(figures[0]["loss"].get<double>() == Approx(0.693147)); // log 2: policy and reference agree
  CHECK(figures[0]["reward_margin"].get<double>() == Approx(0).margin(1e-6));
  CHECK(figures[7]["loss"].get<double>() < 0.6);
  CHECK(figures[7]["reward_accuracy"] == 1.0);
}

TEST_CASE("a run of DPO that was stopped keeps its reference", "[train]") {
  const Workplace place;
  auto config = place.config<DpoConfig>("whole");
  config.data = {place.at("pairs.jsonl").string()};
  check_resumed_run_repeats(place, config, train_dpo);
}
