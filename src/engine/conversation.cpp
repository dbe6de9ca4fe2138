#include "engine/conversation.hpp"

#include <algorithm>
#include <sys/random.h>
#include <utility>

#include <fmt/core.h>

#include "quill/core/error.hpp"

namespace quill::engine {
namespace {

using Outcome = WorkerProcess::Outcome;

constexpr double kStopMs = 500; ///< how long a worker may take to notice Ask::stop
constexpr double kSchemaMs = 600'000;

[[noreturn]] void refuse(const Opening& opening, const Refused& refused) {
  throw Error{refused.outside ? Exit::outside : Exit::usage,
              {refused.what, opening.place, refused.fix}};
}

} // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count;) {
    const auto got = ::getrandom(bytes.data() + at, count - at, 0);
    QUILL_CHECK(got > 0, "getrandom gives bytes");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

double patience_ms(const Limits& limits) {
  return static_cast<double>(std::max<std::int64_t>(limits.timeout_ms, 1)) + kGraceMs;
}

std::string too_long(std::string_view sql) {
  if (sql.size() <= kStatementBytesMax)
    return "";
  return fmt::format("statement too long: {} bytes, at most {}", sql.size(), kStatementBytesMax);
}

Status Reply::status() const {
  if (outcome == Outcome::late)
    return Status::timeout;
  return out_of_memory ? Status::memory_limit : Status::error;
}

std::string Reply::message(const Limits& limits) const {
  if (outcome == Outcome::late)
    return fmt::format("not done after {} ms, killed", limits.timeout_ms);
  if (outcome != Outcome::closed)
    return "the worker broke the protocol";
  return out_of_memory ? "the worker ran out of memory" : death.sentence();
}

void Conversation::open(const Opening& opening) {
  worker_.reset();
  worker_ = WorkerProcess::start(opening.program);
  memory_cap_ = 0;
  mid_sentence_ = true; // until it has opened its database
  if (opening.payload.size() >= kFrameMax)
    throw Error{Exit::usage,
                {fmt::format("the script is too long: {} bytes, at most {}", opening.payload.size(),
                             kFrameMax),
                 opening.place, "split it"}};
  const auto reply =
      converse(opening.ask, opening.payload, {opening.patience_ms, cancel_}, nullptr);
  Refused refused;
  if (reply.is(Answer::refused) && decode_whole(reply.payload, refused)) {
    worker_.reset();
    refuse(opening, refused);
  }
  if (!reply.is(Answer::opened) || !decode_whole(reply.payload, opened_)) {
    worker_.reset();
    refuse(opening,
           {fmt::format("cannot open the database: {}", reply.message({})), opening.fix, false});
  }
  mid_sentence_ = false;
}

bool Conversation::usable() const {
  return worker_ && !mid_sentence_ && worker_->alive();
}

void Conversation::limit_memory(std::uint64_t bytes) {
  if (worker_ && bytes != std::exchange(memory_cap_, bytes))
    worker_->limit_memory(bytes);
}

Reply Conversation::converse(Ask kind, const std::string& payload, Patience patience,
                             RowReceiver* rows) {
  Reply reply;
  reply.outcome = worker_->send(kind, payload, patience);
  while (reply.outcome == Outcome::ok) {
    reply.outcome = worker_->receive(reply.kind, reply.payload, patience);
    if (!rows || !reply.is(Answer::rows))
      break;
    if (!take_rows(reply, *rows, patience))
      break;
  }
  if (reply.outcome == Outcome::late && on_late_)
    on_late_();
  if (reply.outcome != Outcome::ok) {
    reply.death = worker_->end();
    reply.out_of_memory =
        reply.death.out_of_memory() ||
        (reply.death.signal != 0 && crash_bytes_ > 0 && reply.death.bytes >= crash_bytes_);
    worker_.reset();
  }
  return reply;
}

/// False when the worker lies about its rows.
bool Conversation::take_rows(Reply& reply, RowReceiver& rows, Patience& patience) {
  const bool was_stopped = rows.stopped();
  if (!rows.take(reply.payload)) {
    reply.outcome = Outcome::garbled;
    return false;
  }
  if (rows.stopped() && !was_stopped) {
    patience.left_ms = std::min(patience.left_ms, kStopMs);
    reply.outcome = worker_->send(Ask::stop, "", patience);
  }
  return reply.outcome == Outcome::ok;
}

Reply Conversation::ask(Ask kind, const std::string& payload, double wait_ms, RowReceiver* rows) {
  mid_sentence_ = true; // stays so when an interruption or a sink throws
  auto reply = converse(kind, payload, {wait_ms, cancel_}, rows);
  mid_sentence_ = false;
  return reply;
}

Execution Conversation::run(const Statement& statement, const std::function<bool(Row&&)>& sink) {
  Execution execution;
  RowReceiver rows(statement.limits, sink);
  const auto wait = patience_ms(statement.limits);
  const auto reply = ask(Ask::run, encoded(statement), wait, &rows);
  bool answered = understood(reply, Answer::execution, execution);
  if (answered && !rows.stopped() && execution.row_count != rows.count()) {
    answered = false;
    worker_.reset();
  }
  if (!answered) {
    execution = {};
    execution.status = reply.status();
    execution.message = reply.message(statement.limits);
    execution.elapsed_ms = reply.outcome == Outcome::late ? wait : 0;
  }
  if (rows.stopped()) {
    execution.status = Status::row_limit;
    execution.message = "stopped by the reader of its rows";
  }
  execution.row_count = rows.count();
  execution.rows = rows.release();
  return execution;
}

Sample Conversation::sample(const Statement& statement) {
  Sample sample;
  const auto wait = patience_ms(statement.limits) + std::max(statement.sample_ms_min, 0.0);
  const auto reply = ask(Ask::sample, encoded(statement), wait);
  if (understood(reply, Answer::sample, sample))
    return sample;
  sample = {};
  sample.status = reply.status();
  sample.message = reply.message(statement.limits);
  if (reply.outcome == Outcome::late)
    sample.elapsed_ms = sample.total_ms = patience_ms(statement.limits);
  return sample;
}

Plan Conversation::planned(Ask kind, const std::string& payload, const Limits& limits) {
  Plan plan;
  const auto reply = ask(kind, payload, patience_ms(limits));
  if (understood(reply, Answer::plan, plan))
    return plan;
  plan = {};
  plan.message = reply.message(limits);
  return plan;
}

Plan Conversation::plan(Ask kind, const Statement& statement) {
  return planned(kind, encoded(statement), statement.limits);
}

Plan Conversation::suppose(const Supposition& supposition) {
  return planned(Ask::suppose, encoded(supposition), supposition.statement.limits);
}

TextAnswer Conversation::text(Ask kind, std::string_view text) {
  TextAnswer answer;
  const Statement statement{std::string(text), {}, Side::base, 0};
  const auto reply = ask(kind, encoded(statement), patience_ms(statement.limits));
  if (understood(reply, kind == Ask::program ? Answer::program : Answer::grammar, answer))
    return answer;
  return {false, reply.message(statement.limits)};
}

Loaded Conversation::load(const std::string& payload) {
  Loaded loaded;
  const auto reply = ask(Ask::load, payload, 2 * patience_ms({}));
  if (understood(reply, Answer::loaded, loaded))
    return loaded;
  loaded = {};
  loaded.message = reply.message({});
  return loaded;
}

/// As many samples as statements, whatever the worker says.
std::vector<Sample> Conversation::hashes(const std::vector<Asked>& statements,
                                         const Limits& limits) {
  HashAnswer answer;
  const auto count = static_cast<double>(std::max<std::size_t>(statements.size(), 1));
  const auto reply =
      ask(Ask::hashes, encoded(HashRequest{statements, limits}), patience_ms(limits) * count);
  if (understood(reply, Answer::hashes, answer) && answer.samples.size() == statements.size())
    return std::move(answer.samples);
  Sample failed;
  failed.message = reply.message(limits);
  return std::vector<Sample>(statements.size(), failed);
}

SchemaAnswer Conversation::schema() {
  SchemaAnswer answer;
  const auto reply = ask(Ask::schema, "", kSchemaMs);
  if (understood(reply, Answer::schema, answer))
    return answer;
  answer = {};
  answer.message = reply.message({});
  return answer;
}

} // namespace quill::engine
