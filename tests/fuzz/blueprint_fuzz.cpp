// Any bytes as a blueprint give a refusal with words, or one whose rows can be made: no crash, no
// endless work, no memory beyond its caps.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/blueprint_cells.hpp"
#include "quill/core/error.hpp"

namespace {

constexpr std::int64_t kRows = 3;

void make_some_rows(quill::engine::Blueprint& blueprint) {
  using namespace quill::engine;
  for (const auto& [table, rows] : blueprint.sizes())
    blueprint.resize(table, std::min(rows, kRows));
  const auto& model = blueprint.model();
  const auto sizes = seed::resolved_sizes(model.tables, model.where);
  seed::check_parents(model, sizes);
  const seed::CellMaker maker(model, sizes, 1);
  std::vector<seed::Cell> cells;
  for (std::size_t t = 0; t < sizes.size(); ++t)
    for (std::int64_t row = 0; row < sizes[t]; ++row) {
      maker.make(t, row, cells);
      for (std::size_t c = 0; c < cells.size(); ++c)
        if (cells[c].index() == 0 && model.tables[t].columns[c].not_null)
          std::abort(); // a NULL where the table allows none
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    auto blueprint = quill::engine::Blueprint::parse(text, "fuzz.json");
    (void)blueprint.ddl();
    make_some_rows(blueprint);
  } catch (const quill::Error& error) {
    if (error.text().what.empty() || error.text().where.empty())
      std::abort();
  }
  return 0;
}
