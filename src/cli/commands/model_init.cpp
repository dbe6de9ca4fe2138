// quill model init — a new model with random weights.
#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/tokenizer.hpp"
#include "quill/model/weights.hpp"

namespace quill::cli {

namespace {

constexpr const char* kPad = "<|endoftext|>";
constexpr const char* kEnd = "<|im_end|>";

/// The shapes of Qwen2.5's models, by their config.json. The matrices have more rows than their
/// tokenizer has tokens.
struct Preset {
  std::string_view name;
  std::int64_t layers, hidden, inner, heads, kv_heads, rows;
  bool tied;
};
constexpr std::array<Preset, 4> kPresets = {{
    {"qwen2.5-0.5b", 24, 896, 4864, 14, 2, 151'936, true},
    {"qwen2.5-1.5b", 28, 1536, 8960, 12, 2, 151'936, true},
    {"qwen2.5-3b", 36, 2048, 11'008, 16, 2, 151'936, true},
    {"qwen2.5-7b", 28, 3584, 18'944, 28, 4, 152'064, false},
}};

struct ModelInitConfig {
  std::filesystem::path out, train_tokenizer, tokenizer;
  std::string shape = "given";
  std::int64_t layers = 4, hidden = 128, inner = 352, heads = 4, kv_heads = 2, vocabulary = 512,
               positions = 4096, seed = 42;
  double rope_base = 10'000, deviation = 0.02;
  bool untied = false;

  void fields(FieldList& list) {
    constexpr double kWidthMax = 65'536;
    list.add("out", &out, "folder to write").needed();
    list.add("train_tokenizer", &train_tokenizer, "text to learn a tokenizer from");
    list.add("tokenizer", &tokenizer, "folder of a model whose tokenizer is taken instead");
    list.add("vocabulary", &vocabulary, "tokens to learn, bytes and special ones among them")
        .range(259, 1 << 20);
    list.add("shape", &shape,
             "given by the options below, or that of a model of Qwen2.5, vocabulary matrix and all")
        .one_of({"given", "qwen2.5-0.5b", "qwen2.5-1.5b", "qwen2.5-3b", "qwen2.5-7b"});
    list.add("layers", &layers, "blocks").range(1, 256);
    list.add("hidden", &hidden, "width of the hidden states").range(2, kWidthMax);
    list.add("inner", &inner, "width inside a block's network").range(1, kWidthMax);
    list.add("heads", &heads, "heads of queries").range(1, 1024);
    list.add("kv_heads", &kv_heads, "heads of keys and values").range(1, 1024);
    list.add("positions", &positions, "longest sequence").range(1, 1 << 20);
    list.add("rope_base", &rope_base, "base of the rotary positions").range(1, 1e9);
    list.add("untied", &untied, "an output matrix of its own");
    list.add("deviation", &deviation, "standard deviation of the weights").range(0, 1);
    list.add("seed", &seed, "makes the weights repeatable").at_least(0);
  }
};

Json new_tokenizer(const ModelInitConfig& config) {
  if (config.train_tokenizer.empty() == config.tokenizer.empty())
    throw Error{Exit::usage,
                {.what = config.tokenizer.empty()
                             ? "neither --train-tokenizer nor --tokenizer was given"
                             : "--train-tokenizer and --tokenizer were both given",
                 .where = "command line",
                 .fix = "give one of them: a text to learn from, or another model's folder"}};
  if (config.tokenizer.empty())
    return model::train_tokenizer(read_input(config.train_tokenizer), config.vocabulary,
                                  {kPad, "<|im_start|>", kEnd});
  const auto path = config.tokenizer / "tokenizer.json";
  return parse_json(read_file(path), path.string());
}

/// \throws Error{usage} for a tokenizer that the matrices have no rows for
model::Shape preset_shape(const ModelInitConfig& config, std::int64_t vocabulary) {
  const auto preset = std::find_if(kPresets.begin(), kPresets.end(),
                                   [&](const Preset& each) { return each.name == config.shape; });
  QUILL_CHECK(preset != kPresets.end(), "a shape that --shape takes and nobody knows");
  if (vocabulary > preset->rows)
    throw Error{Exit::usage,
                {.what = fmt::format("the tokenizer has {} tokens; allowed with --shape {}: {}",
                                     vocabulary, config.shape, preset->rows),
                 .where = "command line",
                 .fix = "take Qwen2.5's tokenizer, or learn a smaller one"}};
  model::Shape shape;
  shape.layers = preset->layers;
  shape.hidden = preset->hidden;
  shape.inner = preset->inner;
  shape.heads = preset->heads;
  shape.kv_heads = preset->kv_heads;
  shape.head_width = preset->hidden / preset->heads;
  shape.vocabulary = preset->rows;
  shape.tied = preset->tied;
  return shape;
}

/// As written back by shape_json() and read by parse_shape(), which checks it.
model::Shape shape_of(const ModelInitConfig& config, std::int64_t vocabulary) {
  if (config.shape != "given")
    return preset_shape(config, vocabulary);
  if (config.hidden % config.heads != 0)
    throw Error{Exit::usage,
                {.what = fmt::format("--hidden is {}; allowed: a multiple of --heads, {}",
                                     config.hidden, config.heads),
                 .where = "command line",
                 .fix = "each head gets an equal part of the hidden state"}};
  model::Shape shape;
  shape.layers = config.layers;
  shape.hidden = config.hidden;
  shape.inner = config.inner;
  shape.heads = config.heads;
  shape.kv_heads = config.kv_heads;
  shape.head_width = config.hidden / config.heads;
  shape.vocabulary = vocabulary;
  shape.positions_max = config.positions;
  shape.rope_base = config.rope_base;
  shape.tied = !config.untied;
  return model::parse_shape(model::shape_json(shape), "command line");
}

void write_json(const std::filesystem::path& path, const Json& document) {
  constexpr int kIndent = 2;
  real_disk().write_atomic(path, dump_json(document, kIndent) + "\n");
}

Json tokenizer_config_json() {
  return {{"tokenizer_class", "Qwen2Tokenizer"},
          {"model_max_length", 32'768},
          {"add_prefix_space", false},
          {"eos_token", kEnd},
          {"pad_token", kPad},
          {"chat_template", model::kChatmlTemplate}};
}

Exit run_model_init(Context& context, const ModelInitConfig& config) {
  const Json tokenizer_file = new_tokenizer(config);
  const auto tokenizer = model::Tokenizer::parse(tokenizer_file, "tokenizer.json");
  const model::Shape shape = shape_of(config, tokenizer.size());
  make_folder(config.out);
  real_disk().write_atomic(config.out / "tokenizer.json", dump_json(tokenizer_file));
  write_json(config.out / "tokenizer_config.json", tokenizer_config_json());
  const Json ends = {{"eos_token_id", {tokenizer.id_of(kEnd), tokenizer.id_of(kPad)}},
                     {"pad_token_id", tokenizer.id_of(kPad)}};
  write_json(config.out / "generation_config.json", ends);
  model::write_random_weights(config.out, shape, config.deviation,
                              static_cast<std::uint64_t>(config.seed));
  Json document = model::shape_json(shape);
  document["initializer_range"] = config.deviation;
  document.update(ends);
  write_json(config.out / "config.json", document); // last: a folder with it is whole
  context.out.result({{"model", config.out.string()},
                      {"parameters", shape.parameters()},
                      {"vocabulary", shape.vocabulary}},
                     fmt::format("{}: {} parameters, {} tokens\n", config.out.string(),
                                 shape.parameters(), shape.vocabulary));
  return Exit::ok;
}

} // namespace

Command model_init_command() {
  auto config = std::make_shared<ModelInitConfig>();
  return {
      .name = "model init",
      .group = "models",
      .summary = "write a new model with random weights, as a start for training",
      .details =
          "Qwen2's shape, float32, tied embeddings unless --untied; the same seed gives the same "
          "bytes. A learned tokenizer has the bytes, merges of the text, and <|endoftext|>, "
          "<|im_start|>, <|im_end|>; the chat template is ChatML. transformers loads the "
          "folder. --shape has the true sizes of a model of Qwen2.5, for measurements; it takes "
          "the place of the sizes, --vocabulary apart, which is the tokenizer's.\nJSON: "
          "{\"model\", \"parameters\", \"vocabulary\"}.",
      .examples = {"quill model init --out small --train-tokenizer corpus.txt",
                   "quill model init --out small --tokenizer Qwen2.5-0.5B --hidden 256 --heads 8"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_model_init(context, *config); },
  };
}

} // namespace quill::cli
