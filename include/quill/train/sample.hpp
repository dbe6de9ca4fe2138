// From the lines of a data set to tokens and the ones among them that the loss looks at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quill/llm/client.hpp"
#include "quill/model/chat.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::train {

/// A line of a data set: a conversation, or a text and its continuation.
struct Dialogue {
  std::vector<llm::Message> messages; ///< plain: one of role user, one of role assistant
  bool plain = false;                 ///< no template around them
  std::string where;                  ///< "file:line"
  std::size_t source = 0;             ///< number of its file
};

/// Lines {"messages": [{"role", "content"}]} (OpenAI, qwen), {"conversations": [{"from", "value"}]}
/// or {"prompt", "completion"}, both as text or both as messages; as JSONL, or as one JSON array.
/// Other keys are ignored. \throws Error{usage} naming file and line, also for one without an
/// answer
[[nodiscard]] std::vector<Dialogue> read_dialogues(const std::filesystem::path& file,
                                                   std::size_t source);

struct Sample {
  std::vector<model::TokenId> ids;
  std::vector<std::uint8_t> trained; ///< by token: whether the loss looks at it
  std::size_t source = 0;
  /// How many the loss looks at. The first token follows nothing and never counts.
  [[nodiscard]] std::int64_t answer_tokens() const;
};

/// How texts become samples.
struct Tokenizing {
  const model::Tokenizer& tokenizer;
  const model::ChatTemplate& chat;
  model::TokenId end = -1;        ///< behind a plain continuation
  std::int64_t length_max = 1024; ///< longer samples lose their end
  bool all_turns = false;         ///< loss on every answer, not on the last alone
};

struct Samples {
  std::vector<Sample> samples;
  std::int64_t truncated = 0; ///< lost their end
  std::int64_t dropped = 0;   ///< lost their whole answer, and are left out
  std::int64_t tokens = 0, answer_tokens = 0;
};
/// The pieces of a conversation are tokenised apart, at the places where a prompt ends and an
/// answer begins in use; an answer is trained with the mark that ends it.
/// \throws Error{usage} when none is left, naming the setting
[[nodiscard]] Samples tokenized(const std::vector<Dialogue>& dialogues,
                                const Tokenizing& tokenizing);

} // namespace quill::train
