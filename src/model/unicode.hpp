// UTF-8 and normal forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quill::model {

/// Offset of the first byte that is not UTF-8 (overlong forms and surrogates are not); nullopt when
/// all is.
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text);

/// Normal form C of valid UTF-8 into `out`; returns what to read: `text` itself where no character
/// could change, else `out`. By Unicode 9, which the tokenizers library normalises by (crate
/// unicode-normalization-alignments 0.1) and models were trained with: marks that came later stay
/// where they are.
[[nodiscard]] std::string_view to_nfc(std::string_view text, std::string& out);

} // namespace quill::model
