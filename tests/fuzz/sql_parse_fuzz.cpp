// Any bytes: parse() gives a tree or a failure, and what it prints reads back as the same tree.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "quill/sql/features.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/resolve.hpp"

using namespace quill::sql;

namespace {

void require_reads_back(const Query& query, const std::string& text) {
  const auto again = parse(text, local_grammar());
  // Parentheses and quotes that printing adds may pass a cap.
  if (!again && again.failure().what.find("more than") != std::string::npos)
    return;
  if (again.ok() && equal(*again.value(), query))
    return;
  std::fprintf(stderr, "does not read back: %s\n%s\n", text.c_str(),
               again.ok() ? print_sqlite(*again.value()).c_str() : again.failure().what.c_str());
  std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  auto parsed = parse(text, local_grammar());
  if (!parsed)
    return 0;
  const auto query = std::move(parsed).value();
  require_reads_back(*query, print_sqlite(*query));
  require_reads_back(*query, print_sqlite_pretty(*query));
  (void)features(*query);
  const Schema empty;
  if (query->select())
    (void)Scope(*query, empty).sources();
  settle_quoted_names(*query, empty);
  return 0;
}
