#include "catch.hpp"

#include "engine/protocol.hpp"
#include "engine/row_receiver.hpp"

using namespace quill;
using namespace quill::engine;

namespace {

template <class T> std::string encoded(const T& value) {
  Encoder out;
  encode(out, value);
  return out.bytes();
}

/// Whole it decodes; cut anywhere, or with a byte more, it does not.
template <class T> T round_trip(const T& value) {
  const auto bytes = encoded(value);
  T back;
  REQUIRE(decode_whole(bytes, back));
  CHECK(encoded(back) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    T cut;
    CHECK_FALSE(decode_whole(std::string_view(bytes).substr(0, size), cut));
  }
  T longer;
  CHECK_FALSE(decode_whole(bytes + '\0', longer));
  return back;
}

sql::Schema some_schema() {
  sql::Table table;
  table.name = "t";
  table.columns = {{"a", "INTEGER", true, "BINARY"}, {"b", "", false, "NOCASE"}};
  table.primary_key = {"a"};
  table.rowid_alias = true;
  table.unique = {{"a"}, {"b", "a"}};
  table.foreign_keys = {{{"b"}, "u", {"id"}}};
  table.indexes = {{"i", true, {"b", ""}, "CREATE …", true}};
  table.rows = 7;
  table.sql = "CREATE TABLE t(a INTEGER PRIMARY KEY, b)";
  return {{table, sql::Table{}}, {{"v", "CREATE VIEW v AS SELECT a FROM t"}}};
}

} // namespace

TEST_CASE("every message survives the wire, and no part of one is taken for a whole", "[engine]") {
  const Limits limits{1, 2, 3, 4, 5};
  CHECK(round_trip(OpenFile{"/a b", false, "secret"}).path == "/a b");
  CHECK(round_trip(OpenScript{"CREATE", "s"}).script == "CREATE");
  CHECK(round_trip(OpenServer{"host=/tmp", "secret", "CREATE", "s"}).password == "secret");
  CHECK(round_trip(Opened{"sqlite 3", 9, 8, 7, true, {}}).landlock_abi == 7);
  CHECK(round_trip(Opened{"postgres 15", 0, 8, 7, true, {12, 34, true}}).backend.server_pid == 34);
  CHECK(round_trip(Refused{"what", "fix", true}).outside);
  CHECK(round_trip(Statement{std::string("a\0b", 3), limits, Side::indexed, 2.5}).sql.size() == 3);
  CHECK(round_trip(IndexRequest{{"x", "y"}, limits}).limits.steps == 5);
  CHECK(round_trip(TextAnswer{true, "tree"}).ok);
  const auto schema = round_trip(SchemaAnswer{true, "", some_schema()}).schema;
  CHECK(schema.tables[0].indexes[0].partial);
  CHECK(schema.tables[0].rows == 7);
  REQUIRE(schema.views.size() == 1);
  CHECK(schema.views[0].sql == "CREATE VIEW v AS SELECT a FROM t");
  CHECK_FALSE(schema.tables[1].rows.has_value());

  Execution execution{Status::row_limit, Cause::multiple, "m", {"a"}, {}, 3, 1.5, 9, {"t"}};
  CHECK(round_trip(execution).status == Status::row_limit);
  Sample sample;
  sample.status = Status::timeout;
  sample.digest.bag[1] = 12;
  sample.repeats = 4;
  CHECK(round_trip(sample).digest.bag[1] == 12);
  CHECK(round_trip(IndexBuild{true, "", 1, 2, 3}).bytes == 3);
  CHECK(round_trip(Plan{true, "", {"SCAN t"}, {"i"}, "[]"}).json == "[]");
}

TEST_CASE("a count that cannot be there allocates nothing", "[engine]") {
  Encoder out;
  out.number(std::uint32_t{0xffffffff}); // rows, none of which follow
  std::vector<Row> rows;
  CHECK_FALSE(decode_whole(out.bytes(), rows));
  CHECK(rows.capacity() == 0);

  Encoder text;
  text.number(std::uint8_t{1});
  text.number(std::uint32_t{0xfffffff0}); // a text of 4 GB in a message of 5 bytes
  TextAnswer answer;
  CHECK_FALSE(decode_whole(text.bytes(), answer));
}

TEST_CASE("values outside their range are refused", "[engine]") {
  auto bytes = encoded(Execution{});
  bytes[0] = 6; // statuses are 0 to 5
  Execution execution;
  CHECK_FALSE(decode_whole(bytes, execution));
  bytes[0] = 0;
  bytes[1] = 5; // causes are 0 to 4
  CHECK_FALSE(decode_whole(bytes, execution));
  auto answer = encoded(TextAnswer{true, ""});
  answer[0] = 2; // a boolean
  TextAnswer text;
  CHECK_FALSE(decode_whole(answer, text));
}

TEST_CASE("the head of a frame: no empty frame, none above the cap", "[engine]") {
  FrameHead head;
  REQUIRE(decode_head(encode_head(3, 10), head));
  CHECK(head.kind == 3);
  CHECK(head.payload_bytes == 10);
  CHECK(decode_head(encode_head(3, kFrameMax - 1), head));
  CHECK_FALSE(decode_head(encode_head(3, kFrameMax), head));
  CHECK_FALSE(decode_head(std::string_view("\0\0\0\0\1", 5), head));
  CHECK_FALSE(decode_head("abc", head));
}

TEST_CASE("a frame of rows holds at most a million cells", "[engine]") {
  const auto frame = [](std::uint32_t cells) {
    Encoder out;
    out.number(std::uint32_t{1});
    out.number(cells);
    return out.bytes() + std::string(cells, '\0'); // NULLs
  };
  std::vector<Row> rows;
  CHECK(decode_whole(frame(1U << 20U), rows));
  CHECK_FALSE(decode_whole(frame((1U << 20U) + 1), rows));
}

TEST_CASE("a worker that sends more rows than asked for is caught", "[engine]") {
  Encoder out;
  out.number(std::uint32_t{3});
  for (std::int64_t i = 0; i < 3; ++i) {
    out.number(std::uint32_t{1});
    encode(out, Value{i});
  }
  Limits limits;
  limits.rows = 3;
  const std::function<bool(Row&&)> no_sink;
  RowReceiver fits(limits, no_sink);
  CHECK(fits.take(out.bytes()));
  CHECK(fits.count() == 3);
  CHECK(fits.release() ==
        std::vector<Row>{{std::int64_t{0}}, {std::int64_t{1}}, {std::int64_t{2}}});
  limits.rows = 2;
  RowReceiver overflows(limits, no_sink);
  CHECK_FALSE(overflows.take(out.bytes()));
  limits.rows = 0;
  RowReceiver garbled(limits, no_sink);
  CHECK_FALSE(garbled.take("\1\1\1"));
}
