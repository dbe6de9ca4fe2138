// Killed at every named point, the run opens again and nothing that was acknowledged is missing.
#include "catch.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/resource.h>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"
#include "store/in_child.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using store::Run;
namespace fs = std::filesystem;

namespace {

const store::RunHeader kHeader{
    .config = Json{{"a", "1"}}, .command_line = "quill restem", .version = "0.1.0"};

store::CandidateRow row(std::int64_t position) {
  store::CandidateRow made;
  made.iteration = 1;
  made.position = position;
  made.problem = "p";
  made.fingerprint = "f" + std::to_string(position);
  made.candidate = "{}";
  made.verdict = "{}";
  made.kept = true;
  return made;
}

/// A small run that takes up whatever is there.
void write_run(const fs::path& folder) {
  Run run(folder, Run::Start::resume);
  run.begin(kHeader);
  if (!run.response("key"))
    run.put_response(run.intend("key", 1, "{}"), {.body = "answer"});
  for (std::int64_t position = 0; position < 3; ++position)
    if (!run.has_candidate(1, position))
      run.put_candidate(row(position), store::ExampleRow{.iteration = 1,
                                                         .position = position,
                                                         .fingerprint = row(position).fingerprint,
                                                         .example = "{}"});
  if (run.record().iterations.empty())
    run.put_iteration({.iteration = 1, .metrics = "{}"});
  run.write_export("training_data.json", "[1, 2, 3]\n");
}

std::string facts(const fs::path& folder) {
  const store::RunRecord record = store::read_run(folder);
  return std::to_string(record.candidates.size()) + " " + std::to_string(record.examples.size()) +
         " " + std::to_string(record.iterations.size()) + " " +
         read_file(folder / "training_data.json");
}

} // namespace

TEST_CASE("killed at any named point, the next start ends as if nothing had happened", "[store]") {
  const auto point = GENERATE(
      as<std::string>{}, "store.open:1", "store.migrate:1", "store.created:1", "run.begun:1",
      "call.intended:1", "response.received:1", "response.committed:1", "candidate.writing:1",
      "candidate.committed:1", "candidate.writing:2", "candidate.committed:3", "iteration.ended:1",
      "iteration.committed:1", "export.writing:1", "export.written:1");
  const ScratchFolder folder;
  const std::string said = test::in_child([&] {
    setenv("QUILL_CRASH_AT", point.c_str(), 1);
    write_run(folder.path());
    return std::string("reached the end");
  });
  INFO(point);
  CHECK(said == "signal 9");
  write_run(folder.path());
  CHECK(facts(folder.path()) == "3 3 1 [1, 2, 3]\n");
  CHECK_FALSE(fs::exists(folder.path() / "training_data.json.edited"));
}

TEST_CASE("a verdict and its pool change are there together or not at all", "[store]") {
  const ScratchFolder folder;
  (void)test::in_child([&] {
    setenv("QUILL_CRASH_AT", "candidate.writing:2", 1);
    write_run(folder.path());
    return std::string();
  });
  const store::RunRecord record = store::read_run(folder.path()); // rolls the journal back
  CHECK(record.candidates.size() == 1);
  CHECK(record.examples.size() == 1);
}

TEST_CASE("a disk that takes no more ends with exit 5 and loses nothing committed", "[store]") {
  const ScratchFolder folder;
  {
    Run run(folder.path(), Run::Start::fresh);
    run.begin(kHeader);
    run.put_response(run.intend("key", 1, "{}"), {.body = "answer"});
  }
  const std::string said = test::in_child([&] {
    const rlimit limit{200'000, 200'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN); // as cancel_on_signals does
    try {
      Run run(folder.path(), Run::Start::resume);
      run.begin(kHeader);
      run.put_response(run.intend("big", 1, "{}"), {.body = std::string(400'000, 'x')});
      return std::string("written");
    } catch (const Error& error) {
      return std::to_string(static_cast<int>(error.exit())) + " " + error.text().fix;
    }
  });
  CHECK(said == "5 everything committed before is safe in this file; make room or mend the disk, "
                "then run the same command with --resume");
  Run run(folder.path(), Run::Start::resume);
  run.begin(kHeader);
  CHECK(run.response("key")->body == "answer");
  CHECK_FALSE(run.response("big"));
  CHECK(run.open_calls() == 1); // its intent was committed before
}

TEST_CASE("a full disk is an error, not a crash", "[store]") {
  if (!fs::exists("/dev/full"))
    return;
  const ScratchFolder folder;
  fs::create_symlink("/dev/full", folder.path() / "run.db");
  const std::string said = test::in_child([&] {
    try {
      Run run(folder.path(), Run::Start::fresh);
      return std::string("opened");
    } catch (const Error& error) {
      return std::string("refused");
    }
  });
  CHECK(said == "refused");
}
