// Whole small runs of supervised fine-tuning.
#include "catch.hpp"

#include <csignal>
#include <deque>
#include <fstream>
#include <sys/resource.h>

#include <ATen/ATen.h>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/network.hpp"
#include "quill/model/nf4.hpp"
#include "quill/model/safetensors.hpp"
#include "quill/model/tokenizer.hpp"
#include "quill/model/weights.hpp"
#include "quill/train/sft.hpp"
#include "quill/train/trainee.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

model::Shape tiny_shape() {
  model::Shape shape;
  shape.layers = 2;
  shape.hidden = 16;
  shape.inner = 24;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_width = 8;
  shape.vocabulary = 259;
  shape.positions_max = 128;
  shape.tied = true;
  return shape;
}

/// A model of bytes with random weights, and a few lines to learn.
class Workplace {
 public:
  Workplace() {
    set_log_level(LogLevel::off);
    fs::create_directory(model());
    const auto shape = tiny_shape();
    model::write_random_weights(model(), shape, 0.3, 7);
    write(model() / "config.json", dump_json(model::shape_json(shape)));
    write(model() / "tokenizer.json",
          dump_json(
              model::train_tokenizer("", 259, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"})));
    write(model() / "tokenizer_config.json",
          dump_json(Json{{"chat_template", model::kChatmlTemplate}}));
    write(model() / "generation_config.json", R"({"eos_token_id": [258]})");
    std::string lines;
    for (int i = 0; i < 24; ++i)
      lines +=
          dump_json(Json{{"prompt", std::string(static_cast<std::size_t>(i % 5) + 1, 'a')},
                         {"completion", std::string(static_cast<std::size_t>(i % 7) + 1, 'b')}}) +
          "\n";
    write(data(), lines);
  }
  ~Workplace() { set_log_level(LogLevel::info); }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  [[nodiscard]] fs::path model() const { return folder_.path() / "model"; }
  [[nodiscard]] fs::path data() const { return folder_.path() / "data.jsonl"; }
  [[nodiscard]] fs::path out(const std::string& name) const { return folder_.path() / name; }

  [[nodiscard]] SftConfig config(const std::string& name) const {
    SftConfig config;
    config.trainee.model = model();
    config.trainee.rank = 4;
    config.trainee.threads = 1;
    config.data = {data().string()};
    config.run.out = out(name);
    config.batch = 4;
    config.steps = 6;
    config.optimizer.learning_rate = 1e-2;
    return config;
  }

 private:
  ScratchFolder folder_;
};

TrainSummary run(const SftConfig& config) {
  const Cancel cancel;
  const ManualClock clock;
  return train_sft(config,
                   {.cancel = cancel, .clock = clock, .command_line = "test", .on_step = {}});
}

/// The loss of each step.
std::vector<double> losses(const fs::path& run) {
  std::vector<double> losses;
  read_jsonl(run / "metrics.jsonl", [&](const Json& line, std::size_t) {
    losses.push_back(line.at("loss").get<double>());
  });
  return losses;
}

void check_near(const std::vector<double>& a, const std::vector<double>& b, double margin) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(a[i] == Approx(b[i]).margin(margin));
}

} // namespace

TEST_CASE("the loss falls, and an adapter is left that loads", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.steps = 30;
  const TrainSummary summary = run(config);
  const auto curve = losses(work.out("run"));
  CHECK(curve.size() == 30);
  CHECK(curve.back() < curve.front() * 0.8);
  CHECK(summary.path == work.out("run") / "adapter");
  auto network = model::Network::load(work.model(), {});
  CHECK(model::load_adapter(network, summary.path).rank == 4);
}

TEST_CASE("what is calculated again changes no bit, with dropout too", "[train]") {
  const Workplace work;
  for (const double dropout : {0.0, 0.3}) {
    const std::string name = dropout > 0 ? "dropout-" : "";
    for (const char* recompute : {"none", "mlp", "block"}) {
      SftConfig config = work.config(name + recompute);
      config.trainee.recompute = recompute;
      config.trainee.dropout = dropout;
      (void)run(config);
      CHECK(losses(work.out(name + recompute)) == losses(work.out(name + "none")));
    }
  }
}

TEST_CASE("8 x 1, 4 x 2 and 1 x 8 are the same step", "[train]") {
  const Workplace work;
  for (const std::int64_t batch : {8, 4, 1}) {
    SftConfig config = work.config(std::to_string(batch));
    config.batch = batch;
    config.accumulate = 8 / batch;
    config.epochs = 2; // 24 samples: 3 steps each, the last as large as the others
    config.steps = std::nullopt;
    (void)run(config);
  }
  check_near(losses(work.out("4")), losses(work.out("8")), 1e-5);
  check_near(losses(work.out("1")), losses(work.out("8")), 1e-5);
}

TEST_CASE("samples packed into rows learn what they learn one by one", "[train]") {
  const Workplace work;
  SftConfig packed = work.config("packed");
  packed.packing = "best-fit";
  packed.length_max = 64;
  packed.batch = 100; // every row of the epoch in one step
  packed.steps = std::nullopt;
  SftConfig separate = packed;
  separate.run.out = work.out("separate");
  separate.packing = "off";
  separate.batch = 1;
  separate.accumulate = 24;
  (void)run(packed);
  (void)run(separate);
  REQUIRE(losses(work.out("packed")).size() == 1);
  check_near(losses(work.out("packed")), losses(work.out("separate")), 1e-5);
}

TEST_CASE("a run that was stopped goes on to the same bits", "[train]") {
  const Workplace work;
  SftConfig whole = work.config("whole");
  whole.trainee.dropout = 0.2;
  (void)run(whole);
  SftConfig stopped = whole;
  stopped.run.out = work.out("stopped");
  stopped.run.checkpoint_every = 2;
  {
    Cancel cancel;
    const ManualClock clock;
    const auto ask_at_3 = [&](const StepFigures& figures) {
      if (figures.step == 3)
        cancel.request();
    };
    const auto half = train_sft(
        stopped, {.cancel = cancel, .clock = clock, .command_line = "t", .on_step = ask_at_3});
    CHECK(half.stopped);
    CHECK(half.steps == 3);
  }
  stopped.run.resume = true;
  CHECK_FALSE(run(stopped).stopped);
  CHECK(losses(work.out("stopped")) == losses(work.out("whole")));
  const auto weights = [&](const char* run) {
    return read_file(work.out(run) / "adapter/adapter_model.safetensors");
  };
  CHECK(weights("stopped") == weights("whole"));
}

namespace {

/// The model with each map's values as four bits keep them.
void write_unpacked(const fs::path& from, const fs::path& to) {
  fs::copy(from, to);
  const model::Checkpoint base(from);
  std::deque<torch::Tensor> values;
  std::vector<model::TensorView> views;
  for (const auto& [name, view] : base.tensors()) {
    views.push_back(view);
    if (name.find("_proj.weight") == std::string::npos)
      continue;
    auto* bytes = const_cast<std::byte*>(view.bytes.data());
    const auto weight = torch::from_blob(bytes, view.shape, torch::kFloat32);
    values.push_back(model::values_of(model::nf4_of(weight, true), torch::kFloat32));
    views.back().bytes = {static_cast<const std::byte*>(values.back().const_data_ptr()),
                          view.bytes.size()};
  }
  model::write_safetensors(to / "model.safetensors", std::move(views));
}

} // namespace

TEST_CASE("qlora learns over four bits what lora learns over the values they stand for",
          "[train]") {
  const Workplace work;
  write_unpacked(work.model(), work.out("unpacked"));
  for (const char* targets : {"all-linear", "q_proj"}) { // with maps that get no low-rank part too
    const std::string name = targets;
    SftConfig packed = work.config("packed-" + name);
    packed.trainee.method = "qlora";
    packed.trainee.targets = {name};
    SftConfig plain = work.config("plain-" + name);
    plain.trainee.model = work.out("unpacked");
    plain.trainee.targets = {name};
    (void)run(packed);
    (void)run(plain);
    CHECK(losses(work.out("packed-" + name)) == losses(work.out("plain-" + name)));
    const auto weights = [&](const std::string& run) {
      return read_file(work.out(run + name) / "adapter/adapter_model.safetensors");
    };
    CHECK(weights("packed-") == weights("plain-"));
  }
}

TEST_CASE("full fine-tuning leaves a model that loads and knows more", "[train]") {
  const Workplace work;
  SftConfig config = work.config("full");
  config.trainee.method = "full";
  config.steps = 20;
  const TrainSummary summary = run(config);
  CHECK(losses(work.out("full")).back() < losses(work.out("full")).front() * 0.5);
  CHECK(summary.path == work.out("full") / "model");
  CHECK(summary.parameters == tiny_shape().parameters());
  const auto trained = model::Network::load(summary.path, {});
  const auto start = model::Network::load(work.model(), {});
  CHECK_FALSE(at::equal(trained.output(), start.output()));
}

TEST_CASE("the best of all evaluations is kept", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.eval_data = work.data();
  config.eval_every = 2;
  const TrainSummary summary = run(config);
  REQUIRE(summary.eval_loss_best);
  CHECK(*summary.eval_loss_best <= *summary.eval_loss);
  CHECK(fs::exists(work.out("run") / "best/adapter_model.safetensors"));
}

TEST_CASE("a loss that is no number ends the run, and nothing of it is saved", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.trainee.method = "full";
  config.optimizer.learning_rate = 10;
  config.optimizer.epsilon = 1e-20;
  config.optimizer.clip = 0;
  config.optimizer.warmup = 0;
  config.optimizer.weight_decay = 10; // w - lr · 10 · w grows by 99 a step: overflow after twenty
  config.optimizer.schedule = "constant";
  config.steps = 60;
  const auto text = refusal(Exit::usage, [&] { (void)run(config); });
  CHECK(text.what.find("nothing of this step was kept") != std::string::npos);
  CHECK(text.fix.find("--learning-rate") != std::string::npos);
  CHECK_FALSE(fs::exists(work.out("run") / "model"));
}

namespace {

/// No file of this process grows beyond `bytes` while it lives: to a writer, a disk that is full.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : old_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit small{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_signal_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit old_{};
  void (*old_signal_)(int);
};

} // namespace

