// Any bytes as a predicted query give a tree or a reason, and a text to run: no crash, no endless
// work. A query that is read matches itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "eval/spider_match.hpp"
#include "eval/spider_text.hpp"

namespace {

quill::sql::Schema schema() {
  quill::sql::Schema schema;
  for (const char* name : {"singer", "song"}) {
    auto& table = schema.tables.emplace_back();
    table.name = name;
    for (const char* column : {"id", "name", "age"})
      table.columns.emplace_back().name = column;
  }
  return schema;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace quill::eval;
  static const SpiderSchema tables(schema());
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  (void)as_executed(with_placeholders_filled(text));
  (void)without_distinct(text);
  const auto query = parse_spider(text, tables);
  if (!query)
    return query.failure().what.empty() ? std::abort(), 0 : 0;
  (void)spider_hardness(query.value());
  const auto tree = comparable(query.value(), tables, {});
  for (const auto& difference : spider_differences(tree, tree))
    if (difference != "tables" && difference != "IUEN") // two subqueries in a FROM match nothing
      std::abort();
  return 0;
}
