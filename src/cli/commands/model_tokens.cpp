// quill model tokens — text to ids and back.
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::cli {

namespace {

struct ModelTokensConfig {
  std::filesystem::path model;
  std::optional<std::string> text, ids;
  std::filesystem::path chat;
  bool closed = false;

  void fields(FieldList& list) {
    list.add("model", &model, "folder of the model").needed();
    list.add("text", &text, "the text, as it is");
    list.add("ids", &ids, "ids to turn back into text: 1,2,3");
    list.add("chat", &chat, "JSON file of messages, put through the model's chat template");
    list.add("closed", &closed, "with --chat: without the beginning of an answer");
  }
};

std::vector<model::TokenId> parse_ids(std::string_view text) {
  std::vector<model::TokenId> ids;
  const char *at = text.data(), *const end = at + text.size();
  while (at < end) {
    model::TokenId id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    if (error != std::errc() || (next < end && *next != ','))
      throw Error{Exit::usage,
                  {.what = fmt::format("--ids is \"{}\"; allowed: numbers with commas between",
                                       text.substr(0, 80)),
                   .where = "command line",
                   .fix = "for example --ids 9707,1879"}};
    ids.push_back(id);
    at = next < end ? next + 1 : next;
  }
  return ids;
}

std::string text_to_encode(const ModelTokensConfig& config) {
  if (config.text)
    return *config.text;
  const auto messages = model::parse_messages(
      parse_json(read_input(config.chat), config.chat.string()), config.chat.string());
  return model::ChatTemplate::read(config.model).render(messages, !config.closed);
}

Exit run_model_tokens(Context& context, const ModelTokensConfig& config) {
  const int given = (config.text ? 1 : 0) + (config.ids ? 1 : 0) + (config.chat.empty() ? 0 : 1);
  if (given != 1)
    throw Error{
        Exit::usage,
        {.what = fmt::format("{} of --text, --ids and --chat were given; allowed: one", given),
         .where = "command line",
         .fix = "for example --text 'SELECT 1'"}};
  const auto tokenizer = model::Tokenizer::read(config.model);
  if (config.ids) {
    const auto ids = parse_ids(*config.ids);
    const std::string text = tokenizer.decode(ids);
    context.out.result({{"ids", ids}, {"text", text}}, text + "\n");
    return Exit::ok;
  }
  const std::string text = text_to_encode(config);
  const auto ids = config.text ? tokenizer.encode_alone(text) : tokenizer.encode(text);
  Json document = {{"ids", ids}};
  if (!config.chat.empty())
    document["text"] = text;
  context.out.result(document, fmt::format("{}\n", fmt::join(ids, ",")));
  return Exit::ok;
}

} // namespace

Command model_tokens_command() {
  auto config = std::make_shared<ModelTokensConfig>();
  return {
      .name = "model tokens",
      .group = "models",
      .summary = "text to token ids and back",
      .details =
          "Added tokens written out in the text (<|im_end|>) become one id. What the file puts "
          "around a text that stands alone (<s>) is among the ids of --text. --chat takes a list "
          "of "
          "{\"role\", \"content\"} and applies the model's chat template, which must be one that "
          "is known.\nJSON: {\"ids\"}, with --ids and --chat also \"text\".",
      .examples = {"quill model tokens --model DIR --text 'SELECT 1' --json",
                   "quill model tokens --model DIR --ids 4858,220,16",
                   "quill model tokens --model DIR --chat messages.json"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_model_tokens(context, *config); },
  };
}

} // namespace quill::cli
