// Power cuts and failing disks: what was acknowledged is there, whatever else is lost.
#include "catch.hpp"

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"
#include "store/quick_scratch.hpp"
#include "store/watched_disk.hpp"

using namespace quill;
using store::Run;
using test::PowerCut;
using test::WatchedDisk;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kCalls = 8;

std::string key_of(std::int64_t call) {
  return "key " + std::to_string(call);
}
/// Of a size of its own, some larger than a page.
std::string body_of(std::int64_t call) {
  return std::string(static_cast<std::size_t>(700 * call + 1), static_cast<char>('a' + call));
}

/// What the store said was done, in this order.
using Acknowledge = std::function<void()>;

/// Answers, verdicts and the end of an iteration, taking up what is there.
void work(const fs::path& folder, const Acknowledge& acknowledge) {
  Run run(folder, Run::Start::resume);
  run.begin({.config = Json{{"a", "1"}}, .command_line = "quill restem", .version = "0.1.0"});
  for (std::int64_t call = 0; call < kCalls; ++call) {
    if (!run.response(key_of(call))) {
      run.put_response(run.intend(key_of(call), 1, "{}"), {.body = body_of(call)});
      acknowledge();
    }
    if (!run.has_candidate(1, call)) {
      store::CandidateRow row;
      row.iteration = 1;
      row.position = call;
      row.problem = "p";
      row.fingerprint = key_of(call);
      row.candidate = "{}";
      row.verdict = "{}";
      row.kept = true;
      run.put_candidate(row, store::ExampleRow{.iteration = 1,
                                               .position = call,
                                               .fingerprint = row.fingerprint,
                                               .example = "{}"});
      acknowledge();
    }
  }
  if (run.record().iterations.empty())
    run.put_iteration({.iteration = 1, .metrics = "{}"});
}

/// How many of the acknowledged things are there, whole.
std::size_t found_in(const fs::path& folder) {
  Run run(folder, Run::Start::resume);
  const store::RunRecord record = run.record();
  CHECK(record.examples.size() == record.candidates.size()); // together or not at all
  std::size_t found = record.candidates.size();
  for (std::int64_t call = 0; call < kCalls; ++call)
    if (const auto response = run.response(key_of(call))) {
      CHECK((response->body == body_of(call)));
      ++found;
    }
  return found;
}

void check_complete(const fs::path& folder) {
  work(folder, [] {});
  CHECK(found_in(folder) == 2 * kCalls);
}

/// Plays `states` power cuts of one run.
void check_power_cuts(std::uint64_t states) {
  std::vector<std::size_t> acknowledged_at; ///< operations done when each was acknowledged
  std::vector<test::DiskOperation> operations;
  {
    WatchedDisk disk;
    const ScratchFolder folder;
    work(folder.path(), [&] { acknowledged_at.push_back(disk.operations.size()); });
    operations = disk.operations;
  }
  REQUIRE(acknowledged_at.size() == 2 * kCalls);
  std::size_t lost = 0;
  for (std::uint64_t state = 0; state < states; ++state) {
    Rng rng = Rng(7).child("power cut", state);
    const std::size_t cut = rng.below(operations.size() + 1);
    const ScratchFolder folder;
    PowerCut(operations, cut, rng).write_to(folder.path());
    std::size_t acknowledged = 0;
    for (const std::size_t at : acknowledged_at)
      acknowledged += at <= cut ? 1 : 0;
    INFO("state " << state << ", cut after operation " << cut << " of " << operations.size());
    lost += found_in(folder.path()) < acknowledged ? 1 : 0;
    if (state % 10 == 0)
      check_complete(folder.path());
  }
  CHECK(lost == 0);
}

/// Lets each file operation fail in turn, `step` apart; returns how many there were.
long check_failures(long step, bool for_ever, int failure) {
  for (long at = 1;; at += step) {
    const ScratchFolder folder;
    std::size_t acknowledged = 0;
    std::string outcome = "completed";
    bool reached = false;
    {
      WatchedDisk disk;
      disk.fail_at = at;
      disk.for_ever = for_ever;
      disk.failure = failure;
      try {
        work(folder.path(), [&] { ++acknowledged; });
      } catch (const Error& error) {
        outcome = error.exit() == Exit::storage ? "refused" : error.format();
      }
      reached = disk.calls >= at;
    }
    INFO("file operation " << at << (for_ever ? " and all after it" : " alone") << " fails with "
                           << failure);
    CHECK((outcome == "completed" || outcome == "refused"));
    CHECK(found_in(folder.path()) >= acknowledged);
    check_complete(folder.path());
    if (!reached)
      return at;
  }
}

} // namespace

TEST_CASE("after a power cut at any moment nothing acknowledged is lost", "[store]") {
  check_power_cuts(100);
}

TEST_CASE("after a thousand power cuts nothing acknowledged is lost", "[store][slow]") {
  check_power_cuts(1000);
}

TEST_CASE("file operations that fail end with exit 5 or are overcome, and the store stays sound",
          "[store]") {
  for (const bool for_ever : {false, true})
    for (const int failure : {SQLITE_OK, SQLITE_FULL})
      CHECK(check_failures(23, for_ever, failure) > 100);
}

TEST_CASE("every file operation may fail, once and for ever", "[store][slow]") {
  for (const bool for_ever : {false, true})
    for (const int failure : {SQLITE_OK, SQLITE_FULL})
      CHECK(check_failures(1, for_ever, failure) > 100);
}

TEST_CASE("after a failed sync a run takes no more answers: it could not be sure of them",
          "[store]") {
  const ScratchFolder folder;
  WatchedDisk disk;
  Run run(folder.path(), Run::Start::fresh);
  run.begin({.config = Json{{"a", "1"}}, .command_line = "", .version = ""});
  const store::Call call = run.intend("key", 1, "{}");
  disk.fail_at = disk.calls + 1;
  disk.failure = SQLITE_IOERR_FSYNC;
  CHECK_THROWS_AS(run.put_response(call, {.body = "one"}), Error);
  CHECK_THROWS_AS(run.put_response(call, {.body = "two"}), Error); // the disk is well again
  CHECK_FALSE(run.response("key"));
}
