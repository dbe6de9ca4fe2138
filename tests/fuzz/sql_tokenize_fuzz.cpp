// Any bytes: tokens lie inside the text, in order, and statements are parts of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quill/sql/index.hpp"
#include "quill/sql/text.hpp"

using namespace quill::sql;

namespace {

void require(bool condition) {
  if (!condition)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto dialect : {Dialect::sqlite, Dialect::postgres, Dialect::duckdb}) {
    if (const auto tokens = tokenize(dialect, text)) {
      std::size_t end = 0;
      for (const auto& token : tokens.value()) {
        require(token.offset >= end && !token.text.empty());
        require(token.text.data() == text.data() + token.offset);
        end = token.offset + token.text.size();
      }
      require(end <= size);
    }
    if (const auto statements = split_statements(dialect, text))
      for (const auto& statement : statements.value())
        require(text.find(statement) != std::string_view::npos);
  }
  require(fingerprint(text).size() == 16);
  (void)is_create_index(text);
  if (const auto index = parse_create_index(text)) {
    const auto again = parse_create_index(print_create_index(index.value()));
    require(again.ok() && again.value().terms == index.value().terms);
  }
  return 0;
}
