// What every engine must bear: the shared statements with their verdicts, and statements made by a
// generator; nothing may change, nothing may outlast its deadline.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "catch.hpp"

#include <fmt/core.h>

#include "engine/fixtures.hpp"
#include "quill/core/json.hpp"
#include "quill/core/random.hpp"
#include "quill/engine/session.hpp"

namespace quill::engine::test {

#ifdef QUILL_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// Everything a statement might have changed, as one text.
using Fingerprint = std::function<std::string()>;

/// The fingerprint of a database in a file alone in its folder.
inline Fingerprint fingerprint_of_file(const std::filesystem::path& path) {
  return [path] {
    std::string text = hash_of(path);
    for (const auto& folder : {path.parent_path(), std::filesystem::current_path()})
      for (const auto& name : names_in(folder))
        text += " " + name;
    for (const auto& entry : std::filesystem::directory_iterator("/tmp"))
      if (entry.path().filename().string().rfind("quill_pwn", 0) == 0)
        text += " " + entry.path().string();
    return text;
  };
}

inline std::optional<std::filesystem::path> hostile_folder() {
  const auto data = shared_data();
  if (data && std::filesystem::exists(*data / "hostile" / "statements.jsonl"))
    return *data / "hostile";
  WARN("skipped: no shared data beside the source folder (set QUILL_SHARED_DATA)");
  return std::nullopt;
}

/// A clean error while running is allowed, and so is having more rows than the limit.
inline std::vector<std::string> fair_verdicts(const JsonObject& line) {
  auto verdicts = line.texts_or_empty("accept");
  verdicts.push_back(line.text("expect"));
  if (std::find(verdicts.begin(), verdicts.end(), "allowed") != verdicts.end())
    for (const char* allowed : {"ok", "error", "row-limit"})
      verdicts.emplace_back(allowed);
  return verdicts;
}

inline double milliseconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// The most memory that any ended child of this process has held.
inline long largest_child_mb() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return used.ru_maxrss / 1024;
}

struct Tally {
  int statements = 0;
  int unfair = 0;
  double over_deadline_ms = 0; ///< the most
  std::map<std::string, int> verdicts;

  void print(const std::string& title) const {
    std::string text = fmt::format("{}: {} statements", title, statements);
    for (const auto& [verdict, count] : verdicts)
      text += fmt::format(", {} {}", count, verdict);
    fmt::print("{}; at most {:.0f} ms over the deadline; largest worker {} MB\n", text,
               over_deadline_ms, largest_child_mb());
  }
};

/// Runs the shared statements of one engine and checks each verdict. Thorough: as samples, plans,
/// programs and indexes too, with a line of a table each.
inline Tally run_shared(Session& session, const std::string& engine, const Limits& limits,
                        bool thorough) {
  Tally tally;
  read_jsonl(*hostile_folder() / "statements.jsonl", [&](const Json& json, std::size_t) {
    const JsonObject line(json, "statements.jsonl");
    if (line.text("engine") != engine)
      return;
    Execution execution;
    const auto sql = line.text("sql");
    const auto ms = milliseconds_of([&] { execution = session.run(sql, limits); });
    const std::string verdict(to_string(execution.status));
    const auto fair = fair_verdicts(line);
    const bool is_fair = std::find(fair.begin(), fair.end(), verdict) != fair.end();
    INFO(fmt::format("{}: {} ({}) {}", line.text("id"), verdict, execution.message,
                     sql.substr(0, 200)));
    CHECK(is_fair);
    ++tally.statements;
    tally.unfair += is_fair ? 0 : 1;
    ++tally.verdicts[verdict];
    tally.over_deadline_ms =
        std::max(tally.over_deadline_ms, ms - static_cast<double>(limits.timeout_ms));
    if (thorough)
      fmt::print("{:<16} {:<13} expected {:<13} {:7.1f} ms\n", line.text("id"), verdict,
                 line.text("expect"), ms);
    if (!thorough)
      return;
    // The same statement as a timing sample, a plan, a program or an index does no harm either.
    Limits short_limits = limits;
    short_limits.timeout_ms = 50;
    (void)session.sample(sql, short_limits);
    (void)session.plan(sql);
    (void)session.program(sql);
    CHECK_FALSE(session.build_indexes({sql}, short_limits).bytes < 0);
  });
  CHECK(tally.unfair == 0);
  return tally;
}

