// What rules and indexes make of slow queries as people write them: proposer and judge as the loop
// uses them, without a model.
//
//   bench_slow_queries DATABASES [QUERIES=data/slow_queries] [CANDIDATES=24] [ID-PREFIX]
//
// QUERIES holds one <database>.sql a database, its statements after lines "-- id: NAME". For each:
// candidates in rounds of eight, each round knowing what came of the ones before, ranked by
// SQLite's VM steps (which repeat exactly); the four of the fewest steps are then judged: same rows
// first, time by the default method. The best that is correct, significant and at least 1.1x counts
// as improved. A candidate that the judge refuses is named. One line a query, totals last.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "quill/judge/evaluate.hpp"
#include "quill/rewrite/rule.hpp"

using namespace quill;

namespace {

struct SlowQuery {
  std::string id, text;
};

std::vector<SlowQuery> read_queries(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<SlowQuery> queries;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("-- id: ", 0) == 0)
      queries.push_back({line.substr(7), ""});
    else if (line.rfind("--", 0) != 0 && !queries.empty())
      queries.back().text += line + "\n";
  }
  for (auto& query : queries)
    query.text = query.text.substr(0, query.text.rfind(';'));
  return queries;
}

/// A candidate and how many times fewer VM steps it takes.
struct Tried {
  rewrite::Proposal proposal;
  double ratio = 0;
};

constexpr engine::Limits kLimits{.rows = 0, .timeout_ms = 300'000, .result_mb = 0};
constexpr double kLongMs = 2000; // a statement this long is timed by three runs, one candidate

/// Candidates in rounds; one that takes more steps than the statement itself is cut off.
std::vector<Tried> try_by_steps(const rewrite::Subject& subject, engine::Session& session,
                                std::size_t candidates) {
  const auto before = session.sample(subject.text, kLimits);
  rewrite::Proposer proposer(session);
  std::vector<rewrite::Experience> experience;
  std::vector<Tried> tried;
  std::set<std::string> seen;
  for (std::size_t round = 0; round * 8 < candidates; ++round)
    for (auto& proposal : proposer.propose(subject, 8, experience, Rng(42 + round))) {
      const auto fingerprint =
          sql::pair_fingerprint(subject.text, proposal.after, proposal.indexes);
      if (!seen.insert(fingerprint).second)
        continue;
      auto limits = kLimits;
      limits.steps = before.steps;
      double ratio = 0;
      if (session.build_indexes(proposal.indexes, kLimits).ok) {
        const auto after = session.sample(proposal.after, limits, engine::Side::indexed);
        if (after.status == engine::Status::ok && after.row_count == before.row_count)
          ratio = static_cast<double>(before.steps) / static_cast<double>(after.steps + 1);
      }
      experience.push_back({sql::fingerprint(subject.text), subject.shape, proposal.rule,
                            ratio >= 1.5, std::min(1.0, std::log10(ratio + 1)), fingerprint});
      tried.push_back({std::move(proposal), ratio});
    }
  std::stable_sort(tried.begin(), tried.end(),
                   [](const Tried& a, const Tried& b) { return a.ratio > b.ratio; });
  return tried;
}

struct Best {
  double speedup = 1, before_ms = 0;
  std::string rule = "-";
};

Best time_best(const rewrite::Subject& subject, engine::Session& session,
               const std::vector<Tried>& tried, int& different) {
  judge::JudgeConfig config;
  config.timeout_ms = 300'000;
  const bool is_long = session.sample(subject.text, kLimits).elapsed_ms > kLongMs;
  if (is_long)
    config.timing = "3run";
  judge::Judge judge(session, config);
  Best best;
  int judged = 0;
  for (const auto& [proposal, ratio] : tried) {
    if (ratio <= 1.05 || judged == (is_long ? 1 : 4))
      break;
    const auto verdict = judge.evaluate(
        {proposal.rule, subject.text, proposal.after, proposal.indexes, {}}, proposal.type);
    best.before_ms = verdict.before_ms.value_or(best.before_ms);
    if (verdict.correct == false) { // refused: the next one takes its place
      ++different;
      std::cout << "  refused: " << proposal.rule << ": " << verdict.reason << "\n";
      continue;
    }
    ++judged;
    if (verdict.correct == true && verdict.significant && *verdict.speedup >= 1.1 &&
        *verdict.speedup > best.speedup) {
      best.speedup = *verdict.speedup;
      best.rule = proposal.rule;
    }
  }
  return best;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bench_slow_queries DATABASES [QUERIES] [CANDIDATES] [ID-PREFIX]\n";
    return 2;
  }
  const std::filesystem::path databases = argv[1];
  const std::filesystem::path folder = argc > 2 ? argv[2] : "data/slow_queries";
  const auto candidates = static_cast<std::size_t>(argc > 3 ? std::stoi(argv[3]) : 24);
  const std::string prefix = argc > 4 ? argv[4] : "";
  int count = 0, improved = 0, twice = 0, different = 0;
  double logs = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".sql")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto session = engine::open_sqlite(databases / file.stem().concat(".sqlite"));
    for (const auto& query : read_queries(file)) {
      if (query.id.rfind(prefix, 0) != 0)
        continue;
      const auto subject = rewrite::make_subject(query.text, *session);
      const auto tried = try_by_steps(subject, *session, candidates);
      const auto best = time_best(subject, *session, tried, different);
      ++count;
      improved += best.speedup >= 1.1 ? 1 : 0;
      twice += best.speedup >= 2 ? 1 : 0;
      logs += std::log(best.speedup);
      std::cout << fmt::format("{:<42} {:>10.3f} ms {:>9.2f}x  {} {}\n", query.id, best.before_ms,
                               best.speedup, best.rule, subject.tree ? "" : "(opaque)")
                << std::flush;
    }
  }
  if (count == 0)
    return 2;
  std::cout << fmt::format(
      "{} queries: {} improved ({:.0f} %), {} at least 2x, geometric mean over "
      "all {:.2f}x, {} candidates refused by the judge for different rows\n",
      count, improved, 100.0 * improved / count, twice, std::exp(logs / count), different);
}
