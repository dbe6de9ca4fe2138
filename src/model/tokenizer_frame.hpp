// What stands around a text that is given to a model alone: <s> and its like.
#pragma once

#include <vector>

#include "quill/core/json.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::model {

struct Frame {
  std::vector<TokenId> before, after;
};

/// The "single" of the TemplateProcessing in `post_processor`, where there is one.
/// \throws Error{usage} naming the key
[[nodiscard]] Frame read_frame(const JsonObject& file);

} // namespace quill::model
