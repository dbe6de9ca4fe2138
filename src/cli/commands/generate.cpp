// quill generate — text from a local model.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/config.hpp"

namespace quill::cli {

namespace {

struct GenerateConfig {
  std::filesystem::path model, adapter, chat;
  std::optional<std::string> prompt;
  std::int64_t samples = 1, batch = 64, seed = 42;
  model::Generation generation;
  model::Arithmetic arithmetic;

  void fields(FieldList& list) {
    auto& sampling = generation.sampling;
    list.add("model", &model, "folder of the model").needed();
    list.add("adapter", &adapter, "folder of a LoRA adapter, as PEFT writes it");
    list.add("prompt", &prompt, "the prompt, as it is");
    list.add("chat", &chat, "JSON file of messages, put through the model's chat template");
    list.add_shared("generate.samples", "-n", &samples, "answers").range(1, 4096);
    list.add("max_tokens", &generation.tokens_max, "longest answer").range(1, 1 << 20);
    list.add("temperature", &sampling.temperature, "0 takes the most likely token").range(0, 100);
    list.add("top_k", &sampling.top_k, "only the k most likely tokens, 0 for all")
        .range(0, 1 << 20);
    list.add("top_p", &sampling.top_p, "only the most likely tokens of this share together")
        .range(1e-6, 1);
    list.add("min_p", &sampling.min_p, "only tokens of this share of the most likely one")
        .range(0, 1);
    list.add("seed", &seed, "makes sampling repeatable").at_least(0);
    list.add("stop", &generation.stops, "end the answer before this text");
    list.add("logprobs", &generation.logprobs, "with the log-probability of each token");
    list.add("batch", &batch, "answers written at a time").range(1, 1024);
    list.add("dtype", &arithmetic.dtype,
             "arithmetic; nf4: the files' own, and the blocks' weights stay in four bits, unpacked "
             "for each product")
        .one_of({"auto", "float32", "bfloat16", "nf4"});
    list.add("device", &arithmetic.device,
             "cpu, cuda or cuda:N; auto: a GPU where build and machine have one");
    list.add("threads", &arithmetic.threads, "threads, 0 for one a core").range(0, 1024);
  }
};

std::string prompt_text(const GenerateConfig& config) {
  if (config.prompt.has_value() == !config.chat.empty())
    throw Error{Exit::usage,
                {.what = config.prompt ? "--prompt and --chat were both given"
                                       : "no prompt: neither --prompt nor --chat was given",
                 .where = "command line",
                 .fix = "give one of them, for example --prompt 'SELECT'"}};
  if (config.prompt)
    return *config.prompt;
  const auto document = parse_json(read_input(config.chat), config.chat.string());
  const auto messages = model::parse_messages(document, config.chat.string());
  return model::ChatTemplate::read(config.model).render(messages, true);
}

model::Generation wanted(const GenerateConfig& config, const model::Tokenizer& tokenizer) {
  model::Generation generation = config.generation;
  for (const std::string& stop : generation.stops)
    if (stop.empty())
      throw Error{Exit::usage,
                  {.what = "--stop is \"\"; allowed: a text that is not empty",
                   .where = "command line",
                   .fix = "leave it out"}};
  const std::string text = prompt_text(config);
  generation.prompt = config.prompt ? tokenizer.encode_alone(text) : tokenizer.encode(text);
  generation.samples = config.samples;
  generation.sampling.seed = static_cast<std::uint64_t>(config.seed);
  generation.end_tokens =
      model::read_generation_defaults(config.model, model::read_shape(config.model)).end_tokens;
  return generation;
}

Json to_json(const model::Answer& answer, std::size_t prompt_tokens, double tokens_per_second) {
  Json document = {{"text", answer.text},
                   {"ids", answer.ids},
                   {"finish_reason", answer.finish_reason},
                   {"prompt_tokens", prompt_tokens},
                   {"tokens_per_second", tokens_per_second}};
  if (!answer.logprobs.empty())
    document["logprobs"] = answer.logprobs;
  return document;
}

Exit run_generate(Context& context, const GenerateConfig& config) {
  const auto tokenizer = model::Tokenizer::read(config.model);
  const model::Generation generation = wanted(config, tokenizer);
  const auto decoder = context.torch->open_decoder(config.model, config.adapter, config.arithmetic);
  const double begin = system_clock().now_ms();
  const auto answers =
      model::generate(*decoder, tokenizer, {generation}, config.batch, context.cancel)[0];
  const double seconds = (system_clock().now_ms() - begin) / 1000;
  std::size_t tokens = 0;
  for (const model::Answer& answer : answers)
    tokens += answer.ids.size();
  Json list = Json::array();
  std::string text;
  for (const model::Answer& answer : answers) {
    list.push_back(
        to_json(answer, generation.prompt.size(), static_cast<double>(tokens) / seconds));
    text += answer.text + "\n";
  }
  context.out.result(config.samples == 1 ? list[0] : list, text);
  return context.cancel.requested() ? context.cancel.exit() : Exit::ok;
}

} // namespace

Command generate_command() {
  auto config = std::make_shared<GenerateConfig>();
  return {
      .name = "generate",
      .group = "models",
      .summary = "text from a local model",
      .details =
          "The answer ends at one of the model's end tokens (generation_config.json), before a "
          "--stop text, or after --max-tokens. Several answers (-n) share one reading of the "
          "prompt; each has its own random stream of the seed.\nJSON: {\"text\", \"ids\", "
          "\"finish_reason\": \"stop|length|cancelled\", \"prompt_tokens\", "
          "\"tokens_per_second\", \"logprobs\"}; with -n above 1 a list. tokens_per_second counts "
          "the tokens of all answers over the time from the prompt to the last of them.",
      .examples = {"quill generate --model DIR --prompt 'SELECT' --max-tokens 32",
                   "quill generate --model DIR --chat messages.json -n 4 --temperature 0.8 --json"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_generate(context, *config); },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
