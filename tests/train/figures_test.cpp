#include "quill/train/figures.hpp"

#include <fstream>

#include "catch.hpp"
#include "quill/core/files.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

} // namespace

TEST_CASE("a training run's figures are read, but for a line that is not whole", "[train]") {
  const ScratchFolder folder;
  CHECK_FALSE(is_training_run(folder.path()));
  write(folder.path() / "run.json", R"({"format_version": 1, "settings": {"rank": "8"}})");
  CHECK(is_training_run(folder.path()));
  CHECK(read_figures(folder.path()).steps.empty());
  write(
      folder.path() / "metrics.jsonl",
      "{\"step\": 1, \"loss\": 2.5}\n{\"step\": 2, \"loss\": 2, \"eval_loss\": 3}\n{\"step\": 3,");
  const Figures figures = read_figures(folder.path());
  CHECK(figures.settings == Json{{"rank", "8"}});
  CHECK(figures.steps.size() == 2);
  CHECK(figures.names() == std::vector<std::string>{"loss", "eval_loss"});
}

TEST_CASE("a line of figures that is broken is named", "[train]") {
  const ScratchFolder folder;
  write(folder.path() / "run.json", R"({"settings": {}})");
  write(folder.path() / "metrics.jsonl", "{\"step\": 1}\n{\"step\": \"two\"}\n");
  const auto text = refusal(Exit::usage, [&] { (void)read_figures(folder.path()); });
  CHECK_THAT(text.where, Catch::Contains("metrics.jsonl:2"));
}
