// A checked blueprint in memory: every name resolved to a position, every number in range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/blueprint_dates.hpp"
#include "engine/blueprint_template.hpp"
#include "quill/engine/blueprint.hpp"

namespace quill::engine::seed {

inline constexpr std::int64_t kRowsMax = 1'000'000'000;
inline constexpr std::size_t kTablesMax = 50;
inline constexpr std::size_t kColumnsMax = 200;      ///< of one table
inline constexpr std::size_t kColumnsOfAllMax = 500; ///< bounds the day curves together
inline constexpr std::size_t kChoicesMax = 10'000;
inline constexpr int kDecimalsMax = 6;
/// Numbers stay below 2^53 when counted in units of the last decimal, so rounding is exact.
inline constexpr double kNumberMax = 1e9;

/// What a made-up cell holds: NULL, integer, real, text.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class ColumnType { integer, real, text };

/// Which of several settings holds for a row: chosen by the text of another column of that row.
struct Cases {
  std::optional<std::size_t> by; ///< column; absent: the one setting holds for all rows
  std::map<std::string, std::size_t, std::less<>> index;
};

/// 1, 2, 3 … in row order.
struct Serial {
  std::int64_t start = 1;
};

/// A row of another table (or an earlier row of this one).
struct ForeignKey {
  std::size_t table = 0;
  double skew = 0;    ///< Zipf exponent: 0 = all parents alike, 1 = a few have most children
  double flatten = 1; ///< Mandelbrot's shift: larger = the very first are less extreme
  bool each = false;  ///< parents in turn, as many children each
};

enum class Shape { uniform, normal, lognormal };
struct ShapeSettings {
  double first = 0;  ///< min | mean | median
  double second = 0; ///< max | standard deviation | spread (standard deviation of the logarithm)
};
struct Number {
  Shape shape = Shape::uniform;
  std::vector<ShapeSettings> settings;
  Cases cases;
  double min = -kNumberMax, max = kNumberMax;
  int decimals = 0;
};

struct Choices {
  std::vector<Cell> values;
  std::vector<double> cumulative; ///< running sums of the weights
};
struct Category {
  std::vector<Choices> settings;
  Cases cases;
};

/// A date or a timestamp in a range, denser where the curve is high.
struct Moment {
  DayCurve curve;
  bool date_only = false;
  bool ascending = false; ///< later rows are later in time
};

/// Another moment of the same row plus a long-tailed wait.
struct Later {
  std::size_t than = 0;
  double median_days = 1, spread = 0.5, days_max = 3650;
  bool date_only = false;
};

struct Text {
  Template text;
};

struct Product {
  std::vector<std::size_t> of;
  int decimals = 0;
};

/// times * of + plus + noise * normal, within [min, max].
struct Linear {
  std::size_t of = 0;
  double times = 1, plus = 0, noise = 0;
  double min = -kNumberMax, max = kNumberMax;
  int decimals = 0;
};

/// A cell of the row that a foreign key of this row points to.
struct Lookup {
  std::size_t through = 0; ///< the foreign key column here
  std::size_t column = 0;  ///< the column there
};

using Distribution = std::variant<Serial, ForeignKey, Number, Category, Moment, Later, Text,
                                  Product, Linear, Lookup>;

struct NullWhen {
  std::size_t column = 0;
  std::set<std::string, std::less<>> in;
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  bool not_null = false, primary_key = false, unique = false;
  std::optional<std::size_t> parent; ///< the table of "references" (its serial key)
  double null_share = 0;
  std::optional<NullWhen> null_when;
  Distribution values;
};

struct Index {
  std::string name;
  std::vector<std::string> columns;
};

struct Table {
  std::string name;
  std::optional<std::int64_t> rows; ///< else by ratio
  std::size_t per = 0;              ///< an earlier table
  double ratio = 1;                 ///< rows here for each row there
  std::vector<Column> columns;
  std::vector<std::size_t> order; ///< columns so that each comes after what it depends on
  std::vector<Index> indexes;
};

/// Reads a whole document. \throws Error{usage} naming the key that is wrong
[[nodiscard]] std::unique_ptr<Blueprint::Model> parse_model(std::string_view json_text,
                                                            std::string_view where);
/// What a distribution may look at while it is read.
struct ColumnScope {
  const std::vector<Table>& tables;
  const Table& table; ///< names, types and parents of all its columns are known
  const Vocabulary& vocabulary;
  std::string where; ///< file and column

  /// \throws Error{usage} naming the nearest column
  [[nodiscard]] std::size_t column(std::string_view name) const;
};
[[nodiscard]] Distribution parse_values(const Json& value, const Column& column,
                                        const ColumnScope& scope);
/// Kinds fit types, what may be NULL is not declared otherwise, cases cover all values, columns do
/// not depend on themselves; sets the order of columns. \throws Error{usage}
void check_table(const std::vector<Table>& tables, Table& table, const std::string& where);

/// Columns of the same row that `column` is computed from.
[[nodiscard]] std::vector<std::size_t> sources_of(const Column& column);
/// Position by name, ignoring ASCII case.
[[nodiscard]] std::optional<std::size_t> find_column(const Table& table, std::string_view name);
[[nodiscard]] std::optional<std::size_t> find_table(const std::vector<Table>& tables,
                                                    std::string_view name);
/// Rows of each table, ratios resolved. \throws Error{usage} above kRowsMax
[[nodiscard]] std::vector<std::int64_t> resolved_sizes(const std::vector<Table>& tables,
                                                       const std::string& where);
[[nodiscard]] std::string create_table(const std::vector<Table>& tables, std::size_t table);
[[nodiscard]] std::string create_index(const Table& table, const Index& index);

} // namespace quill::engine::seed

namespace quill::engine {

struct Blueprint::Model {
  std::string where; ///< for errors: file or given name
  std::string name;
  std::string summary;
  bool held_out = false;
  std::vector<seed::Table> tables;
};

} // namespace quill::engine
