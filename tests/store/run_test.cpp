#include "quill/store/run.hpp"

#include "catch.hpp"

#include <fstream>
#include <string>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "refusal.hpp"
#include "store/in_child.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using quill::test::refusal;
using store::Run;
namespace fs = std::filesystem;

namespace {

store::RunHeader header(const std::string& iterations = "50") {
  return {.config = Json{{"restem.iterations", iterations}, {"restem.seed", "42"}},
          .command_line = "quill restem",
          .version = "0.1.0"};
}

Run begun(const fs::path& folder) {
  Run run(folder, Run::Start::fresh);
  run.begin(header());
  return run;
}

store::CandidateRow kept_row() {
  store::CandidateRow row;
  row.iteration = 1;
  row.problem = "p";
  row.fingerprint = "aa";
  row.candidate = "{}";
  row.verdict = "{\"kept\":true}";
  row.kept = true;
  return row;
}

store::ExampleRow example_row() {
  return {.iteration = 1, .position = 0, .fingerprint = "aa", .example = "{\"id\":\"1-0\"}"};
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file) << bytes;
}

} // namespace

TEST_CASE("what was committed is there after reopening", "[store]") {
  const ScratchFolder folder;
  {
    Run run = begun(folder.path());
    CHECK_FALSE(run.resumed());
    run.put_problems({{"p", "{\"before\":1}"}, {"a", "{}"}});
    const store::Call call = run.intend("key", 1, "{\"ask\":1}");
    CHECK(call.attempts == 1);
    run.put_response(call, {.status = 200, .body = std::string("raw\0body", 8), .usable = true});
    run.put_candidate(kept_row(), example_row());
    run.put_iteration({.iteration = 1, .metrics = "{\"kept\":1}", .elapsed_ms = 12.5});
    run.put_event("2026-01-01T00:00:00Z", "started", "quill restem");
  }
  Run run(folder.path(), Run::Start::resume);
  CHECK(run.resumed());
  run.begin(header());
  const auto response = run.response("key");
  REQUIRE(response);
  CHECK(response->body == std::string("raw\0body", 8));
  CHECK(response->usable);
  CHECK_FALSE(run.response("another"));
  CHECK(run.has_candidate(1, 0));
  CHECK_FALSE(run.has_candidate(1, 1));

  const store::RunRecord record = run.record();
  CHECK(record.header.config == header().config);
  CHECK(record.header.command_line == "quill restem");
  CHECK(record.problems.at(0).first == "p"); // in the order given, not by name
  REQUIRE(record.candidates.size() == 1);
  CHECK(record.candidates[0].kept);
  CHECK(*record.candidates[0].verdict == "{\"kept\":true}");
  CHECK(record.examples.at(0).fingerprint == "aa");
  CHECK(record.iterations.at(0).elapsed_ms == 12.5);
  CHECK(run.events().at(0).kind == "started");
}

TEST_CASE("an intent without an answer is counted, and asked again as a second attempt",
          "[store]") {
  const ScratchFolder folder;
  {
    Run run = begun(folder.path());
    (void)run.intend("key", 1, "{}");
  }
  Run run(folder.path(), Run::Start::resume);
  run.begin(header());
  CHECK(run.open_calls() == 1);
  const store::Call again = run.intend("key", 1, "{}");
  CHECK(again.attempts == 2);
  run.put_response(again, {});
  CHECK(run.open_calls() == 0);
}

TEST_CASE("the file is kept in a rollback journal with full syncs", "[store]") {
  const ScratchFolder folder;
  const Run run = begun(folder.path());
  CHECK(fs::exists(folder.path() / "run.db"));
  CHECK_FALSE(fs::exists(folder.path() / "run.db-wal"));
}

TEST_CASE("a run cannot be started where one is, and the error tells how to go on", "[store]") {
  const ScratchFolder folder;
  {
    const Run run = begun(folder.path());
  }
  const ErrorText text =
      refusal(Exit::usage, [&] { const Run run(folder.path(), Run::Start::fresh); });
  CHECK(text.what == "the folder \"" + folder.path().string() + "\" holds a run already");
  CHECK(text.where == (folder.path() / "run.db").string());
  CHECK(text.fix == "add --resume to the same command to go on, or give another --out");
}

TEST_CASE("a run is not started in a folder with other files", "[store]") {
  const ScratchFolder folder;
  write(folder.path() / "thesis.txt", "words");
  const ErrorText text =
      refusal(Exit::usage, [&] { const Run run(folder.path(), Run::Start::fresh); });
  CHECK(text.what ==
        "the folder \"" + folder.path().string() + "\" is not empty: it holds \"thesis.txt\"");
  CHECK_FALSE(fs::exists(folder.path() / "run.db"));
}

