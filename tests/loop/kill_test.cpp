// The real program, killed at random moments: scripts/kill_test.sh and kill_model.py.
#include "catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "folders.hpp"
#include "quill/core/files.hpp"
#include "store/quick_scratch.hpp"

namespace {

/// What a script of scripts/ said, and whether all was well.
std::pair<int, std::string> said_by(const std::string& script) {
  const std::string program = std::string(QUILL_BUILD_FOLDER) + "/quill";
  setenv("QUILL", program.c_str(), 1);
  const std::string command =
      "cd '" + std::string(QUILL_SOURCE_FOLDER) + "/scripts' && " + script + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  char bytes[4096];
  for (std::size_t n = 0; (n = fread(bytes, 1, sizeof bytes, pipe)) > 0;)
    said.append(bytes, n);
  return {pclose(pipe), said};
}

void check_kills(int kills, const std::string& script) {
  if (!std::filesystem::exists(std::string(QUILL_BUILD_FOLDER) + "/quill")) {
    WARN("skipped: the program quill is not built");
    return;
  }
  const auto [status, said] = said_by(script + " " + std::to_string(kills));
  INFO(said);
  CHECK(status == 0);
  CHECK(said.find(std::to_string(kills) + " kills") != std::string::npos);
}

} // namespace

TEST_CASE("after eight kills at random moments the exports are equal", "[loop]") {
  const quill::ScratchFolder folder;
  const auto file = folder.path() / "two.json"; // two slow queries: a short run
  std::ofstream(file) << R"json([
    {"before": "SELECT id FROM orders WHERE user_id = 7 OR user_id = 9 ORDER BY id",
     "after": "SELECT id FROM orders WHERE user_id IN (7, 9) ORDER BY id",
     "indexes": ["CREATE INDEX i ON orders(user_id)"]},
    {"before": "SELECT count(*) FROM orders WHERE status = 'returned' AND amount > 100",
     "after": "SELECT count(*) FROM orders WHERE status = 'returned' AND amount > 100",
     "indexes": ["CREATE INDEX i ON orders(status, amount)"]}])json";
  setenv("KILL_TEST_EXAMPLES", file.c_str(), 1);
  setenv("KILL_TEST_ITERATIONS", "3", 1);
  check_kills(8, "bash kill_test.sh");
  unsetenv("KILL_TEST_ITERATIONS");
  unsetenv("KILL_TEST_EXAMPLES");
}

TEST_CASE("after a hundred kills at random moments the exports are equal", "[loop][slow]") {
  check_kills(100, "bash kill_test.sh");
}

TEST_CASE("killed with many questions in flight, no answer on record is lost", "[loop]") {
  check_kills(8, "python3 kill_model.py");
}

TEST_CASE("killed a thousand times with many questions in flight, nothing is lost",
          "[loop][slow]") {
  check_kills(1000, "python3 kill_model.py");
}
