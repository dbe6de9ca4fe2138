#include "engine/duckdb/cells.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace quill::engine::duckdb {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();

std::string_view view_of(const duckdb_string_t& text) {
  auto& mutable_text = const_cast<duckdb_string_t&>(text); // the C interface takes it so
  return {::duckdb_string_t_data(&mutable_text), ::duckdb_string_t_length(text)};
}

std::string digits(UnsignedWide value) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return text;
}

std::string decimal_text(Wide value, unsigned scale) {
  const bool negative = value < 0;
  auto text =
      digits(negative ? -static_cast<UnsignedWide>(value) : static_cast<UnsignedWide>(value));
  if (scale > 0) {
    if (text.size() <= scale)
      text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, ".");
  }
  return negative ? "-" + text : text;
}

Wide wide(const duckdb_hugeint& value) {
  return (static_cast<Wide>(value.upper) << 64U) | static_cast<Wide>(value.lower);
}

void put_wide(Wide value, CellSink& sink) {
  if (value >= kMin64 && value <= kMax64)
    sink.integer(static_cast<std::int64_t>(value));
  else
    sink.text(decimal_text(value, 0));
}

void put_unsigned(UnsignedWide value, CellSink& sink) {
  if (value <= static_cast<UnsignedWide>(kMax64))
    sink.integer(static_cast<std::int64_t>(value));
  else
    sink.text(digits(value));
}

void put_real(double value, CellSink& sink) {
  if (std::isnan(value))
    sink.text("NaN");
  else
    sink.real(value);
}

Wide power_of_ten(unsigned exponent) {
  Wide power = 1;
  for (; exponent > 0; --exponent)
    power *= 10;
  return power;
}

/// The nearest double: one correctly rounded division where both numbers are exact, else by text.
double decimal_real(Wide value, unsigned scale) {
  constexpr Wide kExact = Wide{1} << 53U;
  constexpr unsigned kExactPower = 22;
  if (value > -kExact && value < kExact && scale <= kExactPower)
    return static_cast<double>(value) / static_cast<double>(power_of_ten(scale));
  return std::strtod(decimal_text(value, scale).c_str(), nullptr);
}

void put_decimal(Wide value, unsigned scale, CellSink& sink) {
  const auto unit = power_of_ten(scale);
  if (value % unit == 0)
    put_wide(value / unit, sink);
  else
    sink.real(decimal_real(value, scale));
}

std::string date_text(duckdb_date date) {
  if (!::duckdb_is_finite_date(date))
    return date.days > 0 ? "infinity" : "-infinity";
  const auto parts = ::duckdb_from_date(date);
  return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
}

/// HH:MM:SS and the fraction without its trailing zeros.
std::string clock_text(std::int64_t units, std::int64_t units_per_second, int places) {
  const auto seconds = units / units_per_second;
  auto text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const auto fraction = units % units_per_second; fraction != 0) {
    text += fmt::format(".{:0{}}", fraction, places);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

std::string timestamp_text(std::int64_t units, std::int64_t units_per_second, int places) {
  if (units == kMax64 || units == -kMax64)
    return units > 0 ? "infinity" : "-infinity";
  const auto per_day = units_per_second * 86'400;
  auto day = units / per_day;
  auto within = units % per_day;
  if (within < 0) {
    within += per_day;
    --day;
  }
  return date_text({static_cast<std::int32_t>(day)}) + " " +
         clock_text(within, units_per_second, places);
}

std::string interval_text(const duckdb_interval& value) {
  const bool negative = value.micros < 0;
  const auto micros = negative ? -value.micros : value.micros;
  return fmt::format("{} months {} days {}{}", value.months, value.days, negative ? "-" : "",
                     clock_text(micros, 1'000'000, 6));
}

std::string time_tz_text(const duckdb_time_tz& value) {
  const auto parts = ::duckdb_from_time_tz(value);
  const auto& t = parts.time;
  const auto micros =
      ((t.hour * std::int64_t{60} + t.min) * 60 + t.sec) * 1'000'000 + std::int64_t{t.micros};
  return fmt::format("{}{:+d}s", clock_text(micros, 1'000'000, 6), parts.offset);
}

/// DuckDB stores it as a number that sorts like the text: the highest bit is turned.
std::string uuid_text(const duckdb_hugeint& value) {
  const auto high = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63U);
  const auto hex = fmt::format("{:016x}{:016x}", high, value.lower);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

/// The first byte says how many bits of the second are padding.
std::string bit_text(std::string_view bytes) {
  if (bytes.empty())
    return "";
  std::string text;
  const auto padding = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]));
  for (std::size_t bit = padding; bit < (bytes.size() - 1) * 8; ++bit) {
    const auto byte = static_cast<unsigned char>(bytes[1 + bit / 8]);
    text += ((byte >> (7U - bit % 8)) & 1U) != 0 ? '1' : '0';
  }
  return text;
}

