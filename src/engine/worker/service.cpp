#include "engine/worker/service.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/core.h>

#include "engine/memory_plan.hpp"
#include "engine/worker/alarm.hpp"
#include "engine/worker/catalog.hpp"
#include "engine/worker/engine_service.hpp"
#include "engine/worker/explain.hpp"
#include "engine/worker/index_build.hpp"
#include "engine/worker/row_hash.hpp"
#include "engine/worker/snapshot.hpp"
#include "engine/worker/statement.hpp"

namespace quill::engine {
namespace {

constexpr std::int64_t kOpenMemoryMb = 256; ///< for PRAGMA quick_check
constexpr std::int64_t kSchemaMs = 600'000; ///< counting rows

Mapping view_or_throw(const Image& image, std::size_t room) {
  auto view = image.view(room);
  if (!view)
    throw std::bad_alloc();
  return std::move(view).value();
}

std::unique_ptr<Connection> read_only(Mapping view) {
  const auto bytes = view.size();
  auto connection = std::make_unique<Connection>(std::move(view), Connection::Access::read_only);
  connection->execute(fmt::format("PRAGMA cache_size=-{}", cache_bytes(bytes) >> 10U));
  return connection;
}

/// From here on the connection serves foreign statements.
void expose(Connection& connection) {
  connection.introduce_tables();
  connection.harden();
  connection.guard().trust(Trust::select_only);
}

} // namespace

void Service::serve() {
  auto received = socket_.receive();
  if (!received || !open(*received))
    return;
  while ((received = socket_.receive()))
    if (!dispatch(*received))
      return;
}

bool Service::open(const Socket::Received& received) {
  auto opening = opening_in(received);
  if (const auto* file = std::get_if<OpenFile>(&opening))
    open_file(*file);
  else if (const auto* script = std::get_if<OpenScript>(&opening))
    open_script(*script);
  else
    return false;
  return true;
}

/// "" or what is wrong with the image.
std::string Service::checked(bool full) {
  auto message = base_->execute("SELECT count(*) FROM sqlite_schema");
  if (!message.empty() || !full)
    return message;
  const auto lines = base_->column("PRAGMA quick_check(1)");
  if (lines.empty())
    return ::sqlite3_errmsg(base_->handle());
  return lines.front() == "ok" ? "" : lines.front();
}

void Service::open_file(const OpenFile& request) {
  hash_secret_ = request.hash_secret;
  auto snapshot = snapshot_file(request.path);
  address_space_ = address_space();
  walls_ = lock_down();
  if (const auto* refused = std::get_if<Refused>(&snapshot))
    return socket_.answer(Answer::refused, *refused);
  image_ = std::move(std::get<Image>(snapshot));
  set_memory(kOpenMemoryMb);
  base_ = read_only(view_or_throw(image_, 0));
  if (const auto wrong = checked(request.check); !wrong.empty())
    return socket_.answer(
        Answer::refused,
        Refused{fmt::format("\"{}\" is damaged: {}", request.path, wrong),
                "restore it from a copy, or save what is readable with `sqlite3 DB .recover`"});
  expose(*base_);
  answer_opened();
}

void Service::open_script(const OpenScript& request) {
  hash_secret_ = request.hash_secret;
  address_space_ = address_space();
  walls_ = lock_down();
  Connection writer;
  if (const auto wrong = writer.execute(request.script); !wrong.empty())
    return socket_.answer(Answer::refused, Refused{fmt::format("the script fails: {}", wrong),
                                                   "run it in `sqlite3 :memory:` to see the line"});
  // A script without tables leaves nothing to copy: one page makes it a database.
  writer.execute("PRAGMA user_version=1");
  sqlite3_int64 bytes = 0;
  const std::unique_ptr<unsigned char, decltype(&::sqlite3_free)> copy(
      ::sqlite3_serialize(writer.handle(), "main", &bytes, 0), ::sqlite3_free);
  auto memory = reserve_memory(static_cast<std::size_t>(bytes));
  if (!copy || !memory)
    throw std::bad_alloc();
  Mapping mapping = std::move(memory).value();
  std::memcpy(mapping.data(), copy.get(), static_cast<std::size_t>(bytes));
  mapping.resize(static_cast<std::size_t>(bytes));
  image_ = Image::of_memory(std::move(mapping));
  base_ = read_only(view_or_throw(image_, 0));
  expose(*base_);
  answer_opened();
}

void Service::answer_opened() {
  Opened opened;
  opened.version = fmt::format("sqlite {}", ::sqlite3_libversion());
  opened.image_bytes = image_.size();
  opened.address_space = address_space_;
  opened.landlock_abi = walls_.landlock_abi;
  opened.seccomp = walls_.seccomp;
  socket_.answer(Answer::opened, opened);
}

Connection& Service::side(Side side) {
  if (forward_ && side != Side::indexed)
    return side == Side::reversed ? backward_->connection() : forward_->connection();
  return side == Side::indexed && indexed_ ? *indexed_ : *base_;
}

void Service::set_memory(std::int64_t memory_mb) {
  const auto caches = static_cast<std::int64_t>(2 * cache_bytes(image_.size()));
  const auto allowed = std::clamp<std::int64_t>(memory_mb, 1, 1 << 20);
  ::sqlite3_hard_heap_limit64(caches + (allowed << 20));
}

void Service::run(Connection& connection, const Statement& statement) {
  const auto send = [this](const Encoder& rows) { socket_.send(Answer::rows, rows.bytes()); };
  socket_.answer(Answer::execution, run_statement(connection, statement, send));
}

bool Service::dispatch(const Socket::Received& received) {
  switch (received.ask) {
  case Ask::stop:
    return true; // nothing is in flight any more
  case Ask::schema:
    return answer_schema();
  case Ask::build_indexes:
    return answer_build(received.payload);
  case Ask::load:
    return answer_load(received.payload);
  case Ask::hashes:
    return answer_hashes(received.payload);
  case Ask::open_file:
  case Ask::open_script:
    return false; // one database a worker
  default:
    return answer_statement(received.ask, received.payload);
  }
}

bool Service::answer_schema() {
  base_->guard().trust(Trust::own);
  base_->start({.timeout_ms = kSchemaMs});
  const auto answer = read_schema(*base_, image_.size());
  base_->guard().trust(Trust::select_only);
  socket_.answer(Answer::schema, answer);
  return true;
}

bool Service::answer_build(std::string_view payload) {
  IndexRequest request;
  if (!decode_whole(payload, request))
    return false;
  const Alarm alarm(request.limits, request.statements.size(), 0);
  set_memory(request.limits.memory_mb);
  if (backward_) {
    socket_.answer(Answer::index_build, backward_->build(request));
    return true;
  }
  indexed_.reset();
  auto built = build_indexed_image(image_, request);
  if (built.image) {
    indexed_ = read_only(std::move(*built.image));
    expose(*indexed_);
  }
  socket_.answer(Answer::index_build, built.answer);
  return true;
}

/// The first load makes the two connections whose rows can be replaced.
bool Service::answer_load(std::string_view payload) {
  LoadRequest request;
  if (!decode_whole(payload, request))
    return false;
  const Alarm alarm({}, 2, 0);
  set_memory(Limits{}.memory_mb);
  if (!forward_) {
    forward_ = std::make_unique<Scratchpad>(image_, false);
    backward_ = std::make_unique<Scratchpad>(image_, true);
  }
  auto loaded = forward_->load(request.tables);
  if (loaded.ok) {
    const auto again = backward_->load(request.tables);
    loaded.ok = again.ok;
    loaded.message = again.message;
  }
  socket_.answer(Answer::loaded, loaded);
  return true;
}

bool Service::answer_hashes(std::string_view payload) {
  HashRequest request;
  if (!decode_whole(payload, request) || !forward_)
    return false;
  const Alarm alarm(request.limits, request.statements.size(), 0);
  set_memory(request.limits.memory_mb);
  HashAnswer answer;
  for (const auto& asked : request.statements)
    answer.samples.push_back((asked.side == Side::reversed ? backward_ : forward_)
                                 ->hash(asked.sql, request.limits, hash_secret_));
  socket_.answer(Answer::hashes, answer);
  return true;
}

bool Service::answer_statement(Ask ask, std::string_view payload) {
  Statement statement;
  if (!decode_whole(payload, statement))
    return false;
  const Alarm alarm(statement.limits, 1, statement.sample_ms_min);
  set_memory(statement.limits.memory_mb);
  auto& connection = side(statement.side);
  if (ask == Ask::run)
    run(connection, statement);
  else if (ask == Ask::sample)
    socket_.answer(Answer::sample, sample_statement(connection, statement, hash_secret_));
  else if (ask == Ask::plan)
    socket_.answer(Answer::plan, plan_of(connection, statement));
  else if (ask == Ask::program)
    socket_.answer(Answer::program, program_of(connection, statement));
  else
    socket_.answer(Answer::grammar, parse_tree(statement.sql));
  return true;
}

} // namespace quill::engine
