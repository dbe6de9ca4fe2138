// Each rule that reference measurements found to pay on SQLite, here: a slow statement, the rule,
// and the time before over the time after, beside the figure of the reference. And how long the
// rules take on real queries.
//
//   bench_rules pay [SECONDS-A-QUERY-AT-MOST=12 [ROW-OF-THE-TABLE]]
//   bench_rules spider QUESTIONS.jsonl… DATABASES     percentiles in ms; exit 1 when parse and
//                                                    rules together take 10 ms or more at 95 %
//
// Run in the source folder. The shop of `pay` (bench/rules): 5,000 customers, 1,000 items, 60,000
// orders, 200,000 lines; two columns of figures, without and with indexes on the foreign keys (and
// on what the statement compares).
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/rewrite/rule.hpp"
#include "quill/sql/parse.hpp"

using namespace quill;

namespace {

/// A row of payments.jsonl: what one rule pays on one statement. `keys_only` and `indexed` are the
/// times that were measured elsewhere, with primary keys only and with all indexes ("" = none).
struct Payment {
  std::string rule, row, keys_only, indexed, statement;
};

std::vector<Payment> payments(const std::filesystem::path& file) {
  std::vector<Payment> rows;
  read_jsonl(file, [&](const Json& line, std::size_t number) {
    const JsonObject one(line, fmt::format("{}:{}", file.string(), number));
    rows.push_back({one.text("rule"), one.text("row"), one.text("keys_only"), one.text("indexed"),
                    one.text("statement")});
  });
  return rows;
}

struct Time {
  double ms = 0;
  bool ended = true;
  engine::Digest digest;
};

/// The least of three runs (one when it is long).
Time timed(engine::Session& session, const std::string& statement, std::int64_t timeout_ms) {
  const engine::Limits limits{.rows = 0, .timeout_ms = timeout_ms, .result_mb = 0};
  Time best;
  for (int i = 0; i < 3; ++i) {
    const auto sample = session.sample(statement, limits);
    if (sample.status != engine::Status::ok)
      return {static_cast<double>(timeout_ms), false, {}};
    if (i == 0 || sample.elapsed_ms < best.ms)
      best = {sample.elapsed_ms, true, sample.digest};
    if (sample.elapsed_ms > 1000)
      break;
  }
  return best;
}

std::string paid(const Payment& one, engine::Session& session, std::int64_t timeout_ms) {
  const auto subject = rewrite::make_subject(one.statement, session);
  for (const auto& rule : rewrite::all_rules()) {
    if (rule->name() != one.rule)
      continue;
    const auto proposals = rule->apply(subject);
    if (proposals.empty())
      return "refused";
    const auto before = timed(session, one.statement, timeout_ms);
    const auto after = timed(session, proposals[0].after, timeout_ms);
    const bool differ =
        before.ended && after.ended && !(before.digest.bag[0] == after.digest.bag[0]);
    return fmt::format("{}{:.2f}{}", before.ended ? "" : ">", before.ms / after.ms,
                       differ ? " DIFFERENT" : "");
  }
  return "no such rule";
}

int pay(const std::filesystem::path& folder, std::int64_t timeout_ms, const std::string& only) {
  const auto text = [&](const char* file) { return read_file(folder / file, 1U << 20U); };
  const auto bare = engine::open_sqlite_script(text("shop.sql"));
  const auto indexed = engine::open_sqlite_script(text("shop.sql") + text("indexes.sql"));
  std::cout << fmt::format("{:<28} {:<5} {:>12} {:>12} {:>12} {:>12}\n", "rule", "table",
                           "keys only", "table's", "indexed", "table's");
  for (const auto& one : payments(folder / "payments.jsonl"))
    if (only.empty() || only == one.row)
      std::cout << fmt::format("{:<28} {:<5} {:>12} {:>12} {:>12} {:>12}\n", one.rule, one.row,
                               paid(one, *bare, timeout_ms), one.keys_only,
                               paid(one, *indexed, timeout_ms), one.indexed)
                << std::flush;
  return 0;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void print_percentiles(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::cout << fmt::format(
      "{:<28} median {:.3f} ms, 90 % {:.3f}, 95 % {:.3f}, 99 % {:.3f}, most {:.3f}\n", what,
      percentile(times, 0.5), percentile(times, 0.9), percentile(times, 0.95),
      percentile(times, 0.99), times.back());
}

int spider(const std::vector<std::string>& questions, const std::filesystem::path& databases) {
  using Clock = std::chrono::steady_clock;
  const auto ms = [](Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
  };
  std::map<std::string, std::unique_ptr<engine::Session>> sessions;
  std::vector<double> parse_ms, subject_ms, rules_ms, both_ms;
  std::size_t opaque = 0, fired = 0;
  for (const auto& file : questions) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const auto question = Json::parse(line);
      const auto database = question.at("db_id").get<std::string>();
      const auto gold = question.at("gold").is_array() ? question.at("gold")[0].get<std::string>()
                                                       : question.at("gold").get<std::string>();
      const auto path = databases / (database + ".sqlite");
      if (!std::filesystem::exists(path))
        continue;
      auto& session = sessions[database];
      if (!session)
        session = engine::open_sqlite(path);
      const auto start = Clock::now();
      (void)sql::parse(gold, session->grammar());
      parse_ms.push_back(ms(start));
      const auto begin = Clock::now();
      const auto subject = rewrite::make_subject(gold, *session);
      subject_ms.push_back(ms(begin));
      const auto parsed = Clock::now();
      std::size_t proposals = 0;
      for (const auto& rule : rewrite::all_rules())
        proposals += rule->apply(subject).size();
      rules_ms.push_back(ms(parsed));
      both_ms.push_back(parse_ms.back() + rules_ms.back());
      opaque += subject.tree ? 0 : 1;
      fired += proposals > 0 ? 1 : 0;
    }
  }
  if (both_ms.empty())
    return 2;
  std::cout << fmt::format("{} queries, {} opaque, {} with at least one rewrite\n", both_ms.size(),
                           opaque, fired);
  print_percentiles("parse", parse_ms);
  print_percentiles("all rules", rules_ms);
  print_percentiles("parse and rules", both_ms);
  // Asks the worker several times (programs, facts of the data): under load the waits are in it.
  print_percentiles("parse, trust, facts", subject_ms);
  std::sort(both_ms.begin(), both_ms.end());
  return percentile(both_ms, 0.95) < 10 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (!args.empty() && args[0] == "pay")
    return pay("bench/rules", args.size() > 1 ? 1000 * std::stoll(args[1]) : 12'000,
               args.size() > 2 ? args[2] : "");
  if (args.size() >= 3 && args[0] == "spider")
    return spider({args.begin() + 1, args.end() - 1}, args.back());
  std::cerr << "usage: bench_rules pay [SECONDS [ROW]] | spider QUESTIONS.jsonl… DATABASES\n";
  return 2;
}