/// Statements put together from an engine's atoms: reads that are harmless, bombs, forbidden acts,
/// and what can be wrapped around any of them.
class Generator {
 public:
  Generator(std::vector<std::string> atoms, std::uint64_t seed)
      : atoms_(std::move(atoms)), random_(seed) {}

  std::string next() { return nested(static_cast<int>(below(4))); }

 private:
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(random_.below(static_cast<std::uint64_t>(count)));
  }
  std::string nested(int depth) {
    static const std::vector<std::string> kWraps = {
        "SELECT * FROM ({}) t",
        "SELECT ({})",
        "SELECT count(*) FROM ({}) t",
        "WITH x AS ({}) SELECT * FROM x",
        "WITH RECURSIVE x AS ({} UNION ALL SELECT * FROM x) SELECT count(*) FROM x",
        "SELECT 1 WHERE EXISTS ({})",
        "SELECT 1 IN ({})",
        "{} UNION ALL {}",
        "{} EXCEPT {}",
        "{}; {}",
        ";{};",
        "/* {} */ {}",
        "-- {}\n{}",
        "({})",
        "(({}) UNION ({}))",
        "EXPLAIN {}",
        "EXPLAIN ANALYZE {}",
        "CREATE TABLE quill_pwn AS {}",
        "CREATE TEMP VIEW quill_pwn AS {}",
        "INSERT INTO users {}",
        "COPY ({}) TO '/tmp/quill_pwn_generated'",
        "PREPARE p AS {}",
        "BEGIN; {}; COMMIT",
        "ROLLBACK; {}",
        "{} LIMIT 999999999999 OFFSET 99999999",
        "{} ORDER BY 1 DESC",
        "SELECT '{}'",
        "SELECT \"{}\"",
        "\xef\xbb\xbf{}",
        "{}\xc2\xa0",
        "se/**/lect {}",
        "DO $$ BEGIN {}; END $$",
        "VALUES (({}))",
        "SELECT * FROM query('{}')",
        "{} FOR UPDATE",
        "{} INTO quill_pwn",
    };
    if (depth == 0)
      return atoms_[below(atoms_.size())];
    std::string text = kWraps[below(kWraps.size())];
    for (auto at = text.find("{}"); at != std::string::npos;) {
      const auto inner = nested(depth - 1);
      text.replace(at, 2, inner);
      at = text.find("{}", at + inner.size());
    }
    return text;
  }

  std::vector<std::string> atoms_;
  Rng random_;
};

/// `count` generated statements: whatever their verdicts, nothing has changed afterwards.
inline Tally run_generated(Session& session, std::vector<std::string> atoms, int count,
                           const Fingerprint& fingerprint) {
  constexpr std::uint64_t kSeed = 20'260'101;
  constexpr int kBetweenChecks = 1000;
  const auto before = fingerprint();
  const Limits limits{.rows = 100, .timeout_ms = 30, .memory_mb = 256, .result_mb = 4};
  Generator generator(std::move(atoms), kSeed);
  Tally tally;
  while (tally.statements < count) {
    const auto sql = generator.next();
    Execution execution;
    const auto ms = milliseconds_of([&] { execution = session.run(sql, limits); });
    ++tally.verdicts[std::string(to_string(execution.status))];
    tally.over_deadline_ms =
        std::max(tally.over_deadline_ms, ms - static_cast<double>(limits.timeout_ms));
    if (++tally.statements % kBetweenChecks == 0)
      REQUIRE(fingerprint() == before);
  }
  CHECK(fingerprint() == before);
  return tally;
}

} // namespace quill::engine::test