/// Writes a cell as a part of a list's or struct's text.
class TextSink final : public CellSink {
 public:
  explicit TextSink(std::string& out) : out_(out) {}
  void null() override { out_ += "NULL"; }
  void integer(std::int64_t value) override { out_ += fmt::format("{}", value); }
  void real(double value) override { out_ += fmt::format("{}", value); }
  void text(std::string_view value) override {
    out_ += '\'';
    for (const char c : value)
      out_ += c == '\'' ? std::string("''") : std::string(1, c);
    out_ += '\'';
  }
  void blob(std::string_view value) override {
    out_ += "x'";
    for (const char c : value)
      out_ += fmt::format("{:02x}", static_cast<unsigned char>(c));
    out_ += '\'';
  }
  void nested(std::string_view value) override { out_ += value; }

 private:
  std::string& out_;
};

template <class T> T at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(::duckdb_vector_get_data(vector))[row];
}

Wide stored_decimal(const ColumnType& type, duckdb_vector vector, idx_t row) {
  switch (type.storage) {
  case DUCKDB_TYPE_SMALLINT:
    return at<std::int16_t>(vector, row);
  case DUCKDB_TYPE_INTEGER:
    return at<std::int32_t>(vector, row);
  case DUCKDB_TYPE_BIGINT:
    return at<std::int64_t>(vector, row);
  default:
    return wide(at<duckdb_hugeint>(vector, row));
  }
}

std::string_view enum_word(const ColumnType& type, duckdb_vector vector, idx_t row) {
  std::size_t index = 0;
  if (type.storage == DUCKDB_TYPE_UTINYINT)
    index = at<std::uint8_t>(vector, row);
  else if (type.storage == DUCKDB_TYPE_USMALLINT)
    index = at<std::uint16_t>(vector, row);
  else
    index = at<std::uint32_t>(vector, row);
  return index < type.names.size() ? std::string_view(type.names[index]) : std::string_view();
}

void read_cell(const ColumnType& type, duckdb_vector vector, idx_t row, CellSink& sink);

void append_items(std::string& text, const ColumnType& type, duckdb_vector items, idx_t begin,
                  idx_t end) {
  TextSink inside(text);
  text += '[';
  for (idx_t i = begin; i < end; ++i) {
    if (i > begin)
      text += ", ";
    read_cell(type, items, i, inside);
  }
  text += ']';
}

std::string struct_text(const ColumnType& type, duckdb_vector vector, idx_t row) {
  std::string text = "{";
  TextSink inside(text);
  for (std::size_t i = 0; i < type.inner.size(); ++i) {
    text += i > 0 ? ", " : "";
    inside.text(type.names[i]);
    text += ": ";
    read_cell(type.inner[i], ::duckdb_struct_vector_get_child(vector, i), row, inside);
  }
  return text + "}";
}

/// A union is a struct whose first member says which of the others holds the value.
std::string union_text(const ColumnType& type, duckdb_vector vector, idx_t row) {
  const auto tag = at<std::uint8_t>(::duckdb_struct_vector_get_child(vector, 0), row);
  std::string text;
  TextSink inside(text);
  if (tag < type.inner.size())
    read_cell(type.inner[tag], ::duckdb_struct_vector_get_child(vector, tag + idx_t{1}), row,
              inside);
  return text;
}

std::string nested_text(const ColumnType& type, duckdb_vector vector, idx_t row) {
  std::string text;
  switch (type.id) {
  case DUCKDB_TYPE_LIST:
  case DUCKDB_TYPE_MAP: { // a map is a list of its pairs
    const auto entry = at<duckdb_list_entry>(vector, row);
    append_items(text, type.inner.front(), ::duckdb_list_vector_get_child(vector), entry.offset,
                 entry.offset + entry.length);
    return text;
  }
  case DUCKDB_TYPE_ARRAY:
    append_items(text, type.inner.front(), ::duckdb_array_vector_get_child(vector),
                 row * type.array_size, (row + 1) * type.array_size);
    return text;
  case DUCKDB_TYPE_STRUCT:
    return struct_text(type, vector, row);
  default:
    return union_text(type, vector, row);
  }
}

