// A model's page in the Hub: README.md with the front matter that the Hub reads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace quill::hub {

struct CardFacts {
  std::string title;       ///< the repository's name, without its owner
  std::string base = {};   ///< ORG/NAME of the model it was made from; "" when that is not known
  bool adapter = false;    ///< a LoRA adapter, no model of its own
  std::string family = {}; ///< qwen2 …
  std::int64_t parameters = 0;
  /// Name and value, as the run that made it wrote them.
  std::vector<std::pair<std::string, std::string>> settings = {}, figures = {};
};

/// Markdown; whatever the facts say stays inside its cell.
[[nodiscard]] std::string model_card(const CardFacts& facts);

} // namespace quill::hub
