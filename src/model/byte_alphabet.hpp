// The characters that stand for bytes in byte-level vocabularies: printable bytes of Latin-1 stand
// for themselves, the other 68 for U+0100 and on (GPT-2, openai/gpt-2 src/encoder.py).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quill::model {

/// The UTF-8 character that stands for `byte`.
[[nodiscard]] std::string_view character_of_byte(unsigned char byte);
/// The bytes a token stands for; nullopt when a character stands for none.
[[nodiscard]] std::optional<std::string> bytes_of_token(std::string_view token);
/// bytes → token, as it is written in files.
[[nodiscard]] std::string token_of_bytes(std::string_view bytes);

} // namespace quill::model
