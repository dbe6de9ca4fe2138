#include "engine/protocol.hpp"

#include <algorithm>

namespace quill::engine {
namespace {

enum class Cell : std::uint8_t { null, integer, real, text, blob, last = blob };

void encode_texts(Encoder& out, const std::vector<std::string>& texts) {
  out.number(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts)
    out.text(text);
}

void decode_texts(Decoder& in, std::vector<std::string>& texts) {
  texts.resize(in.count(sizeof(std::uint32_t)));
  for (auto& text : texts)
    text = in.text();
}

void encode_limits(Encoder& out, const Limits& limits) {
  for (const auto number :
       {limits.rows, limits.timeout_ms, limits.memory_mb, limits.result_mb, limits.steps})
    out.number(number);
}

void decode_limits(Decoder& in, Limits& limits) {
  for (auto* number :
       {&limits.rows, &limits.timeout_ms, &limits.memory_mb, &limits.result_mb, &limits.steps})
    *number = in.number<std::int64_t>();
}

void encode_outcome(Encoder& out, Status status, Cause cause, const std::string& message) {
  out.number(static_cast<std::uint8_t>(status));
  out.number(static_cast<std::uint8_t>(cause));
  out.text(message);
}

template <class T> void decode_outcome(Decoder& in, T& value) {
  value.status = in.choice(Status::row_limit);
  value.cause = in.choice(Cause::multiple);
  value.message = in.text();
}

void encode_backend(Encoder& out, const Backend& backend) {
  out.number(backend.pid);
  out.number(backend.server_pid);
  out.number(std::uint8_t{backend.superuser});
}

void decode_backend(Decoder& in, Backend& backend) {
  backend.pid = in.number<std::int32_t>();
  backend.server_pid = in.number<std::int32_t>();
  backend.superuser = in.boolean();
}

Value decode_cell(Decoder& in) {
  switch (in.choice(Cell::last)) {
  case Cell::null:
    return {};
  case Cell::integer:
    return in.number<std::int64_t>();
  case Cell::real:
    return in.number<double>();
  case Cell::text:
    return std::string(in.text());
  case Cell::blob:
    return Blob{std::string(in.text())};
  }
  return {};
}

struct CellEncoder {
  Encoder& out;
  void tag(Cell cell) const { out.number(static_cast<std::uint8_t>(cell)); }
  void operator()(std::monostate) const { tag(Cell::null); }
  void operator()(std::int64_t value) const {
    tag(Cell::integer);
    out.number(value);
  }
  void operator()(double value) const {
    tag(Cell::real);
    out.number(value);
  }
  void operator()(const std::string& value) const {
    tag(Cell::text);
    out.text(value);
  }
  void operator()(const Blob& value) const {
    tag(Cell::blob);
    out.text(value.bytes);
  }
};

void encode_column(Encoder& out, const sql::ColumnInfo& column) {
  out.text(column.name);
  out.text(column.type);
  out.number(std::uint8_t{column.not_null});
  out.text(column.collation);
}

void decode_column(Decoder& in, sql::ColumnInfo& column) {
  column.name = in.text();
  column.type = in.text();
  column.not_null = in.boolean();
  column.collation = in.text();
}

void encode_index(Encoder& out, const sql::IndexInfo& index) {
  out.text(index.name);
  out.number(std::uint8_t{index.unique});
  encode_texts(out, index.columns);
  out.text(index.sql);
  out.number(std::uint8_t{index.partial});
}

void decode_index(Decoder& in, sql::IndexInfo& index) {
  index.name = in.text();
  index.unique = in.boolean();
  decode_texts(in, index.columns);
  index.sql = in.text();
  index.partial = in.boolean();
}

void encode_key(Encoder& out, const sql::ForeignKey& key) {
  encode_texts(out, key.columns);
  out.text(key.table);
  encode_texts(out, key.target_columns);
}

void decode_key(Decoder& in, sql::ForeignKey& key) {
  decode_texts(in, key.columns);
  key.table = in.text();
  decode_texts(in, key.target_columns);
}

template <class T, class F> void encode_list(Encoder& out, const std::vector<T>& items, F item) {
  out.number(static_cast<std::uint32_t>(items.size()));
  for (const auto& each : items)
    item(out, each);
}

template <class T, class F> void decode_list(Decoder& in, std::vector<T>& items, F item) {
  const auto count = in.count(sizeof(std::uint32_t));
  items.clear();
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    item(in, items.emplace_back());
}

void encode_table(Encoder& out, const sql::Table& table) {
  out.text(table.name);
  encode_list(out, table.columns, encode_column);
  encode_texts(out, table.primary_key);
  out.number(std::uint8_t{table.rowid_alias});
  out.number(std::uint8_t{table.without_rowid});
  encode_list(out, table.unique, encode_texts);
  encode_list(out, table.foreign_keys, encode_key);
  encode_list(out, table.indexes, encode_index);
  out.number(static_cast<std::int64_t>(table.rows.value_or(-1)));
  out.text(table.sql);
}

void decode_table(Decoder& in, sql::Table& table) {
  table.name = in.text();
  decode_list(in, table.columns, decode_column);
  decode_texts(in, table.primary_key);
  table.rowid_alias = in.boolean();
  table.without_rowid = in.boolean();
  decode_list(in, table.unique, decode_texts);
  decode_list(in, table.foreign_keys, decode_key);
  decode_list(in, table.indexes, decode_index);
  const auto rows = in.number<std::int64_t>();
  if (rows < -1)
    in.fail();
  if (rows >= 0)
    table.rows = rows;
  table.sql = in.text();
}

void encode_view(Encoder& out, const sql::View& view) {
  out.text(view.name);
  out.text(view.sql);
}

void decode_view(Decoder& in, sql::View& view) {
  view.name = in.text();
  view.sql = in.text();
}

} // namespace

void encode(Encoder& out, const OpenFile& value) {
  out.text(value.path);
  out.number(std::uint8_t{value.check});
  out.text(value.hash_secret);
}

void decode(Decoder& in, OpenFile& value) {
  value.path = in.text();
  value.check = in.boolean();
  value.hash_secret = in.text();
}

void encode(Encoder& out, const OpenScript& value) {
  out.text(value.script);
  out.text(value.hash_secret);
}

void decode(Decoder& in, OpenScript& value) {
  value.script = in.text();
  value.hash_secret = in.text();
}

void encode(Encoder& out, const OpenServer& value) {
  out.text(value.connection);
  out.text(value.password);
  out.text(value.script);
  out.text(value.hash_secret);
}

void decode(Decoder& in, OpenServer& value) {
  value.connection = in.text();
  value.password = in.text();
  value.script = in.text();
  value.hash_secret = in.text();
}

void encode(Encoder& out, const MakeTpcds& value) {
  out.number(value.scale);
  out.text(value.extension);
  out.text(value.database);
  out.text(value.folder);
  out.number(static_cast<std::uint8_t>(value.tables));
}
void decode(Decoder& in, MakeTpcds& value) {
  value.scale = in.number<double>();
  value.extension = in.text();
  value.database = in.text();
  value.folder = in.text();
  value.tables = in.boolean();
}

void encode(Encoder& out, const FillServer& value) {
  out.text(value.connection);
  out.text(value.password);
  out.text(value.before);
  out.number(static_cast<std::uint32_t>(value.files.size()));
  for (const auto& file : value.files) {
    out.text(file.table);
    out.text(file.path);
  }
  out.text(value.after);
}
void decode(Decoder& in, FillServer& value) {
  value.connection = in.text();
  value.password = in.text();
  value.before = in.text();
  value.files.resize(in.count(2 * sizeof(std::uint32_t)));
  for (auto& file : value.files) {
    file.table = in.text();
    file.path = in.text();
  }
  value.after = in.text();
}

void encode(Encoder& out, const Opened& value) {
  out.text(value.version);
  out.number(value.image_bytes);
  out.number(value.address_space);
  out.number(std::int32_t{value.landlock_abi});
  out.number(std::uint8_t{value.seccomp});
  encode_backend(out, value.backend);
}

void decode(Decoder& in, Opened& value) {
  value.version = in.text();
  value.image_bytes = in.number<std::uint64_t>();
  value.address_space = in.number<std::uint64_t>();
  value.landlock_abi = in.number<std::int32_t>();
  value.seccomp = in.boolean();
  decode_backend(in, value.backend);
}

void encode(Encoder& out, const Refused& value) {
  out.text(value.what);
  out.text(value.fix);
  out.number(std::uint8_t{value.outside});
}

void decode(Decoder& in, Refused& value) {
  value.what = in.text();
  value.fix = in.text();
  value.outside = in.boolean();
}

void encode(Encoder& out, const Statement& value) {
  out.text(value.sql);
  encode_limits(out, value.limits);
  out.number(static_cast<std::uint8_t>(value.side));
  out.number(value.sample_ms_min);
}

void decode(Decoder& in, Statement& value) {
  value.sql = in.text();
  decode_limits(in, value.limits);
  value.side = in.choice(Side::reversed);
  value.sample_ms_min = in.number<double>();
}

void encode(Encoder& out, const IndexRequest& value) {
  encode_texts(out, value.statements);
  encode_limits(out, value.limits);
}

void decode(Decoder& in, IndexRequest& value) {
  decode_texts(in, value.statements);
  decode_limits(in, value.limits);
}

void encode(Encoder& out, const Supposition& value) {
  encode(out, value.statement);
  encode_texts(out, value.indexes);
}

void decode(Decoder& in, Supposition& value) {
  decode(in, value.statement);
  decode_texts(in, value.indexes);
}

void encode(Encoder& out, const LoadRequest& value) {
  encode_list(out, value.tables, [](Encoder& each, const TableRows& table) {
    each.text(table.table);
    encode_texts(each, table.columns);
    each.number(static_cast<std::uint32_t>(table.rows.size()));
    for (const Row& row : table.rows) {
      each.number(static_cast<std::uint32_t>(row.size()));
      for (const Value& cell : row)
        encode(each, cell);
    }
  });
}

void decode(Decoder& in, LoadRequest& value) {
  decode_list(in, value.tables, [](Decoder& each, TableRows& table) {
    table.table = each.text();
    decode_texts(each, table.columns);
    decode(each, table.rows);
  });
}

void encode(Encoder& out, const Loaded& value) {
  out.number(std::uint8_t{value.ok});
  out.text(value.message);
  encode_list(out, value.kept, [](Encoder& each, const std::vector<std::uint8_t>& rows) {
    each.text({reinterpret_cast<const char*>(rows.data()), rows.size()});
  });
}

void decode(Decoder& in, Loaded& value) {
  value.ok = in.boolean();
  value.message = in.text();
  decode_list(in, value.kept, [](Decoder& each, std::vector<std::uint8_t>& rows) {
    const auto text = each.text();
    rows.assign(text.begin(), text.end());
  });
}

void encode(Encoder& out, const HashRequest& value) {
  encode_list(out, value.statements, [](Encoder& each, const Asked& asked) {
    each.text(asked.sql);
    each.number(static_cast<std::uint8_t>(asked.side));
  });
  encode_limits(out, value.limits);
}

void decode(Decoder& in, HashRequest& value) {
  decode_list(in, value.statements, [](Decoder& each, Asked& asked) {
    asked.sql = each.text();
    asked.side = each.choice(Side::reversed);
  });
  decode_limits(in, value.limits);
}

void encode(Encoder& out, const HashAnswer& value) {
  encode_list(out, value.samples,
              [](Encoder& each, const Sample& sample) { encode(each, sample); });
}

void decode(Decoder& in, HashAnswer& value) {
  decode_list(in, value.samples, [](Decoder& each, Sample& sample) { decode(each, sample); });
}

void encode(Encoder& out, const TextAnswer& value) {
  out.number(std::uint8_t{value.ok});
  out.text(value.text);
}

void decode(Decoder& in, TextAnswer& value) {
  value.ok = in.boolean();
  value.text = in.text();
}

void encode(Encoder& out, const SchemaAnswer& value) {
  out.number(std::uint8_t{value.ok});
  out.text(value.message);
  encode_list(out, value.schema.tables, encode_table);
  encode_list(out, value.schema.views, encode_view);
}

void decode(Decoder& in, SchemaAnswer& value) {
  value.ok = in.boolean();
  value.message = in.text();
  decode_list(in, value.schema.tables, decode_table);
  decode_list(in, value.schema.views, decode_view);
}

void encode(Encoder& out, const Execution& value) {
  encode_outcome(out, value.status, value.cause, value.message);
  encode_texts(out, value.columns);
  out.number(value.row_count);
  out.number(value.elapsed_ms);
  out.number(value.steps);
  encode_texts(out, value.tables_read);
}

void decode(Decoder& in, Execution& value) {
  decode_outcome(in, value);
  decode_texts(in, value.columns);
  value.row_count = in.number<std::int64_t>();
  value.elapsed_ms = in.number<double>();
  value.steps = in.number<std::int64_t>();
  decode_texts(in, value.tables_read);
}

void encode(Encoder& out, const Sample& value) {
  encode_outcome(out, value.status, value.cause, value.message);
  out.number(value.elapsed_ms);
  out.number(value.total_ms);
  out.number(value.cpu_ms);
  out.number(value.steps);
  out.number(std::int32_t{value.repeats});
  for (const auto lane :
       {value.digest.list[0], value.digest.list[1], value.digest.bag[0], value.digest.bag[1]})
    out.number(lane);
  out.number(value.row_count);
  encode_texts(out, value.columns);
  encode_texts(out, value.tables_read);
}

void decode(Decoder& in, Sample& value) {
  decode_outcome(in, value);
  value.elapsed_ms = in.number<double>();
  value.total_ms = in.number<double>();
  value.cpu_ms = in.number<double>();
  value.steps = in.number<std::int64_t>();
  value.repeats = in.number<std::int32_t>();
  for (auto* lane :
       {&value.digest.list[0], &value.digest.list[1], &value.digest.bag[0], &value.digest.bag[1]})
    *lane = in.number<std::uint64_t>();
  value.row_count = in.number<std::int64_t>();
  decode_texts(in, value.columns);
  decode_texts(in, value.tables_read);
}

void encode(Encoder& out, const IndexBuild& value) {
  out.number(std::uint8_t{value.ok});
  out.text(value.message);
  out.number(value.elapsed_ms);
  out.number(value.copy_ms);
  out.number(value.bytes);
}

void decode(Decoder& in, IndexBuild& value) {
  value.ok = in.boolean();
  value.message = in.text();
  value.elapsed_ms = in.number<double>();
  value.copy_ms = in.number<double>();
  value.bytes = in.number<std::int64_t>();
}

void encode(Encoder& out, const Plan& value) {
  out.number(std::uint8_t{value.ok});
  out.text(value.message);
  encode_texts(out, value.lines);
  encode_texts(out, value.indexes_used);
  out.text(value.json);
  out.number(value.cost);
}

void decode(Decoder& in, Plan& value) {
  value.ok = in.boolean();
  value.message = in.text();
  decode_texts(in, value.lines);
  decode_texts(in, value.indexes_used);
  value.json = in.text();
  value.cost = in.number<double>();
}

void encode(Encoder& out, const Value& value) {
  std::visit(CellEncoder{out}, value);
}

void decode(Decoder& in, std::vector<Row>& value) {
  const auto rows = in.count(sizeof(std::uint32_t));
  value.clear();
  std::size_t cells_left = kFrameCellsMax;
  for (std::size_t r = 0; r < rows && in.ok(); ++r) {
    auto& row = value.emplace_back();
    const auto cells = in.count(1);
    if (cells > cells_left)
      in.fail();
    cells_left -= std::min(cells, cells_left);
    for (std::size_t c = 0; c < cells && in.ok(); ++c)
      row.push_back(decode_cell(in));
  }
}

bool decode_head(std::string_view bytes, FrameHead& head) {
  Decoder in(bytes.substr(0, kFrameHeader));
  const auto size = in.number<std::uint32_t>();
  head.kind = in.number<std::uint8_t>();
  if (!in.done() || size == 0 || size > kFrameMax)
    return false;
  head.payload_bytes = size - 1;
  return true;
}

std::string encode_head(std::uint8_t kind, std::size_t payload_bytes) {
  Encoder out;
  out.number(static_cast<std::uint32_t>(payload_bytes + 1));
  out.number(kind);
  return out.bytes();
}

} // namespace quill::engine