/// Dates, times and what else has a text of its own; true when it was one.
bool put_special(const ColumnType& type, duckdb_vector vector, idx_t row, CellSink& sink) {
  switch (type.id) {
  case DUCKDB_TYPE_DATE:
    sink.text(date_text(at<duckdb_date>(vector, row)));
    return true;
  case DUCKDB_TYPE_TIME:
    sink.text(clock_text(at<std::int64_t>(vector, row), 1'000'000, 6));
    return true;
  case DUCKDB_TYPE_TIME_TZ:
    sink.text(time_tz_text(at<duckdb_time_tz>(vector, row)));
    return true;
  case DUCKDB_TYPE_TIMESTAMP:
    sink.text(timestamp_text(at<std::int64_t>(vector, row), 1'000'000, 6));
    return true;
  case DUCKDB_TYPE_TIMESTAMP_TZ:
    sink.text(timestamp_text(at<std::int64_t>(vector, row), 1'000'000, 6) + "+00");
    return true;
  case DUCKDB_TYPE_TIMESTAMP_S:
    sink.text(timestamp_text(at<std::int64_t>(vector, row), 1, 0));
    return true;
  case DUCKDB_TYPE_TIMESTAMP_MS:
    sink.text(timestamp_text(at<std::int64_t>(vector, row), 1'000, 3));
    return true;
  case DUCKDB_TYPE_TIMESTAMP_NS:
    sink.text(timestamp_text(at<std::int64_t>(vector, row), 1'000'000'000, 9));
    return true;
  case DUCKDB_TYPE_INTERVAL:
    sink.text(interval_text(at<duckdb_interval>(vector, row)));
    return true;
  case DUCKDB_TYPE_UUID:
    sink.text(uuid_text(at<duckdb_hugeint>(vector, row)));
    return true;
  case DUCKDB_TYPE_ENUM:
    sink.text(enum_word(type, vector, row));
    return true;
  case DUCKDB_TYPE_BIT:
    sink.text(bit_text(view_of(at<duckdb_string_t>(vector, row))));
    return true;
  default:
    return false;
  }
}

bool put_number(const ColumnType& type, duckdb_vector vector, idx_t row, CellSink& sink) {
  switch (type.id) {
  case DUCKDB_TYPE_BOOLEAN:
    sink.integer(at<bool>(vector, row) ? 1 : 0);
    return true;
  case DUCKDB_TYPE_TINYINT:
    sink.integer(at<std::int8_t>(vector, row));
    return true;
  case DUCKDB_TYPE_SMALLINT:
    sink.integer(at<std::int16_t>(vector, row));
    return true;
  case DUCKDB_TYPE_INTEGER:
    sink.integer(at<std::int32_t>(vector, row));
    return true;
  case DUCKDB_TYPE_BIGINT:
    sink.integer(at<std::int64_t>(vector, row));
    return true;
  case DUCKDB_TYPE_UTINYINT:
    sink.integer(at<std::uint8_t>(vector, row));
    return true;
  case DUCKDB_TYPE_USMALLINT:
    sink.integer(at<std::uint16_t>(vector, row));
    return true;
  case DUCKDB_TYPE_UINTEGER:
    sink.integer(at<std::uint32_t>(vector, row));
    return true;
  case DUCKDB_TYPE_UBIGINT:
    put_unsigned(at<std::uint64_t>(vector, row), sink);
    return true;
  case DUCKDB_TYPE_HUGEINT:
    put_wide(wide(at<duckdb_hugeint>(vector, row)), sink);
    return true;
  case DUCKDB_TYPE_UHUGEINT:
    put_unsigned(static_cast<UnsignedWide>(wide(at<duckdb_hugeint>(vector, row))), sink);
    return true;
  case DUCKDB_TYPE_FLOAT:
    put_real(static_cast<double>(at<float>(vector, row)), sink);
    return true;
  case DUCKDB_TYPE_DOUBLE:
    put_real(at<double>(vector, row), sink);
    return true;
  case DUCKDB_TYPE_DECIMAL:
    put_decimal(stored_decimal(type, vector, row), type.scale, sink);
    return true;
  default:
    return false;
  }
}

void read_cell(const ColumnType& type, duckdb_vector vector, idx_t row, CellSink& sink) {
  auto* validity = ::duckdb_vector_get_validity(vector);
  if (type.id == DUCKDB_TYPE_SQLNULL ||
      (validity && !::duckdb_validity_row_is_valid(validity, row)))
    return sink.null();
  if (put_number(type, vector, row, sink))
    return;
  if (type.id == DUCKDB_TYPE_VARCHAR)
    return sink.text(view_of(at<duckdb_string_t>(vector, row)));
  if (type.id == DUCKDB_TYPE_BLOB)
    return sink.blob(view_of(at<duckdb_string_t>(vector, row)));
  if (!put_special(type, vector, row, sink))
    sink.nested(nested_text(type, vector, row));
}

ColumnType inner_type(duckdb_logical_type made) {
  TypeHandle type;
  *type.out() = made;
  return column_type(type.get());
}

void describe_members(ColumnType& column, duckdb_logical_type type) {
  const bool is_union = column.id == DUCKDB_TYPE_UNION;
  const auto count =
      is_union ? ::duckdb_union_type_member_count(type) : ::duckdb_struct_type_child_count(type);
  for (idx_t i = 0; i < count; ++i) {
    column.names.push_back(taken(is_union ? ::duckdb_union_type_member_name(type, i)
                                          : ::duckdb_struct_type_child_name(type, i)));
    column.inner.push_back(inner_type(is_union ? ::duckdb_union_type_member_type(type, i)
                                               : ::duckdb_struct_type_child_type(type, i)));
  }
}

/// A map as the list of pairs it is stored as.
void describe_map(ColumnType& column, duckdb_logical_type type) {
  ColumnType pair;
  pair.id = DUCKDB_TYPE_STRUCT;
  pair.names = {"key", "value"};
  pair.inner.push_back(inner_type(::duckdb_map_type_key_type(type)));
  pair.inner.push_back(inner_type(::duckdb_map_type_value_type(type)));
  column.inner.push_back(std::move(pair));
}

void describe_enum(ColumnType& column, duckdb_logical_type type) {
  column.storage = ::duckdb_enum_internal_type(type);
  const auto words = ::duckdb_enum_dictionary_size(type);
  for (idx_t i = 0; i < words; ++i)
    column.names.push_back(taken(::duckdb_enum_dictionary_value(type, i)));
}

} // namespace

ColumnType column_type(duckdb_logical_type type) {
  ColumnType column;
  column.id = ::duckdb_get_type_id(type);
  switch (column.id) {
  case DUCKDB_TYPE_DECIMAL:
    column.storage = ::duckdb_decimal_internal_type(type);
    column.scale = ::duckdb_decimal_scale(type);
    break;
  case DUCKDB_TYPE_ENUM:
    describe_enum(column, type);
    break;
  case DUCKDB_TYPE_LIST:
    column.inner.push_back(inner_type(::duckdb_list_type_child_type(type)));
    break;
  case DUCKDB_TYPE_ARRAY:
    column.array_size = ::duckdb_array_type_array_size(type);
    column.inner.push_back(inner_type(::duckdb_array_type_child_type(type)));
    break;
  case DUCKDB_TYPE_MAP:
    describe_map(column, type);
    break;
  case DUCKDB_TYPE_STRUCT:
  case DUCKDB_TYPE_UNION:
    describe_members(column, type);
    break;
  default:
    break;
  }
  return column;
}

bool is_readable(const ColumnType& type) {
  static constexpr auto kReadable = std::to_array<duckdb_type>(
      {DUCKDB_TYPE_SQLNULL,      DUCKDB_TYPE_BOOLEAN,     DUCKDB_TYPE_TINYINT,
       DUCKDB_TYPE_SMALLINT,     DUCKDB_TYPE_INTEGER,     DUCKDB_TYPE_BIGINT,
       DUCKDB_TYPE_UTINYINT,     DUCKDB_TYPE_USMALLINT,   DUCKDB_TYPE_UINTEGER,
       DUCKDB_TYPE_UBIGINT,      DUCKDB_TYPE_HUGEINT,     DUCKDB_TYPE_UHUGEINT,
       DUCKDB_TYPE_FLOAT,        DUCKDB_TYPE_DOUBLE,      DUCKDB_TYPE_DECIMAL,
       DUCKDB_TYPE_VARCHAR,      DUCKDB_TYPE_BLOB,        DUCKDB_TYPE_DATE,
       DUCKDB_TYPE_TIME,         DUCKDB_TYPE_TIME_TZ,     DUCKDB_TYPE_TIMESTAMP,
       DUCKDB_TYPE_TIMESTAMP_TZ, DUCKDB_TYPE_TIMESTAMP_S, DUCKDB_TYPE_TIMESTAMP_MS,
       DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_INTERVAL,    DUCKDB_TYPE_UUID,
       DUCKDB_TYPE_ENUM,         DUCKDB_TYPE_BIT,         DUCKDB_TYPE_LIST,
       DUCKDB_TYPE_ARRAY,        DUCKDB_TYPE_MAP,         DUCKDB_TYPE_STRUCT,
       DUCKDB_TYPE_UNION});
  for (const auto& inner : type.inner)
    if (!is_readable(inner))
      return false;
  for (const auto id : kReadable)
    if (id == type.id)
      return true;
  return false;
}

Cells::Cells(duckdb_data_chunk chunk, const std::vector<ColumnType>& types) : types_(types) {
  for (std::size_t i = 0; i < types.size(); ++i)
    vectors_.push_back(::duckdb_data_chunk_get_vector(chunk, i));
}

void Cells::read(std::size_t column, idx_t row, CellSink& sink) const {
  read_cell(types_[column], vectors_[column], row, sink);
}

} // namespace quill::engine::duckdb
