#include "judge/fetch.hpp"

#include <fmt/format.h>

#include "judge/projection.hpp"

namespace quill::judge {

namespace {

std::size_t bytes_of(const engine::Row& row) {
  std::size_t bytes = sizeof(engine::Row) + row.size() * sizeof(engine::Value);
  for (const auto& cell : row) {
    if (const auto* text = std::get_if<std::string>(&cell))
      bytes += text->size();
    else if (const auto* blob = std::get_if<engine::Blob>(&cell))
      bytes += blob->bytes.size();
  }
  return bytes;
}

/// Takes rows as they come.
class Collector {
 public:
  Collector(const FetchPlan& plan, Fetched& out) : plan_(plan), out_(out) {}

  bool take_row(engine::Row&& row) {
    if (plan_.wants && !plan_.wants(out_.answer, row)) {
      out_.end = Fetched::End::stopped;
      return false;
    }
    held_ += bytes_of(row);
    if (held_ > plan_.held_bytes_max) {
      out_.end = Fetched::End::too_large;
      return false;
    }
    if (plan_.last_is_key && !row.empty())
      out_.answer.keys.push_back({row.back()});
    out_.answer.rows.push_back(take(std::move(row), plan_.columns));
    return true;
  }

 private:
  const FetchPlan& plan_;
  Fetched& out_;
  std::size_t held_ = 0;
};

std::vector<std::string> names_at(const std::vector<std::string>& names,
                                  const std::vector<std::size_t>& places) {
  std::vector<std::string> out;
  for (const std::size_t place : places)
    out.push_back(place < names.size() ? names[place] : "");
  return out;
}

} // namespace

Fetched fetch(engine::Session& session, const Statement& statement, const engine::Limits& limits,
              const FetchPlan& plan) {
  Fetched out;
  Collector collector(plan, out);
  const auto run = session.run(statement.sql, limits, statement.side, [&](engine::Row&& row) {
    return collector.take_row(std::move(row));
  });
  out.engine_ms = run.elapsed_ms;
  out.answer.columns = names_at(run.columns, plan.columns);
  if (run.status == engine::Status::ok)
    out.end = Fetched::End::complete;
  else if (out.end == Fetched::End::failed)
    out.message = fmt::format("{}: {}", engine::to_string(run.status), run.message);
  return out;
}

} // namespace quill::judge
