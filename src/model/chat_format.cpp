#include "quill/model/chat_format.hpp"

#include <algorithm>

#include "quill/model/config.hpp"

namespace quill::model {

ChatFormat ChatFormat::read(const std::filesystem::path& folder) {
  ChatFormat format{Tokenizer::read(folder), ChatTemplate::read(folder),
                    read_generation_defaults(folder, read_shape(folder)).end_tokens};
  const TokenId turn_end = format.tokenizer.id_of(format.chat.turn_end());
  auto& ends = format.end_tokens;
  if (turn_end >= 0 && std::find(ends.begin(), ends.end(), turn_end) == ends.end())
    ends.push_back(turn_end);
  return format;
}

Generation ChatFormat::generation(const std::vector<llm::Message>& messages,
                                  const Generation& like) const {
  Generation generation = like;
  generation.prompt = tokenizer.encode(chat.render(messages, true));
  generation.end_tokens = end_tokens;
  return generation;
}

} // namespace quill::model
