#include "catch.hpp"

#include <fstream>
#include <unistd.h>

#include "quill/core/log.hpp"
#include "quill/train/run.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void write_checkpoint(Checkpoints& checkpoints, std::int64_t step, std::int64_t keep = 9) {
  const auto folder = checkpoints.begin(step);
  write(folder / "weights", "weights of step " + std::to_string(step));
  write(folder / "state.json", "{}");
  checkpoints.finish(step, keep);
}

std::int64_t newest_step(const Checkpoints& checkpoints) {
  const auto found = checkpoints.newest();
  return found ? found->step : -1;
}

} // namespace

TEST_CASE("the newest checkpoint is found, and old ones go", "[train]") {
  const ScratchFolder folder;
  Checkpoints checkpoints(folder.path());
  CHECK(newest_step(checkpoints) == -1);
  for (const std::int64_t step : {10, 20, 30})
    write_checkpoint(checkpoints, step, 2);
  CHECK(newest_step(checkpoints) == 30);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "checkpoints/step-00000010"));
  CHECK(std::filesystem::exists(folder.path() / "checkpoints/step-00000020"));
}

TEST_CASE("of a checkpoint cut at any byte of any file the one before is taken", "[train]") {
  set_log_level(LogLevel::off); // one line for each cut
  const ScratchFolder folder;
  Checkpoints checkpoints(folder.path());
  write_checkpoint(checkpoints, 10);
  write_checkpoint(checkpoints, 20);
  const auto newest = folder.path() / "checkpoints/step-00000020";
  for (const char* name : {"weights", "state.json", "manifest.json"}) {
    const std::string whole = read_file(newest / name);
    const std::size_t last_needed = whole.find_last_not_of("\n");
    for (std::size_t bytes = 0; bytes <= last_needed; ++bytes) {
      write(newest / name, whole.substr(0, bytes));
      REQUIRE(newest_step(checkpoints) == 10);
    }
    std::filesystem::remove(newest / name);
    CHECK(newest_step(checkpoints) == 10);
    write(newest / name, whole);
    CHECK(newest_step(checkpoints) == 20);
  }
  set_log_level(LogLevel::info);
}

TEST_CASE("a checkpoint that was never finished is none", "[train]") {
  const ScratchFolder folder;
  Checkpoints checkpoints(folder.path());
  write_checkpoint(checkpoints, 10);
  write(checkpoints.begin(20) / "weights", "all of them");
  CHECK(newest_step(checkpoints) == 10);
  write_checkpoint(checkpoints, 20); // begins anew over what is left there
  CHECK(newest_step(checkpoints) == 20);
}

TEST_CASE("a folder that holds a run is only gone on with", "[train]") {
  const ScratchFolder folder;
  const Json settings = {{"rank", "8"}, {"keep", "2"}};
  {
    const Run run(folder.path(), settings, {"keep"}, false);
  }
  const auto text =
      refusal(Exit::usage, [&] { const Run run(folder.path(), settings, {"keep"}, false); });
  CHECK(text.what == "the folder holds a run already");
  CHECK(text.fix == "go on with --resume, or give another --out");
  const Json other_keep = {{"rank", "8"}, {"keep", "5"}};
  CHECK_NOTHROW(Run(folder.path(), other_keep, {"keep"}, true));
}

TEST_CASE("two runs on one folder: the second is told who has it", "[train]") {
  const ScratchFolder folder;
  const Run first(folder.path(), {{"rank", "8"}}, {}, false);
  const auto text =
      refusal(Exit::usage, [&] { const Run second(folder.path(), {{"rank", "8"}}, {}, true); });
  CHECK_THAT(text.what, Catch::Contains(std::to_string(::getpid())));
  CHECK_THAT(text.where, Catch::StartsWith(folder.path().string()));
}

TEST_CASE("a run goes on with the settings it was begun with", "[train]") {
  const ScratchFolder folder;
  {
    const Run run(folder.path(), {{"rank", "8"}}, {}, false);
  }
  const auto text =
      refusal(Exit::usage, [&] { const Run run(folder.path(), {{"rank", "16"}}, {}, true); });
  CHECK(text.what == "the run was begun with rank = \"8\", now it is \"16\"");
}

TEST_CASE("figures behind the checkpoint go, as does a line that a kill cut", "[train]") {
  const ScratchFolder folder;
  Run run(folder.path(), Json::object(), {}, false);
  for (const int step : {1, 2, 3})
    run.record({{"step", step}});
  std::ofstream(folder.path() / "metrics.jsonl", std::ios::app) << "{\"step\": 4, \"lo";
  run.forget_after(2);
  CHECK(read_file(folder.path() / "metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\n");
}
