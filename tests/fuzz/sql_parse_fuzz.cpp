// Any bytes, in every dialect: parse() gives a tree or a failure, what it prints reads back as the
// same tree, and whatever looks at trees can look at it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "quill/sql/block_graph.hpp"
#include "quill/sql/diff.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/row_facts.hpp"
#include "quill/sql/similarity.hpp"
#include "quill/sql/walk.hpp"

using namespace quill::sql;

namespace {

constexpr auto kDialects = {Dialect::sqlite, Dialect::postgres, Dialect::duckdb};

void require(bool condition, const char* what, const Query& query) {
  if (condition)
    return;
  std::fprintf(stderr, "%s: %s\n", what, print_sqlite(query).c_str());
  std::abort();
}

void require_reads_back(Dialect dialect, const Query& query, const std::string& text) {
  const auto again = parse(dialect, text, local_grammar());
  // Parentheses and quotes that printing adds may pass a cap.
  if (!again && again.failure().what.find("more than") != std::string::npos)
    return;
  if (again.ok() && equal(*again.value(), query))
    return;
  std::fprintf(stderr, "%s does not read back: %s\n%s\n", std::string(name_of(dialect)).c_str(),
               text.c_str(),
               again.ok() ? print(*again.value(), dialect).c_str() : again.failure().what.c_str());
  std::abort();
}

void look_at(Query& query) {
  const auto copy = clone(query);
  require(equal(*copy, query), "a copy differs", query);
  require(diff(*copy, query).empty(), "differs from its copy", query);
  require(fingerprint(*copy) == fingerprint(query), "two fingerprints", query);
  require(similarity(gram_profile(*copy), gram_profile(query)) == 1, "unlike its copy", query);
  require(block_graph(query).outermost().kind == Block::Kind::outermost, "no outermost", query);
  (void)features(query);
  (void)is_common(query);
  const Schema empty;
  (void)row_facts(query, empty);
  if (query.select())
    (void)Scope(query, empty).sources();
  settle_quoted_names(query, empty);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto dialect : kDialects) {
    auto parsed = parse(dialect, text, local_grammar());
    if (!parsed)
      continue;
    const auto query = std::move(parsed).value();
    require_reads_back(dialect, *query, print(*query, dialect));
    require_reads_back(dialect, *query, print_pretty(*query, dialect));
    for (const auto other : kDialects)
      (void)print(*query, other);
    look_at(*query);
  }
  return 0;
}