TEST_CASE("log, configuration and a run that never began do not stand in the way", "[store]") {
  const ScratchFolder folder;
  write(folder.path() / "quill.log", "line");
  write(folder.path() / "config.toml", "");
  {
    const Run run(folder.path(), Run::Start::fresh);
  } // killed before begin()
  Run run(folder.path(), Run::Start::fresh);
  CHECK_FALSE(run.resumed());
}

TEST_CASE("resuming where nothing is starts afresh", "[store]") {
  const ScratchFolder folder;
  Run run(folder.path() / "new", Run::Start::resume);
  CHECK_FALSE(run.resumed());
  run.begin(header());
}

TEST_CASE("resuming with other settings names the keys", "[store]") {
  const ScratchFolder folder;
  {
    const Run run = begun(folder.path());
  }
  Run run(folder.path(), Run::Start::resume);
  const ErrorText text = refusal(Exit::usage, [&] { run.begin(header("60")); });
  CHECK(text.what == "the run was started with other settings: restem.iterations (was \"50\", now "
                     "\"60\")");
  CHECK(text.where == (folder.path() / "run.db").string());
  CHECK(text.fix == "resume with the settings it was started with, or give another --out");

  store::RunHeader more = header();
  more.config["restem.trust"] = "fast";
  CHECK(refusal(Exit::usage, [&] { run.begin(more); }).what ==
        "the run was started with other settings: restem.trust (was not given, now \"fast\")");
}

TEST_CASE("a second process on the same folder is told who has it", "[store]") {
  const ScratchFolder folder;
  const Run run = begun(folder.path());
  const std::string said = test::in_child([&] {
    try {
      const Run second(folder.path(), Run::Start::resume);
      return std::string("opened");
    } catch (const Error& error) {
      return std::to_string(static_cast<int>(error.exit())) + " " + error.format();
    }
  });
  CHECK(said.substr(0, 2) == "2 ");
  CHECK(said.find(std::to_string(getpid())) != std::string::npos);
}

TEST_CASE("a file that is no database is refused and left as it is", "[store]") {
  const ScratchFolder folder;
  const std::string bytes(5'000, 'x');
  write(folder.path() / "run.db", bytes);
  for (const auto start : {Run::Start::resume, Run::Start::fresh}) {
    const ErrorText text = refusal(Exit::usage, [&] { const Run run(folder.path(), start); });
    CHECK(text.what.find("cannot be read as a run: file is not a database") != std::string::npos);
    CHECK(read_file(folder.path() / "run.db") == bytes);
  }
  (void)refusal(Exit::usage, [&] { (void)store::read_run(folder.path()); });
}

TEST_CASE("a damaged run is refused and left as it is", "[store]") {
  const ScratchFolder folder;
  {
    Run run = begun(folder.path());
    for (int i = 0; i < 8; ++i)
      (void)run.intend("key" + std::to_string(i), 1, std::string(40'000, 'r'));
  }
  const std::string whole = read_file(folder.path() / "run.db");
  int refused = 0;
  for (std::size_t page = 1; page * 4096 < whole.size(); page += 7) { // wiped pages
    std::string broken = whole;
    broken.replace(page * 4096, 4096, std::string(4096, '\xee'));
    write(folder.path() / "run.db", broken);
    try {
      (void)store::read_run(folder.path());
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage);
      ++refused;
    }
    CHECK(read_file(folder.path() / "run.db") == broken);
  }
  CHECK(refused > 0);
  write(folder.path() / "run.db", whole.substr(0, whole.size() / 2)); // cut short
  (void)refusal(Exit::usage, [&] { const Run run(folder.path(), Run::Start::resume); });
}

TEST_CASE("a folder that cannot be made is a storage error", "[store]") {
  const ScratchFolder folder;
  write(folder.path() / "file", "");
  (void)refusal(Exit::storage,
                [&] { const Run run(folder.path() / "file" / "out", Run::Start::fresh); });
}

TEST_CASE("reading a folder without a run says so", "[store]") {
  const ScratchFolder folder;
  CHECK_FALSE(store::has_run(folder.path()));
  const ErrorText text = refusal(Exit::usage, [&] { (void)store::read_run(folder.path()); });
  CHECK(text.what == "there is no run in \"" + folder.path().string() + "\"");
  CHECK(text.fix == "`quill restem --out FOLDER` makes one");
}

TEST_CASE("a run can be read while it is written", "[store]") {
  const ScratchFolder folder;
  Run run = begun(folder.path());
  run.put_candidate(kept_row(), example_row());
  CHECK(store::read_run(folder.path()).examples.size() == 1);
  run.put_iteration({.iteration = 1, .metrics = "{}"});
  CHECK(store::read_run(folder.path()).iterations.size() == 1);
}
