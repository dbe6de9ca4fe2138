// libpg_query in this process.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <pg_query.h>

#include "quill/sql/parse.hpp"

namespace quill::sql {
namespace {

/// The C library's result, freed at the end of the scope.
struct Parsed {
  explicit Parsed(const char* text) : result(pg_query_parse(text)) {}
  ~Parsed() { pg_query_free_parse_result(result); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  PgQueryParseResult result;
};

Result<std::string> parse_tree(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return Failure{"NUL byte in the statement"};
  const Parsed parsed(std::string(text).c_str());
  if (parsed.result.error)
    return Failure{parsed.result.error->message};
  return std::string(parsed.result.parse_tree);
}

} // namespace

Grammar local_grammar() {
  return parse_tree;
}

} // namespace quill::sql
