// Pieces of a model's answer: thoughts, fenced blocks, JSON objects. Views into the answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"

namespace quill::task {

/// A longer answer is not read.
inline constexpr std::size_t kAnswerBytesMax = 1U << 20U;

[[nodiscard]] std::string_view trim(std::string_view text);

/// What the model said after its thoughts, trimmed; why not when the answer is too long or says
/// nothing.
[[nodiscard]] Result<std::string> said_in(std::string_view answer);

/// The answer without <think>…</think> and <thinking>…</thinking>; a thought that never ends takes
/// the rest with it.
[[nodiscard]] std::string without_thoughts(std::string_view answer);

struct Fence {
  std::string language; ///< lower case, "" when not said
  std::string_view body;
};
/// ```language … ``` blocks, the first `count_max` of them; an open one reaches to the end.
[[nodiscard]] std::vector<Fence> fences(std::string_view text, std::size_t count_max = 16);
/// Does its first word say so (SELECT, WITH, CREATE, VALUES)?
[[nodiscard]] bool begins_like_sql(std::string_view text);
/// A block that calls itself SQL, or says nothing and begins like it.
[[nodiscard]] bool is_sql(const Fence& fence);

/// The balanced {…} that begins at `at`, line breaks and tabs inside its strings escaped as JSON
/// wants them (models forget to); nullopt when it does not end.
[[nodiscard]] std::optional<std::string> object_at(std::string_view text, std::size_t at);

} // namespace quill::task
