#include "quill/optimize/workload.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "quill/sql/text.hpp"

namespace quill::optimize {

namespace {

constexpr std::string_view kWeight = "-- weight:";

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// "-- weight: 20" in what stands before a statement; 1 when there is none.
double weight_in(std::string_view text, const std::string& where) {
  const std::size_t at = text.rfind(kWeight);
  if (at == std::string_view::npos)
    return 1;
  auto rest = text.substr(at + kWeight.size());
  rest = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  double weight = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), weight);
  if (read.ec != std::errc{} || !(weight > 0) || weight > 1e12)
    throw Error{Exit::usage,
                {.what = fmt::format("the weight \"{}\" is no number above 0", rest),
                 .where = where,
                 .fix = "write, for example, -- weight: 20 on the line above a statement"}};
  return weight;
}

RankedQuery run(const rewrite::WorkloadQuery& query, std::size_t number_of,
                engine::Session& session, const engine::Limits& limits) {
  RankedQuery out{.number = number_of, .text = query.text, .weight = query.weight};
  const auto sample = session.sample(query.text, limits);
  out.status = std::string(engine::to_string(sample.status));
  out.message = sample.message;
  if (sample.status == engine::Status::ok || sample.status == engine::Status::timeout)
    out.ms = sample.elapsed_ms;
  if (sample.steps > 0)
    out.steps = static_cast<double>(sample.steps);
  return out;
}

} // namespace

std::vector<rewrite::WorkloadQuery> parse_workload(std::string_view script,
                                                   const std::string& where) {
  const sql::TextCaps caps{.bytes = 16U << 20U, .tokens = 2'000'000};
  const auto statements = sql::split_statements(script, caps);
  if (!statements)
    throw Error{Exit::usage,
                {.what = statements.failure().what, .where = where, .fix = "correct the file"}};
  std::vector<rewrite::WorkloadQuery> out;
  std::size_t at = 0;
  for (const std::string& statement : statements.value()) {
    const std::size_t found = script.find(statement, at);
    const std::size_t begin = found == std::string_view::npos ? at : found;
    const auto lead = script.substr(at, begin - at);
    out.push_back({statement, weight_in(fmt::format("{}{}", lead, statement), where)});
    at = begin + statement.size();
  }
  if (out.empty())
    throw Error{Exit::usage,
                {.what = "no statement", .where = where, .fix = "give queries, ; after each"}};
  return out;
}

WorkloadReport optimize_workload(const std::vector<rewrite::WorkloadQuery>& queries,
                                 engine::Session& session, const rewrite::WorkloadLimits& limits) {
  WorkloadReport out;
  const engine::Limits of_run{.rows = 0, .timeout_ms = limits.timeout_ms, .result_mb = 0};
  for (std::size_t i = 0; i < queries.size(); ++i)
    out.queries.push_back(run(queries[i], i + 1, session, of_run));
  for (const RankedQuery& query : out.queries)
    out.total_ms += query.weight * query.ms.value_or(0);
  std::stable_sort(out.queries.begin(), out.queries.end(),
                   [](const RankedQuery& a, const RankedQuery& b) {
                     return a.weight * a.ms.value_or(0) > b.weight * b.ms.value_or(0);
                   });
  if (session.engine() == engine::Engine::sqlite)
    out.advice = rewrite::advise_workload(queries, session, limits);
  return out;
}

Json to_json(const WorkloadReport& report) {
  Json queries = Json::array();
  for (const RankedQuery& query : report.queries)
    queries.push_back({{"number", query.number},
                       {"query", query.text},
                       {"weight", query.weight},
                       {"status", query.status},
                       {"message", query.message},
                       {"ms", number(query.ms)},
                       {"steps", number(query.steps)},
                       {"share", report.total_ms > 0 && query.ms
                                     ? Json(query.weight * *query.ms / report.total_ms)
                                     : Json(nullptr)}});
  Json indexes = Json::array();
  for (const rewrite::WorkloadIndex& index : report.advice.indexes) {
    Json used = Json::array();
    for (const std::size_t query : index.queries)
      used.push_back(query + 1);
    indexes.push_back({{"create", index.create},
                       {"bytes", index.bytes},
                       {"build_ms", index.build_ms},
                       {"write_us", index.write_us},
                       {"saved_steps", index.saved_steps},
                       {"queries", std::move(used)}});
  }
  return {{"format_version", kFormatVersion},
          {"queries", std::move(queries)},
          {"indexes", std::move(indexes)},
          {"steps_before", report.advice.steps_before},
          {"steps_after", report.advice.steps_after}};
}

} // namespace quill::optimize
