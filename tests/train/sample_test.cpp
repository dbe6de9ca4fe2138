#include "catch.hpp"

#include <fstream>

#include "quill/core/files.hpp"
#include "quill/train/sample.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

namespace {

const model::Tokenizer& tokenizer() {
  static const auto bytes = model::Tokenizer::parse(
      model::train_tokenizer("", 259, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}), "t");
  return bytes;
}

const model::ChatTemplate& chatml() {
  static const model::ChatTemplate chat(model::kChatmlTemplate, "t");
  return chat;
}

Tokenizing tokenizing() {
  return {.tokenizer = tokenizer(), .chat = chatml(), .end = 256};
}

std::filesystem::path file(const ScratchFolder& folder, const std::string& name,
                           const std::string& text) {
  const auto path = folder.path() / name;
  std::ofstream(path) << text;
  return path;
}

/// The text of a sample with what the loss looks at in brackets.
std::string marked(const Sample& sample) {
  std::string text;
  bool inside = false;
  for (std::size_t i = 0; i < sample.ids.size(); ++i) {
    if ((sample.trained[i] != 0) != inside)
      text += inside ? "]" : "[";
    inside = sample.trained[i] != 0;
    const model::TokenId id = sample.ids[i];
    text += tokenizer().decode(std::span(&id, 1));
  }
  return inside ? text + "]" : text;
}

Samples samples_of(const std::string& lines, Tokenizing how = tokenizing()) {
  const ScratchFolder folder;
  return tokenized(read_dialogues(file(folder, "d.jsonl", lines), 0), how);
}

constexpr const char* kTwoTurns =
    R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
 {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]})";

std::string one_line(std::string text) {
  std::erase(text, '\n');
  return text;
}

} // namespace

TEST_CASE("the loss looks at the last answer and the mark that ends it", "[train]") {
  const Samples samples = samples_of(one_line(kTwoTurns));
  CHECK(marked(samples.samples.at(0)) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
        "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n[d<|im_end|>]");
  CHECK(samples.answer_tokens == 2);
}

TEST_CASE("or at all answers", "[train]") {
  Tokenizing all = tokenizing();
  all.all_turns = true;
  CHECK(marked(samples_of(one_line(kTwoTurns), all).samples.at(0)) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]\n"
        "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n[d<|im_end|>]");
}

TEST_CASE("what follows the last answer is left out", "[train]") {
  const Samples samples = samples_of(
      R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, )"
      R"({"role": "user", "content": "c"}]})");
  CHECK(marked(samples.samples.at(0)) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]");
}

TEST_CASE("a prompt and its completion as text stand as they are and end with the model's end",
          "[train]") {
  CHECK(marked(samples_of(R"({"prompt": "1+1=", "completion": "2"})").samples.at(0)) ==
        "1+1=[2<|endoftext|>]");
}

TEST_CASE("as messages they are a conversation", "[train]") {
  CHECK(marked(samples_of(R"({"prompt": [{"role": "user", "content": "a"}], )"
                          R"("completion": [{"role": "assistant", "content": "b"}]})")
                   .samples.at(0)) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]");
}

TEST_CASE("ShareGPT's names of roles are read", "[train]") {
  CHECK(marked(samples_of(R"({"conversations": [{"from": "human", "value": "a"}, )"
                          R"({"from": "gpt", "value": "b"}]})")
                   .samples.at(0)) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]");
}

TEST_CASE("a JSON array is read as its lines are", "[train]") {
  const ScratchFolder folder;
  const auto path = file(folder, "d.json", R"([{"prompt": "a", "completion": "b"}])");
  CHECK(read_dialogues(path, 3).at(0).source == 3);
}

TEST_CASE("a broken line is named with its number", "[train]") {
  const ScratchFolder folder;
  const auto path =
      file(folder, "d.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \n");
  const auto text = refusal(Exit::usage, [&] { (void)read_dialogues(path, 0); });
  CHECK(text.where.find("d.jsonl:2") != std::string::npos);
}

TEST_CASE("a line without an answer is refused with its number", "[train]") {
  const ScratchFolder folder;
  const auto path = file(folder, "d.jsonl", R"({"messages": [{"role": "user", "content": "a"}]})");
  const auto text = refusal(Exit::usage, [&] { (void)read_dialogues(path, 0); });
  CHECK(text.what == "a line without an answer: no message of role assistant has text");
  CHECK(text.where == path.string() + ":1");
}

TEST_CASE("a conversation that begins with an answer is refused", "[train]") {
  const auto text = refusal(Exit::usage, [&] {
    (void)samples_of(R"({"messages": [{"role": "assistant", "content": "b"}]})");
  });
  CHECK(text.what == "a conversation that begins with an answer");
}

TEST_CASE("examples that no export made are told what to do", "[train]") {
  const ScratchFolder folder;
  const auto path = file(folder, "training_data.json", R"([{"before": "a", "after": "b"}])");
  const auto text = refusal(Exit::usage, [&] { (void)read_dialogues(path, 0); });
  CHECK(text.fix == "these are examples: write training lines of them with `quill export`");
}

TEST_CASE("a folder of examples given as data is told what to do", "[train]") {
  const ScratchFolder folder;
  const auto text = refusal(Exit::usage, [&] { (void)read_dialogues(folder.path(), 0); });
  CHECK(text.what == "a folder is no file of training lines");
  CHECK_THAT(text.fix, Catch::StartsWith("write one with `quill export "));
}

TEST_CASE("what is too long loses its end, and is counted", "[train]") {
  Tokenizing shorter = tokenizing();
  shorter.length_max = 5; // "1+1=" and one token of the answer
  const Samples samples =
      samples_of("{\"prompt\": \"1+1=\", \"completion\": \"2222\"}\n{\"prompt\": \"11+11=\", "
                 "\"completion\": \"22\"}\n{\"prompt\": \"1\", \"completion\": \"1\"}",
                 shorter);
  CHECK(samples.truncated == 2);
  CHECK(samples.dropped == 1); // its prompt alone has 6 tokens
  REQUIRE(samples.samples.size() == 2);
  CHECK(marked(samples.samples[0]) == "1+1=[2]");
}

TEST_CASE("when no answer is left the setting is named", "[train]") {
  Tokenizing shorter = tokenizing();
  shorter.length_max = 2;
  const auto text = refusal(
      Exit::usage, [&] { (void)samples_of(R"({"prompt": "1+1=", "completion": "2"})", shorter); });
  CHECK(text.what == "no answer is left of 1 lines: every one lies beyond --max-length 2");
  CHECK(text.fix == "give a larger --max-length");
}
