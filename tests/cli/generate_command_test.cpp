// quill generate, which becomes quill-torch.
#include "catch.hpp"

#include "folders.hpp"
#include "program.hpp"

using namespace quill;
using quill::test::Outcome;
using quill::test::Shell;

namespace {

bool has_torch() {
  return std::filesystem::exists(QUILL_BUILD_FOLDER "/quill-torch");
}

void make_model(const Shell& shell) {
  shell.write("corpus.txt", "SELECT name FROM singer\n");
  (void)shell.quill({"model",        "init", "--out",    "m", "--train-tokenizer", "corpus.txt",
                     "--vocabulary", "270",  "--layers", "1", "--hidden",          "8",
                     "--inner",      "8",    "--heads",  "2", "--kv-heads",        "1",
                     "--deviation",  "0.5"});
}

Outcome generate(const Shell& shell, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"generate",     "--model", "m",      "--prompt",  "SELECT",
                                    "--max-tokens", "6",       "--json", "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return shell.quill(words);
}

} // namespace

TEST_CASE("without LibTorch, what needs a model says how to get it", "[cli]") {
  if (has_torch())
    return;
  const Shell shell;
  make_model(shell);
  const auto refused = generate(shell, {});
  CHECK(refused.exit == 2);
  CHECK(refused.err.starts_with(
      "error: this command needs a model, and this installation has no quill-torch\n"));
}

TEST_CASE("a local model answers, the same for the same seed", "[cli]") {
  if (!has_torch()) {
    WARN("skipped: this build has no quill-torch");
    return;
  }
  const Shell shell;
  make_model(shell);
  const auto one = generate(shell, {});
  REQUIRE(one.exit == 0);
  CHECK(one.json()["ids"].size() <= 6);
  CHECK(one.json()["prompt_tokens"] == 6); // bytes: no pair of the corpus stands twice
  CHECK(one.json()["tokens_per_second"] > 0);
  const std::vector<std::string> hot = {"--temperature", "1", "-n", "3", "--logprobs"};
  const auto first = generate(shell, hot), second = generate(shell, hot);
  REQUIRE(first.json().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(first.json()[i]["ids"] == second.json()[i]["ids"]);
    CHECK(first.json()[i]["logprobs"].size() == first.json()[i]["ids"].size());
  }
  CHECK(generate(shell, {"--dtype", "bfloat16"}).exit == 0);
}

TEST_CASE("a local model proposes in the loop; what it writes is judged like any other", "[cli]") {
  if (!has_torch())
    return;
  const Shell shell;
  make_model(shell);
  const std::vector<std::string> run = {
      "restem", "--blueprint",  "shop",   "--provider", "local", "--model", "m",    "--iterations",
      "1",      "--candidates", "2",      "--measure",  "steps", "--trust", "fast", "--out",
      "run",    "--json",       "--quiet"};
  const auto outcome = shell.quill(run);
  INFO(outcome.err);
  CHECK(outcome.exit == 0);
  CHECK(outcome.json()["asked"] == 2); // random weights: nothing it writes is a query
  auto adapted = run;
  adapted.insert(adapted.end(), {"--adapter", "nowhere"});
  CHECK(shell.quill(adapted).exit == 2);
}
