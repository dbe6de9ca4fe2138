#include "judge/scaled_down.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "quill/engine/dialect.hpp"
#include "quill/engine/scratch.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

using engine::Row;
using engine::Value;

/// Bytes of INSERT statements of one table; a table of longer rows gives fewer of them.
constexpr std::size_t kScriptBytesOfTableMax = 8U << 20U;
constexpr std::size_t kRowsOfInsert = 100;

// ---- cells as SQL ----

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes)
    out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::string real_literal(double value) {
  if (std::isinf(value))
    return value > 0 ? "9e999" : "-9e999";
  auto text = fmt::format("{:.17g}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

struct LiteralWriter {
  std::string operator()(std::monostate) const { return "NULL"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return real_literal(value); }
  std::string operator()(const std::string& value) const {
    if (value.find('\0') != std::string::npos)
      return fmt::format("CAST(x'{}' AS TEXT)", hex(value));
    return sql::quoted_text(value);
  }
  std::string operator()(const engine::Blob& value) const {
    return fmt::format("x'{}'", hex(value.bytes));
  }
};

std::string row_literal(const Row& row) {
  std::string out;
  for (const Value& cell : row)
    out += (out.empty() ? "(" : ",") + std::visit(LiteralWriter{}, cell);
  return out + ")";
}

/// Texts of a stranger's schema: one CREATE statement each, or they are not repeated.
bool is_one_create(const std::string& statement, std::string_view of_what) {
  const auto parts = sql::split_statements(statement);
  if (!parts || parts.value().size() != 1)
    return false;
  const auto tokens = sql::tokenize(statement);
  const auto is = [&](std::size_t at, std::string_view upper) {
    if (!tokens || at >= tokens.value().size())
      return false;
    const auto text = tokens.value()[at].text;
    return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                      [](char a, char b) { return std::toupper(a) == b; });
  };
  return is(0, "CREATE") && (is(1, of_what) || (is(1, "UNIQUE") && is(2, of_what)));
}

// ---- keys ----

std::vector<std::size_t> places_of(const sql::Table& table,
                                   const std::vector<std::string>& columns) {
  std::vector<std::size_t> places;
  for (const std::string& column : columns)
    if (const auto* info = table.column(column))
      places.push_back(static_cast<std::size_t>(info - table.columns.data()));
  return places;
}

/// The cells at `places` as one text; nothing when one of them is NULL, which refers to nobody.
std::optional<std::string> key_at(const Row& row, const std::vector<std::size_t>& places) {
  std::string key;
  for (const std::size_t place : places) {
    if (std::holds_alternative<std::monostate>(row[place]))
      return std::nullopt;
    key += std::visit(LiteralWriter{}, row[place]) + ";";
  }
  return key;
}

/// A foreign key of the table at hand into one whose rows are chosen.
struct Reference {
  std::vector<std::size_t> places;
  std::set<std::string> parents;
  [[nodiscard]] bool holds(const Row& row) const {
    const auto key = key_at(row, places);
    return !key || parents.contains(*key);
  }
};

// ---- tables ----

class Shrinker {
 public:
  Shrinker(engine::Session& full, std::int64_t rows_per_table, const engine::Limits& limits)
      : full_(full), schema_(full.schema()), rows_per_table_(rows_per_table), limits_(limits) {
    limits_.rows = 0;
    limits_.result_mb = 0;
  }

  /// The schema can be repeated. False: `failure()`.
  bool is_plain() {
    for (const auto& table : schema_.tables) {
      bool plain = is_one_create(table.sql, "TABLE");
      for (const auto& index : table.indexes)
        plain = plain && (index.sql.empty() || is_one_create(index.sql, "INDEX"));
      if (!plain)
        failure_ = fmt::format("\"{}\" is no plain table", table.name);
    }
    return failure_.empty();
  }

  /// Parents before children; what refers in a circle comes last, as it stands. False: `failure()`.
  bool choose() {
    std::vector<const sql::Table*> open;
    for (const auto& table : schema_.tables)
      open.push_back(&table);
    while (!open.empty()) {
      auto next = std::find_if(open.begin(), open.end(),
                               [&](const sql::Table* table) { return has_all_parents(*table); });
      if (next == open.end())
        next = open.begin();
      const sql::Table* table = *next;
      open.erase(next);
      if (!choose_rows(*table))
        return false;
    }
    return true;
  }

  [[nodiscard]] std::string script() const {
    std::string out;
    for (const auto& table : schema_.tables)
      out += table.sql + ";\n";
    for (const auto& table : schema_.tables)
      append_inserts(out, table);
    for (const auto& table : schema_.tables)
      for (const auto& index : table.indexes)
        out += index.sql.empty() ? "" : index.sql + ";\n";
    return out;
  }
  /// The chosen rows, for a database whose tables are there.
  [[nodiscard]] std::vector<engine::TableRows> chosen() {
    std::vector<engine::TableRows> out;
    for (const auto& table : schema_.tables) {
      engine::TableRows rows{table.name, {}, std::move(chosen_[table.name])};
      for (const auto& column : table.columns)
        rows.columns.push_back(column.name);
      out.push_back(std::move(rows));
    }
    return out;
  }
  [[nodiscard]] std::int64_t rows() const {
    std::int64_t count = 0;
    for (const auto& [name, rows] : chosen_)
      count += static_cast<std::int64_t>(rows.size());
    return count;
  }
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  [[nodiscard]] bool has_all_parents(const sql::Table& table) const {
    return std::all_of(
        table.foreign_keys.begin(), table.foreign_keys.end(), [&](const sql::ForeignKey& key) {
          const auto* parent = schema_.table(key.table);
          return parent == nullptr || parent == &table || chosen_.contains(parent->name);
        });
  }

  [[nodiscard]] std::vector<Reference> references_of(const sql::Table& table) const {
    std::vector<Reference> out;
    for (const auto& key : table.foreign_keys) {
      const auto* parent = schema_.table(key.table);
      if (parent == nullptr || !chosen_.contains(parent->name))
        continue;
      const auto& targets = key.target_columns.empty() ? parent->primary_key : key.target_columns;
      const auto target_places = places_of(*parent, targets);
      Reference reference{.places = places_of(table, key.columns), .parents = {}};
      if (reference.places.empty() || reference.places.size() != target_places.size())
        continue;
      for (const Row& row : chosen_.at(parent->name))
        if (auto parent_key = key_at(row, target_places))
          reference.parents.insert(std::move(*parent_key));
      out.push_back(std::move(reference));
    }
    return out;
  }

  bool choose_rows(const sql::Table& table) {
    const auto references = references_of(table);
    // A table without parents is spread out; one with parents is thinned by them already.
    const std::int64_t stride =
        references.empty() ? std::max<std::int64_t>(table.rows.value_or(0) / rows_per_table_, 1)
                           : 1;
    auto& rows = chosen_[table.name];
    std::int64_t at = 0;
    std::size_t bytes = 0;
    const auto read = full_.run(select_all(table), limits_, engine::Side::base, [&](Row&& row) {
      const bool wanted = at++ % stride == 0 && row.size() == table.columns.size() &&
                          std::all_of(references.begin(), references.end(),
                                      [&](const Reference& each) { return each.holds(row); });
      if (wanted) {
        bytes += row_literal(row).size();
        rows.push_back(std::move(row));
      }
      return static_cast<std::int64_t>(rows.size()) < rows_per_table_ &&
             bytes < kScriptBytesOfTableMax;
    });
    if (read.status == engine::Status::ok || read.status == engine::Status::row_limit)
      return true;
    failure_ = fmt::format("\"{}\" could not be read: {}", table.name, read.message);
    return false;
  }

  [[nodiscard]] std::string name(const std::string& plain) const {
    return sql::quoted_name(plain, engine::dialect_of(full_.engine()));
  }
  [[nodiscard]] std::string column_list(const sql::Table& table) const {
    std::string out;
    for (const auto& column : table.columns)
      out += (out.empty() ? "" : ", ") + name(column.name);
    return out;
  }
  [[nodiscard]] std::string select_all(const sql::Table& table) const {
    return fmt::format("SELECT {} FROM {}", column_list(table), name(table.name));
  }

  void append_inserts(std::string& out, const sql::Table& table) const {
    const auto& rows = chosen_.at(table.name);
    for (std::size_t at = 0; at < rows.size(); ++at) {
      out += at % kRowsOfInsert == 0
                 ? fmt::format("INSERT INTO {} ({}) VALUES ", name(table.name), column_list(table))
                 : ",";
      out += row_literal(rows[at]);
      if ((at + 1) % kRowsOfInsert == 0 || at + 1 == rows.size())
        out += ";\n";
    }
  }

  engine::Session& full_;
  const sql::Schema& schema_;
  std::int64_t rows_per_table_;
  engine::Limits limits_;
  std::map<std::string, std::vector<Row>> chosen_; ///< by table
  std::string failure_;
};

/// SQLite reads a script of rows faster than it takes them one by one; the others are given cells,
/// whose literals each spells in a way of its own.
std::unique_ptr<engine::Session> session_of(Shrinker& shrinker, engine::Session& full,
                                            const std::string& server, const Cancel* cancel) {
  if (full.engine() == engine::Engine::sqlite)
    return engine::open_sqlite_script(shrinker.script(), cancel);
  auto scratch = engine::open_scratch(full.engine(), server, full.schema().ddl(), cancel);
  if (const auto loaded = scratch->load(shrinker.chosen()); !loaded.ok)
    throw Error{Exit::usage, {.what = loaded.message, .where = {}, .fix = {}}};
  return scratch;
}

} // namespace

Result<SmallDatabase> scaled_down(engine::Session& full, std::int64_t rows_per_table,
                                  engine::Limits limits, const std::string& server,
                                  const Cancel* cancel) {
  if (full.schema().tables.empty())
    return Failure{"it has no tables"};
  Shrinker shrinker(full, rows_per_table, limits);
  if (!shrinker.is_plain() || !shrinker.choose())
    return Failure{shrinker.failure()};
  const auto rows = shrinker.rows();
  try {
    return SmallDatabase{.session = session_of(shrinker, full, server, cancel), .rows = rows};
  } catch (const Error& error) {
    if (error.exit() != Exit::usage)
      throw;
    return Failure{error.text().what};
  }
}

} // namespace quill::judge
