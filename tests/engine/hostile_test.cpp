// The hostile statements shared beside the source folder, with the limits their README names.
#include "catch.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "engine/fixtures.hpp"
#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

/// A clean error while running is allowed, and so is having more rows than the limit.
std::vector<std::string> fair_verdicts(const JsonObject& line) {
  auto verdicts = line.texts_or_empty("accept");
  verdicts.push_back(line.text("expect"));
  if (std::find(verdicts.begin(), verdicts.end(), "allowed") != verdicts.end())
    for (const char* allowed : {"ok", "error", "row-limit"})
      verdicts.emplace_back(allowed);
  return verdicts;
}

} // namespace

TEST_CASE("hostile statements end as verdicts and change nothing", "[engine][slow]") {
  const auto data = shared_data();
  if (!data || !std::filesystem::exists(*data / "hostile" / "statements.jsonl")) {
    WARN("skipped: no shared data beside the source folder (set QUILL_SHARED_DATA)");
    return;
  }
  const ScratchFolder folder;
  const auto path = folder.path() / "fixture.db";
  FileDatabase(path).execute(read_file(*data / "hostile" / "fixture_sqlite.sql"));
  const auto hash = hash_of(path);
  const auto before = names_in(std::filesystem::current_path());
  const auto session = open_sqlite(path);
  const Limits limits{.rows = 1000, .timeout_ms = 1500, .memory_mb = 256};
  int statements = 0;
  read_jsonl(*data / "hostile" / "statements.jsonl", [&](const Json& json, std::size_t) {
    const JsonObject line(json, "statements.jsonl");
    if (line.text("engine") != "sqlite")
      return;
    ++statements;
    const auto execution = session->run(line.text("sql"), limits);
    const std::string verdict(to_string(execution.status));
    const auto fair = fair_verdicts(line);
    INFO(fmt::format("{}: {} ({}) {}", line.text("id"), verdict, execution.message,
                     line.text("sql").substr(0, 200)));
    CHECK(std::find(fair.begin(), fair.end(), verdict) != fair.end());
    // The same statement as a timing sample, a plan, a program or an index does no harm either.
    CHECK(session->sample(line.text("sql"), Limits{.timeout_ms = 100}).status != Status::error);
    (void)session->plan(line.text("sql"));
    (void)session->program(line.text("sql"));
    CHECK_FALSE(session->build_indexes({line.text("sql")}, limits).bytes < 0);
  });
  CHECK(statements > 50);
  CHECK(hash_of(path) == hash);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"fixture.db"});
  CHECK(names_in(std::filesystem::current_path()) == before);
  CHECK_FALSE(std::filesystem::exists("/tmp/quill_pwn.db"));
  CHECK_FALSE(std::filesystem::exists("/tmp/quill_pwn.txt"));
}
