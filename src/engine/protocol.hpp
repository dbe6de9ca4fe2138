// What quill and quill-worker say to each other over one socket: frames of a length, a kind and a
// payload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/codec.hpp"
#include "quill/engine/scratch.hpp"
#include "quill/engine/session.hpp"

namespace quill::engine {

/// u32 bytes of what follows, u8 kind, payload.
inline constexpr std::size_t kFrameHeader = 5;
inline constexpr std::size_t kFrameMax = 72U << 20U;
/// Cells of one Answer::rows frame; a cell of one byte becomes a Value of forty.
inline constexpr std::size_t kFrameCellsMax = 1U << 20U;
inline constexpr std::size_t kRowsFrameBytes = 256U << 10U; ///< rows are sent when so many wait
/// Longer statements are refused before they travel; SQLITE_LIMIT_SQL_LENGTH in the worker.
inline constexpr std::size_t kStatementBytesMax = 100'000;
/// How a message begins after which the worker is of no use: its engine or connection is gone.
inline constexpr std::string_view kEngineGone = "the engine gave up: ";
/// How long after its deadline a statement's worker is killed.
inline constexpr double kGraceMs = 75;

enum class Ask : std::uint8_t {
  open_file = 1,
  open_script,
  run,
  sample,
  build_indexes,
  plan,
  program,
  schema,
  grammar,
  stop, ///< no answer: ends the statement in flight, ignored when there is none
  load,
  hashes,
  open_server,
  analyze,     ///< answered by Answer::plan
  version,     ///< before anything is opened; answered by Answer::version
  suppose,     ///< answered by Answer::plan
  make_tpcds,  ///< makes a DuckDB file in place of opening one; answered by Answer::opened
  fill_server, ///< fills a PostgreSQL database in place of opening it; the same
  last = fill_server
};
enum class Answer : std::uint8_t {
  opened = 1,
  refused,
  rows,
  execution,
  sample,
  index_build,
  plan,
  program,
  schema,
  grammar,
  loaded,
  hashes,
  version,
  last = version
};

struct OpenFile {
  std::string path;
  bool check = true;       ///< PRAGMA quick_check
  std::string hash_secret; ///< 192 bytes
};
struct OpenScript {
  std::string script;
  std::string hash_secret;
};
/// A server and the database in it.
struct OpenServer {
  std::string connection; ///< libpq's connection string or URI
  std::string password;   ///< "" for none; never part of a message
  std::string script;     ///< becomes temporary tables
  std::string hash_secret;
};
/// TPC-DS by DuckDB's extension. What it writes is our own, so no wall stands around it.
struct MakeTpcds {
  double scale = 1;
  std::string extension; ///< file of the extension
  std::string database;  ///< file to make, not there yet
  std::string folder;    ///< gets query01.sql …, with `tables` also schema.sql and <table>.csv
  bool tables = false;
};
struct CsvFile {
  std::string table, path;
};
/// Tables made by a script of ours in a server's database, and filled by COPY.
struct FillServer {
  std::string connection;
  std::string password; ///< "" for none; never part of a message
  std::string before;   ///< script that makes the tables
  std::vector<CsvFile> files;
  std::string after; ///< script that finishes them
};
/// The server's process that serves a session.
struct Backend {
  std::int32_t pid = 0;        ///< 0: there is none
  std::int32_t server_pid = 0; ///< its parent, when both run on this machine, else 0
  bool superuser = false;      ///< the rights that were given away
};
struct Opened {
  std::string version;
  std::uint64_t image_bytes = 0;
  std::uint64_t address_space = 0; ///< bytes mapped after opening
  int landlock_abi = 0;
  bool seccomp = false;
  Backend backend = {};
};
/// The database cannot be opened: the first and third line of an Error{usage}.
struct Refused {
  std::string what;
  std::string fix;
  bool outside = false; ///< a server refused: Error{outside}
};
struct Statement {
  std::string sql;
  Limits limits;
  Side side = Side::base;
  double sample_ms_min = 0; ///< Ask::sample only
};
struct IndexRequest {
  std::vector<std::string> statements;
  Limits limits;
};
/// A statement and indexes that are not there.
struct Supposition {
  Statement statement;
  std::vector<std::string> indexes; ///< CREATE INDEX
};
struct LoadRequest {
  std::vector<TableRows> tables;
};
struct HashRequest {
  std::vector<Asked> statements;
  Limits limits; ///< of each
};
struct HashAnswer {
  std::vector<Sample> samples;
};
/// Answer::program, Answer::grammar and Answer::version.
struct TextAnswer {
  bool ok = false;
  std::string text;
};
struct SchemaAnswer {
  bool ok = false;
  std::string message;
  sql::Schema schema;
};

void encode(Encoder& out, const OpenFile& value);
void encode(Encoder& out, const OpenScript& value);
void encode(Encoder& out, const OpenServer& value);
void encode(Encoder& out, const MakeTpcds& value);
void encode(Encoder& out, const FillServer& value);
void encode(Encoder& out, const Opened& value);
void encode(Encoder& out, const Refused& value);
void encode(Encoder& out, const Statement& value);
void encode(Encoder& out, const IndexRequest& value);
void encode(Encoder& out, const Supposition& value);
void encode(Encoder& out, const LoadRequest& value);
void encode(Encoder& out, const Loaded& value);
void encode(Encoder& out, const HashRequest& value);
void encode(Encoder& out, const HashAnswer& value);
void encode(Encoder& out, const TextAnswer& value);
void encode(Encoder& out, const SchemaAnswer& value);
void encode(Encoder& out, const Execution& value); ///< without its rows: Answer::rows brings them
void encode(Encoder& out, const Sample& value);
void encode(Encoder& out, const IndexBuild& value);
void encode(Encoder& out, const Plan& value);
void encode(Encoder& out, const Value& value);

void decode(Decoder& in, OpenFile& value);
void decode(Decoder& in, OpenScript& value);
void decode(Decoder& in, OpenServer& value);
void decode(Decoder& in, MakeTpcds& value);
void decode(Decoder& in, FillServer& value);
void decode(Decoder& in, Opened& value);
void decode(Decoder& in, Refused& value);
void decode(Decoder& in, Statement& value);
void decode(Decoder& in, IndexRequest& value);
void decode(Decoder& in, Supposition& value);
void decode(Decoder& in, LoadRequest& value);
void decode(Decoder& in, Loaded& value);
void decode(Decoder& in, HashRequest& value);
void decode(Decoder& in, HashAnswer& value);
void decode(Decoder& in, TextAnswer& value);
void decode(Decoder& in, SchemaAnswer& value);
void decode(Decoder& in, Execution& value);
void decode(Decoder& in, Sample& value);
void decode(Decoder& in, IndexBuild& value);
void decode(Decoder& in, Plan& value);
/// Rows of one Answer::rows frame.
void decode(Decoder& in, std::vector<Row>& value);

/// True when `bytes` are exactly one T.
template <class T> [[nodiscard]] bool decode_whole(std::string_view bytes, T& value) {
  Decoder in(bytes);
  decode(in, value);
  return in.done();
}

struct FrameHead {
  std::uint32_t payload_bytes = 0;
  std::uint8_t kind = 0;
};
/// False when the size is 0 or above kFrameMax. `bytes` holds at least kFrameHeader.
[[nodiscard]] bool decode_head(std::string_view bytes, FrameHead& head);
[[nodiscard]] std::string encode_head(std::uint8_t kind, std::size_t payload_bytes);

} // namespace quill::engine