TEST_CASE("a disk that is full at a checkpoint: the one before is whole, and goes on", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.run.checkpoint_every = 2;
  {
    std::optional<SmallDisk> disk; // the moments of 4 x 16 columns take more
    const Cancel cancel;
    const ManualClock clock;
    const auto fill_at_3 = [&](const StepFigures& figures) {
      if (figures.step == 3)
        disk.emplace(8'000);
    };
    const auto text = refusal(Exit::storage, [&] {
      (void)train_sft(
          config, {.cancel = cancel, .clock = clock, .command_line = "test", .on_step = fill_at_3});
    });
    CHECK_THAT(text.what, Catch::StartsWith("cannot write the file: write failed"));
    CHECK_THAT(text.where, Catch::Contains("step-00000004"));
    CHECK(text.fix == "free some space, or give a smaller --keep; then run again with --resume: "
                      "the checkpoint of step 2 is whole");
  }
  config.run.resume = true;
  CHECK(run(config).steps == 6);
}

TEST_CASE("an adapter of another base is refused by tensor and shape", "[train]") {
  const Workplace work;
  SftConfig first = work.config("first");
  first.steps = 1;
  (void)run(first);
  const fs::path other = work.out("wider");
  fs::copy(work.model(), other);
  auto shape = tiny_shape();
  shape.inner = 32;
  model::write_random_weights(other, shape, 0.3, 7);
  write(other / "config.json", dump_json(model::shape_json(shape)));
  SftConfig config = work.config("run");
  config.trainee.model = other;
  config.trainee.adapter = work.out("first") / "adapter";
  const auto text = refusal(Exit::usage, [&] { (void)run(config); });
  CHECK(text.what == "tensor \"base_model.model.model.layers.0.mlp.gate_proj.lora_B.weight\" is "
                     "[24, 4]; allowed: [32, 4], by its configuration and the network");
}

TEST_CASE("a run that cannot fit is refused before anything is written", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.run.memory_mb = 1;
  const auto text = refusal(Exit::usage, [&] { (void)run(config); });
  CHECK_THAT(text.what, Catch::EndsWith("and 1 MB are free"));
  CHECK_FALSE(fs::exists(work.out("run")));
}

TEST_CASE("whoever looks on hears where a run begins, and how near each step is to the peak",
          "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  const Cancel cancel;
  std::vector<std::int64_t> begins;
  std::optional<double> share;
  const TrainContext context{
      .cancel = cancel,
      .clock = system_clock(),
      .command_line = "test",
      .on_step = [&](const StepFigures& figures) { share = figures.peak_share; },
      .on_begin =
          [&](std::int64_t done, std::int64_t steps) {
            begins.push_back(done);
            begins.push_back(steps);
          }};
  (void)train_sft(config, context);
  config.run.resume = true;
  (void)train_sft(config, context);
  CHECK(begins == std::vector<std::int64_t>{0, 6, 6, 6});
  REQUIRE(share);
  CHECK(*share > 0);
}

TEST_CASE("an unknown target names the known ones", "[train]") {
  const Workplace work;
  SftConfig config = work.config("run");
  config.trainee.targets = {"q_pro"};
  const auto text = refusal(Exit::usage, [&] { (void)run(config); });
  CHECK(text.what == "--targets has \"q_pro\"; allowed: all-linear alone, or of q_proj, k_proj, "
                     "v_proj, o_proj, gate_proj, up_proj, down_proj");
  CHECK(text.fix == "did you mean \"q_proj\"?");
}
