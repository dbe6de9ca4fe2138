// Tokenizers with byte fallback and chat templates beside what the tokenizers library and Jinja
// make of them (scripts/words_reference.py).
#include "catch.hpp"

#include <fmt/format.h>

#include "folders.hpp"
#include "model/chat_writers.hpp"
#include "model/files.hpp"
#include "quill/core/files.hpp"
#include "quill/model/chat.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::changed;
using quill::model::test::refusal;

namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(QUILL_TESTS_FOLDER) / "reference/words";

Json llama2() {
  const auto path = kFolder / "llama2/tokenizer.json";
  return parse_json(read_file(path), path.string());
}

std::string refused(const std::string& pointer, const Json& value) {
  const Json document = changed(llama2(), pointer, value);
  return refusal([&] { (void)Tokenizer::parse(document, "t"); });
}

using Ids = std::vector<TokenId>;

} // namespace

TEST_CASE("ids and texts with byte fallback are those of the reference", "[model]") {
  const auto name = GENERATE("llama2", "mistral", "always", "never");
  const auto tokenizer = Tokenizer::read(kFolder / name);
  int lines = 0;
  read_jsonl(kFolder / name / "texts.jsonl", [&](const Json& line, std::size_t) {
    const std::string text = line["text"];
    INFO(name << ": " << text);
    ++lines;
    CHECK(tokenizer.encode(text) == line["ids"].get<Ids>());
    CHECK(tokenizer.encode_alone(text) == line["alone"].get<Ids>());
    CHECK(tokenizer.decode(line["ids"].get<Ids>()) == line["decoded"].get<std::string>());
  });
  CHECK(lines == 26);
}

TEST_CASE("conversations are written as the templates themselves write them", "[model]") {
  int lines = 0, refusals = 0;
  read_jsonl(kFolder / "chats.jsonl", [&](const Json& line, std::size_t number) {
    INFO("line " << number);
    ++lines;
    const ChatTemplate chat(line["source"].get<std::string>(), "c");
    CHECK(chat.name() == line["template"].get<std::string>());
    const auto messages = parse_messages(line["messages"], "m");
    const auto render = [&] { return chat.render(messages, line["open"].get<bool>()); };
    if (!line["text"].is_null()) {
      CHECK(render() == line["text"].get<std::string>());
    } else {
      ++refusals;
      CHECK_FALSE(refusal([&] { (void)render(); }).empty());
    }
  });
  CHECK(lines == 198); // 11 templates, 9 conversations, open and not
  // Mistral has no system message: of 9 conversations 4 are refused, open and not, by 2 templates;
  // Llama 2 refuses 2: 16 + 8.
  CHECK(refusals == 24);
}

TEST_CASE("a text that goes on behind another gets no mark of a beginning", "[model]") {
  const auto tokenizer = Tokenizer::read(kFolder / "mistral");
  const Ids whole = tokenizer.encode("<s>low lower");
  Ids pieces = tokenizer.encode("<s>low");
  for (const TokenId id : tokenizer.encode_rest(" lower"))
    pieces.push_back(id);
  CHECK(pieces == whole);
  CHECK(tokenizer.encode_rest("low") != tokenizer.encode("low"));
}

TEST_CASE("lone bytes that are no character become one U+FFFD each", "[model]") {
  const auto tokenizer = Tokenizer::read(kFolder / "llama2");
  const TokenId first = tokenizer.id_of("<0xE2>"), second = tokenizer.id_of("<0x82>"),
                third = tokenizer.id_of("<0xAC>");
  CHECK(tokenizer.decode(Ids{first, second, third}) == "€");
  CHECK(tokenizer.decode(Ids{first, second}) == "\uFFFD\uFFFD");
  CHECK(tokenizer.bytes_of(first) == "\xE2");
}

TEST_CASE("a file with byte fallback that this program cannot follow is refused by key",
          "[model]") {
  CHECK(refused("/normalizer/normalizers/0/prepend", "_") ==
        "\"prepend\" is \"_\"; allowed: \"▁\"|t, \"normalizer\", \"normalizers\", 1");
  CHECK(refused("/normalizer/normalizers/1/content", "_") ==
        "\"content\" is \"_\"; allowed: \"▁\"|t, \"normalizer\", \"normalizers\", 2");
  CHECK(refused("/normalizer", {{"type", "NFC"}}) ==
        "\"type\" is \"NFC\"; allowed: Sequence|t, \"normalizer\"");
  CHECK(refused("/pre_tokenizer", {{"type", "Whitespace"}})
            .starts_with("\"normalizer\" is {\"type\":\"Sequence\""));
  CHECK(refused("/decoder/decoders/3/start", 2) ==
        "\"start\" is 2; allowed: 1|t, \"decoder\", \"decoders\", 4");
  CHECK(refused("/decoder/type", "Metaspace") ==
        "\"type\" is \"Metaspace\"; allowed: Sequence|t, \"decoder\"");
  CHECK(refused("/model/vocab/<0x41>", nullptr) ==
        "\"vocab\" has no token for byte 0x41; allowed: all 256|t, \"model\"");
  CHECK(refused("/post_processor/type", "BertProcessing") ==
        "\"type\" is \"BertProcessing\"; allowed: ByteLevel, TemplateProcessing, Sequence|t, "
        "\"post_processor\"");
  CHECK(refused("/post_processor/special_tokens/<s>/ids/0", 5'000'000) ==
        fmt::format("the template names id 5000000; allowed: 0 to {}|t, \"post_processor\"",
                    Tokenizer::parse(llama2(), "t").size() - 1));
  CHECK(refused("/post_processor/special_tokens/<s>/ids/0", -1)
            .starts_with("\"ids\" is [-1]; allowed: 0 to 16777215|"));
  CHECK(refused("/post_processor/single", Json::array())
            .starts_with("\"single\" is []; allowed: one Sequence|"));
}

TEST_CASE("white space is Python's", "[model]") {
  CHECK(stripped(" \t\n\u3000a b\u00a0\x1f") == "a b");
  CHECK(stripped("\u200b") == "\u200b"); // a space of no width is none
  CHECK(stripped(" ").empty());
}

TEST_CASE("a template beside other tokens than it is known with is refused", "[model]") {
  const ScratchFolder folder;
  Json source;
  read_jsonl(kFolder / "chats.jsonl", [&](const Json& line, std::size_t) {
    source = source.is_null() ? line["source"] : source;
  });
  const Json config = {{"bos_token", {{"content", "<bos>"}}}, {"chat_template", source}};
  real_disk().write_atomic(folder.path() / "tokenizer_config.json", dump_json(config));
  CHECK(refusal([&] { (void)ChatTemplate::read(folder.path()); })
            .starts_with("\"bos_token\" is \"<bos>\" beside the chat template \"mistral\"; "
                         "allowed: \"<s>\"|"));
}
