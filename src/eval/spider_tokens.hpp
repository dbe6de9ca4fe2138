// Cuts a query into words as Spider's official parser does: it is a tokenizer of English.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"

namespace quill::eval {

/// Words in lower case; a quoted value is one word with double quotes around it, as it was written.
/// Rules of process_sql.py's tokenize() and of NLTK's word_tokenize() beneath it: `a=1` is one
/// word, `a>1` three, `,` parts from what follows unless that is a digit. Not taken over: the
/// division into sentences before it, which could only part a full stop from the word before it.
/// A failure: an odd number of quotes.
[[nodiscard]] Result<std::vector<std::string>> spider_tokens(std::string_view query);

} // namespace quill::eval
