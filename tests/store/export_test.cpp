#include "catch.hpp"

#include <fstream>
#include <string>

#include "quill/core/files.hpp"
#include "quill/store/run.hpp"
#include "store/quick_scratch.hpp"

using namespace quill;
using store::Run;
namespace fs = std::filesystem;

namespace {

Run begun(const fs::path& folder) {
  Run run(folder, Run::Start::resume);
  run.begin({.config = Json{{"a", "1"}}, .command_line = "", .version = ""});
  return run;
}

} // namespace

TEST_CASE("an export is written once, and again when it is missing or old", "[store]") {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "metrics.json";
  Run run = begun(folder.path());
  CHECK_FALSE(run.write_export("metrics.json", "one"));
  CHECK_FALSE(run.write_export("metrics.json", "two"));
  CHECK(read_file(file) == "two");
  fs::remove(file);
  CHECK_FALSE(run.write_export("metrics.json", "two"));
  CHECK(read_file(file) == "two");
}

TEST_CASE("an export from an earlier session of the run is ours too", "[store]") {
  const ScratchFolder folder;
  {
    Run run = begun(folder.path());
    run.write_export("metrics.json", "one");
  }
  Run run = begun(folder.path());
  CHECK_FALSE(run.write_export("metrics.json", "two"));
  CHECK(read_file(folder.path() / "metrics.json") == "two");
}

TEST_CASE("what somebody edited is moved aside, each time to a new name", "[store]") {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "metrics.json";
  Run run = begun(folder.path());
  run.write_export("metrics.json", "one");
  std::ofstream(file) << "mine";
  const auto edited = run.write_export("metrics.json", "two");
  REQUIRE(edited);
  CHECK(edited->filename() == "metrics.json.edited");
  CHECK(read_file(*edited) == "mine");
  CHECK(read_file(file) == "two");

  std::ofstream(file) << "mine again";
  const auto second = run.write_export("metrics.json", "two");
  REQUIRE(second);
  CHECK(second->filename() == "metrics.json.edited.2");
  CHECK(read_file(*edited) == "mine");
}

TEST_CASE("a torn export of any length is replaced, and kept aside", "[store]") {
  const ScratchFolder folder;
  const fs::path file = folder.path() / "metrics.json";
  Run run = begun(folder.path());
  const std::string whole = "{\"a\": 1}\n";
  run.write_export("metrics.json", whole);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(file) << whole.substr(0, length);
    run.write_export("metrics.json", whole);
    CHECK(read_file(file) == whole);
  }
}
