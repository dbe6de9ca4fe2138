#include "quill/train/sample.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"

namespace quill::train {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kArrayBytesMax = 2ULL << 30U;

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

/// ShareGPT's names of the roles.
std::string role_of(const std::string& from) {
  if (from == "human")
    return "user";
  return from == "gpt" ? "assistant" : from;
}

std::vector<llm::Message> sharegpt_messages(const Json& list, const std::string& where) {
  std::vector<llm::Message> messages;
  for (const Json& each : list) {
    const JsonObject object(each, fmt::format("{}, message {}", where, messages.size() + 1));
    messages.push_back({role_of(object.text("from")), object.text("value")});
  }
  return messages;
}

/// {"prompt", "completion"}: texts, or lists of messages.
Dialogue continued(const JsonObject& line) {
  if (line.at("prompt").is_string())
    return {.messages = {{"user", line.text("prompt")}, {"assistant", line.text("completion")}},
            .plain = true,
            .where = line.where()};
  Dialogue dialogue{.messages = model::parse_messages(line.at("prompt"), line.where()),
                    .where = line.where()};
  for (llm::Message& message : model::parse_messages(line.at("completion"), line.where()))
    dialogue.messages.push_back(std::move(message));
  return dialogue;
}

Dialogue dialogue_of(const Json& value, const std::string& where) {
  if (value.is_array())
    return {.messages = model::parse_messages(value, where), .where = where};
  const JsonObject line(value, where);
  if (line.has("messages"))
    return {.messages = model::parse_messages(line.at("messages"), where), .where = where};
  if (line.has("conversations") && line.at("conversations").is_array())
    return {.messages = sharegpt_messages(line.at("conversations"), where), .where = where};
  if (line.has("prompt") && line.has("completion"))
    return continued(line);
  refuse("a line without \"messages\", \"conversations\", or \"prompt\" and \"completion\"", where,
         line.has("before") && line.has("after")
             ? "these are examples: write training lines of them with `quill export`"
             : R"(write {"messages": [{"role": "user", "content": "…"}, …]})");
}

bool is_answer(const llm::Message& message) {
  return message.role == "assistant" && !message.content.empty();
}

Dialogue checked(Dialogue dialogue, std::size_t source) {
  if (std::none_of(dialogue.messages.begin(), dialogue.messages.end(), is_answer))
    refuse("a line without an answer: no message of role assistant has text", dialogue.where,
           "give it one, or take the line out");
  if (dialogue.messages[0].role == "assistant")
    refuse("a conversation that begins with an answer", dialogue.where,
           "begin it with what was asked");
  dialogue.source = source;
  return dialogue;
}

bool is_array_file(const fs::path& file) {
  return file.extension() == ".json";
}

} // namespace

std::vector<Dialogue> read_dialogues(const fs::path& file, std::size_t source) {
  std::vector<Dialogue> dialogues;
  if (fs::is_directory(file))
    refuse("a folder is no file of training lines", file.string(),
           fmt::format("write one with `quill export --run {}`", file.string()));
  if (is_array_file(file)) {
    const Json list = parse_json(read_file(file, kArrayBytesMax), file.string());
    if (!list.is_array())
      refuse("the file is no list", file.string(), "write a list of lines, or a .jsonl file");
    for (const Json& each : list)
      dialogues.push_back(checked(
          dialogue_of(each, fmt::format("{}, element {}", file.string(), dialogues.size() + 1)),
          source));
  } else {
    read_jsonl(file, [&](const Json& value, std::size_t number) {
      dialogues.push_back(
          checked(dialogue_of(value, fmt::format("{}:{}", file.string(), number)), source));
    });
  }
  if (dialogues.empty())
    refuse("the file has no line", file.string(), "name another with --data");
  return dialogues;
}

std::int64_t Sample::answer_tokens() const {
  return std::count(trained.begin() + (trained.empty() ? 0 : 1), trained.end(), 1);
}

namespace {

class Writer {
 public:
  Writer(const Dialogue& dialogue, const Tokenizing& tokenizing)
      : dialogue_(dialogue), tokenizing_(tokenizing) {
    sample_.source = dialogue.source;
  }

  Sample sample() {
    if (dialogue_.plain)
      plain();
    else
      conversation();
    return std::move(sample_);
  }

 private:
  void add(std::string_view text, bool trained) {
    const auto& tokenizer = tokenizing_.tokenizer;
    add(sample_.ids.empty() ? tokenizer.encode(text) : tokenizer.encode_rest(text), trained);
  }

  void add(const std::vector<model::TokenId>& ids, bool trained) {
    sample_.ids.insert(sample_.ids.end(), ids.begin(), ids.end());
    sample_.trained.resize(sample_.ids.size(), trained ? 1 : 0);
  }

  void plain() {
    add(tokenizing_.tokenizer.encode_alone(dialogue_.messages[0].content), false);
    add(dialogue_.messages[1].content, true);
    if (tokenizing_.end < 0)
      return;
    sample_.ids.push_back(tokenizing_.end);
    sample_.trained.push_back(1);
  }

  /// The text up to each trained answer, the answer with its mark, and what stands between. The
  /// last answer ends the sample: what follows it teaches nothing.
  void conversation() {
    const auto& messages = dialogue_.messages;
    const auto last = static_cast<std::size_t>(
        std::find_if(messages.rbegin(), messages.rend(), is_answer).base() - messages.begin());
    std::size_t written = 0;
    for (std::size_t i = 0; i < last; ++i) {
      if (!is_answer(messages[i]) || (!tokenizing_.all_turns && i + 1 != last))
        continue;
      const std::string before = rendered(i, true);
      const std::string behind = rendered(i + 1, false);
      add(std::string_view(before).substr(written), false);
      // Behind the mark that ends a turn there is nothing to learn: a line break, a space.
      const std::size_t mark = behind.rfind(tokenizing_.chat.turn_end());
      const std::size_t end = mark == std::string::npos || mark < before.size()
                                  ? behind.size()
                                  : mark + tokenizing_.chat.turn_end().size();
      add(std::string_view(behind).substr(before.size(), end - before.size()), true);
      written = end;
    }
  }

  [[nodiscard]] std::string rendered(std::size_t count, bool open_answer) const {
    return tokenizing_.chat.render(
        {dialogue_.messages.begin(),
         dialogue_.messages.begin() + static_cast<std::ptrdiff_t>(count)},
        open_answer);
  }

  const Dialogue& dialogue_;
  const Tokenizing& tokenizing_;
  Sample sample_;
};

} // namespace

Samples tokenized(const std::vector<Dialogue>& dialogues, const Tokenizing& tokenizing) {
  Samples all;
  const auto longest = static_cast<std::size_t>(tokenizing.length_max);
  for (const Dialogue& dialogue : dialogues) {
    Sample sample = Writer(dialogue, tokenizing).sample();
    if (sample.ids.size() > longest) {
      ++all.truncated;
      sample.ids.resize(longest);
      sample.trained.resize(longest);
    }
    const std::int64_t answer = sample.answer_tokens();
    if (answer == 0) {
      ++all.dropped;
      continue;
    }
    all.tokens += static_cast<std::int64_t>(sample.ids.size());
    all.answer_tokens += answer;
    all.samples.push_back(std::move(sample));
  }
  if (all.samples.empty())
    refuse(fmt::format("no answer is left of {} lines: every one lies beyond --max-length {}",
                       dialogues.size(), tokenizing.length_max),
           dialogues[0].where, "give a larger --max-length");
  return all;
}

} // namespace quill::train
