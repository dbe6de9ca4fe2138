// The pairs of rewrites that reference measurements know, on DuckDB and PostgreSQL: which rule of
// the engine's table finds them, and what it is worth there.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "catch.hpp"
#include "folders.hpp"

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::rewrite::test {

/// A line of engine_pairs.json as one engine sees it.
struct EnginePair {
  std::string row, rule, statement;
  /// Time before over time after as published, with primary keys only and with all indexes.
  std::vector<double> published;
  /// Slower both ways: the rewrite hurts here.
  [[nodiscard]] bool hurts() const {
    return !published.empty() && std::ranges::all_of(published, [](double x) { return x < 1; });
  }
};

inline std::vector<EnginePair> engine_pairs(engine::Engine engine) {
  const std::string name(engine::to_string(engine));
  const auto file = std::filesystem::path(QUILL_TESTS_FOLDER) / "rewrite/engine_pairs.json";
  std::vector<EnginePair> pairs;
  for (const Json& line : parse_json(read_file(file), file.string())) {
    EnginePair pair;
    pair.row = line.at("row");
    pair.rule = line.at("rule");
    pair.statement = line.at(line.contains("statement") ? "statement" : name);
    if (line.contains("published"))
      pair.published = line["published"][name].get<std::vector<double>>();
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

inline engine::Sample least(engine::Session& session, const std::string& sql, int runs) {
  constexpr engine::Limits kLimits{
      .rows = 0, .timeout_ms = 20'000, .memory_mb = 1024, .result_mb = 0};
  engine::Sample best;
  for (int run = 0; run < runs; ++run) {
    auto sample = session.sample(sql, kLimits);
    if (run == 0 || sample.status != engine::Status::ok || sample.elapsed_ms < best.elapsed_ms)
      best = std::move(sample);
    if (best.status != engine::Status::ok)
      break;
  }
  return best;
}

/// How often faster; checks that both run and give the same rows.
inline double speedup_of(const std::string& before, const std::string& after,
                         engine::Session& session, int runs) {
  const auto slow = least(session, before, runs);
  const auto fast = least(session, after, runs);
  INFO(before << "\n" << after << "\n" << slow.message << fast.message);
  CHECK(slow.status == engine::Status::ok);
  CHECK(fast.status == engine::Status::ok);
  CHECK(slow.row_count == fast.row_count);
  CHECK(std::ranges::equal(slow.digest.bag, fast.digest.bag));
  return slow.elapsed_ms / fast.elapsed_ms;
}

/// Proposals of the engine's rules for a statement.
inline std::vector<Proposal> proposals_of(const std::string& statement, engine::Session& session) {
  const auto subject = make_subject(statement, session);
  CHECK(subject.tree != nullptr);
  std::vector<Proposal> all;
  for (const auto* rule : rules_for(subject.dialect))
    for (auto& proposal : rule->apply(subject))
      all.push_back(std::move(proposal));
  return all;
}

/// Runs each pair whose named rule proposes something; gives how many pay by more than `bar`.
inline int count_paying(engine::Session& session, int runs, double bar) {
  int paying = 0;
  for (const auto& pair : engine_pairs(session.engine())) {
    INFO(pair.row);
    for (const auto& proposal : proposals_of(pair.statement, session)) {
      if (proposal.rule != pair.rule)
        continue;
      const double speedup = speedup_of(pair.statement, proposal.after, session, runs);
      paying += speedup > bar ? 1 : 0;
      if (std::getenv("QUILL_PRINT_SPEEDUPS"))
        fmt::print(stderr, "{} {} {} {:.2f}\n", engine::to_string(session.engine()), pair.row,
                   pair.rule, speedup);
    }
  }
  return paying;
}

/// How many pairs the engine's rules find, by name.
inline int count_found(engine::Session& session) {
  int found = 0;
  for (const auto& pair : engine_pairs(session.engine())) {
    const auto proposals = proposals_of(pair.statement, session);
    found += std::ranges::any_of(proposals, [&](const auto& one) { return one.rule == pair.rule; });
  }
  return found;
}

/// None is proposed where it hurts.
inline void check_refusals(engine::Session& session) {
  int refused = 0;
  for (const auto& pair : engine_pairs(session.engine())) {
    if (!pair.hurts())
      continue;
    ++refused;
    INFO(pair.row);
    for (const auto& proposal : proposals_of(pair.statement, session))
      CHECK(proposal.rule != pair.rule);
  }
  CHECK(refused >= 3);
}

} // namespace quill::rewrite::test
