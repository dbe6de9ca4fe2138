// quill model …: what needs no network.
#include "catch.hpp"

#include "program.hpp"

using namespace quill;
using quill::test::is_three_lines;
using quill::test::Shell;

namespace {

void make_model(const Shell& shell) {
  shell.write("corpus.txt", "SELECT name FROM singer\nSELECT count(*) FROM singer\n");
  const auto made = shell.quill({"model", "init", "--out", "m", "--train-tokenizer", "corpus.txt",
                                 "--vocabulary", "280", "--layers", "1", "--hidden", "8", "--inner",
                                 "8", "--heads", "2", "--kv-heads", "1", "--json"});
  REQUIRE(made.exit == 0);
}

} // namespace

TEST_CASE("a new model is whole and described", "[cli]") {
  const Shell shell;
  make_model(shell);
  const auto info = shell.quill({"model", "info", "--model", "m", "--json"});
  REQUIRE(info.exit == 0);
  CHECK(info.json()["missing"].empty());
  CHECK(info.json()["unused"].empty());
  CHECK(info.json()["chat_template"]["name"] == "chatml");
  CHECK(info.json()["tokenizer"]["added"] == 3);
  CHECK(info.json()["vocab_size"] == info.json()["tokenizer"]["size"]);
  CHECK(info.json()["tie_word_embeddings"] == true);
}

TEST_CASE("the same seed makes the same model", "[cli]") {
  const Shell one, two;
  make_model(one);
  make_model(two);
  for (const char* file : {"config.json", "model.safetensors", "tokenizer.json"})
    CHECK(quill::test::slurp(one.path("m") / file) == quill::test::slurp(two.path("m") / file));
}

TEST_CASE("text becomes ids and ids become text", "[cli]") {
  const Shell shell;
  make_model(shell);
  const auto ids = shell.quill({"model", "tokens", "--model", "m", "--text", "SELECT é", "--json"});
  REQUIRE(ids.exit == 0);
  const Json document = ids.json();
  std::string list;
  for (const Json& id : document["ids"])
    list += (list.empty() ? "" : ",") + dump_json(id);
  const auto back = shell.quill({"model", "tokens", "--model", "m", "--ids", list, "--json"});
  CHECK(back.json()["text"] == "SELECT é");
}

TEST_CASE("a conversation goes through the template", "[cli]") {
  const Shell shell;
  make_model(shell);
  shell.write("chat.json", R"([{"role": "user", "content": "Hi"}])");
  const auto open =
      shell.quill({"model", "tokens", "--model", "m", "--chat", "chat.json", "--json"});
  CHECK(open.json()["text"] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  const auto closed =
      shell.quill({"model", "tokens", "--model", "m", "--chat", "chat.json", "--closed", "--json"});
  CHECK(closed.json()["text"] == "<|im_start|>user\nHi<|im_end|>\n");
}

TEST_CASE("what cannot be a model is refused in three lines", "[cli]") {
  const Shell shell;
  make_model(shell);
  const auto refused = [&](std::vector<std::string> words) {
    const auto outcome = shell.quill(words);
    CHECK(outcome.exit == 2);
    CHECK(is_three_lines(outcome.err));
    return outcome.err;
  };
  CHECK(refused({"model", "tokens", "--model", "m"})
            .starts_with("error: 0 of --text, --ids and --chat were given; allowed: one\n"));
  CHECK(refused({"model", "tokens", "--model", "m", "--ids", "1;2"})
            .starts_with("error: --ids is \"1;2\"; allowed: numbers with commas between\n"));
  CHECK(refused({"model", "tokens", "--model", "m", "--ids", "9999"})
            .starts_with("error: there is no token 9999; allowed: 0 to "));
  refused({"model", "info", "--model", "nowhere"});
  CHECK(refused({"model", "init", "--out", "n"})
            .starts_with("error: neither --train-tokenizer nor --tokenizer was given\n"));
  CHECK(refused({"model", "init", "--out", "n", "--tokenizer", "m", "--hidden", "10"})
            .starts_with("error: --hidden is 10; allowed: a multiple of --heads, 4\n"));
  shell.write("m/model.safetensors", "short");
  refused({"model", "info", "--model", "m"});
}

TEST_CASE("what would be uploaded is shown, with a card, and nothing is sent", "[cli]") {
  const Shell shell;
  make_model(shell);
  const auto shown = shell.quill(
      {"push", "--model", "m", "--repository", "me/small", "--tag", "v1", "--dry-run", "--json"});
  REQUIRE(shown.exit == 0);
  std::vector<std::string> names;
  const Json document = shown.json();
  for (const Json& file : document["files"])
    names.push_back(file["name"]);
  const std::vector<std::string> expected = {
      "README.md",         "config.json",    "generation_config.json",
      "model.safetensors", "tokenizer.json", "tokenizer_config.json"};
  CHECK(names == expected);
  CHECK_THAT(document["card"].get<std::string>(), Catch::Contains("# small\n\nA model of the "
                                                                  "family qwen2, "));
  const auto refused = shell.quill({"push", "--model", "m", "--repository", "small"});
  CHECK(refused.exit == 2);
  CHECK(refused.err.starts_with("error: \"small\" is no model of the Hub\n"));
}

TEST_CASE("an id that was never fetched says how to", "[cli]") {
  const Shell shell;
  const auto refused = shell.quill({"model", "info", "--model", "me/none"});
  CHECK(refused.exit == 2);
  CHECK_THAT(refused.err, Catch::Contains("fetch it with `quill model pull me/none`"));
}
