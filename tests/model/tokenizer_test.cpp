#include "catch.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "model/byte_alphabet.hpp"
#include "model/files.hpp"
#include "model/merges.hpp"
#include "quill/core/random.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::changed;
using quill::model::test::refusal;
using quill::model::test::small_tokenizer;

namespace {

Tokenizer small() {
  return Tokenizer::parse(small_tokenizer(), "t");
}
std::string refused(const std::string& pointer, const Json& value) {
  const Json document = changed(small_tokenizer(), pointer, value);
  return refusal([&] { (void)Tokenizer::parse(document, "t"); });
}
std::vector<std::string> words(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> pieces;
  for (const TokenId id : tokenizer.encode(text))
    pieces.push_back(tokenizer.decode({&id, 1}));
  return pieces;
}
using Words = std::vector<std::string>;

} // namespace

TEST_CASE("every byte has a character of its own", "[model]") {
  std::set<std::string> seen;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    seen.insert(token_of_bytes(one));
    CHECK(bytes_of_token(token_of_bytes(one)) == one);
  }
  CHECK(seen.size() == 256);
  CHECK(token_of_bytes(" ") == "Ġ");
  CHECK(token_of_bytes("\n") == "Ċ");
  CHECK(bytes_of_token("€") == std::nullopt);
}

TEST_CASE("merges are learned most frequent first, of equals with the smaller ids", "[model]") {
  // Words of Qwen's pattern: "ab", " ab", " ab". a+b stands three times, " "+ab twice.
  const Json file = train_tokenizer("ab ab ab", 300, {});
  CHECK(file["model"]["merges"] == Json::array({{"a", "b"}, {"Ġ", "ab"}}));
  CHECK(file["model"]["vocab"]["Ġab"] == 257);
  CHECK(file["model"]["vocab"].size() == 258); // no third pair stands twice
}

TEST_CASE("a word is merged in the order of ranks", "[model]") {
  const auto tokenizer = Tokenizer::parse(train_tokenizer("ab ab ab", 300, {"<|end|>"}), "t");
  CHECK(words(tokenizer, "abab ab") == Words{"ab", "ab", " ab"});
  CHECK(tokenizer.encode("<|end|>") == std::vector<TokenId>{258});
  CHECK(tokenizer.id_of("<|end|>") == 258);
  CHECK(tokenizer.id_of(" ab") == 257);
  CHECK(tokenizer.id_of("nowhere") == -1);
}

TEST_CASE("words are split as Qwen2.5 does", "[model]") {
  const auto tokenizer = Tokenizer::parse(train_tokenizer("", 256, {}), "t");
  const auto ids = tokenizer.encode("x");
  CHECK(ids == std::vector<TokenId>{'x'});
  // Merges never cross words: with them learned from "it's  12", the digits stay apart.
  const auto learned = Tokenizer::parse(train_tokenizer("it's  12 it's  12", 300, {}), "t");
  CHECK(words(learned, "it's  12") == Words{"it", "'s", " ", " ", "1", "2"});
}

TEST_CASE("the text comes back byte for byte, in normal form C", "[model]") {
  const auto tokenizer = small();
  Rng rng(7);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      const std::vector<std::string> pieces = {"a",  "b", " ",    "\n", "low",     "er",
                                               "7",  "é", "日本", "🙂", "<|end|>", "'s",
                                               "\t", "_", "\r\n", "ß"};
      text += rng.pick(pieces);
    }
    CHECK(tokenizer.decode(tokenizer.encode(text)) == text);
  }
  CHECK(tokenizer.decode(tokenizer.encode("e\u0301")) == "\u00e9");
}

TEST_CASE("long and short words merge alike", "[model]") {
  // One word of 33 bytes takes the heap, its first 32 bytes the list: both ways must agree with
  // merging by looking at every pair.
  const auto reference = [](const Merges& merges, std::vector<TokenId> symbols) {
    for (;;) {
      const Merges::Merge* best = nullptr;
      std::size_t at = 0;
      for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        if (const auto* merge = merges.find(symbols[i], symbols[i + 1]))
          if (best == nullptr || merge->rank < best->rank) {
            best = merge;
            at = i;
          }
      if (best == nullptr)
        return symbols;
      symbols[at] = best->result;
      symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
  };
  Merges merges(40);
  Rng rng(3);
  for (std::uint32_t rank = 0; rank < 40; ++rank)
    merges.add(static_cast<TokenId>(rng.below(4 + rank)), static_cast<TokenId>(rng.below(4 + rank)),
               {rank, static_cast<TokenId>(4 + rank)});
  for (int round = 0; round < 500; ++round) {
    std::vector<TokenId> symbols(1 + rng.below(80));
    for (TokenId& symbol : symbols)
      symbol = static_cast<TokenId>(rng.below(4));
    auto merged = symbols;
    merges.apply(merged);
    CHECK(merged == reference(merges, symbols));
  }
}

TEST_CASE("a million letters without a space take no time", "[model]") {
  const auto tokenizer = small();
  const auto ids = tokenizer.encode(std::string(1'000'000, 'a'));
  CHECK(tokenizer.decode(ids).size() == 1'000'000);
  CHECK(tokenizer.encode(std::string(1'000'000, ' ')).size() > 0);
  CHECK(tokenizer.encode(std::string(300'000, '<')).size() > 0);
}

TEST_CASE("one tokenizer serves several threads", "[model]") {
  const auto tokenizer = small();
  const auto expected = tokenizer.encode("lower and lowest, aab");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        wrong += tokenizer.encode("lower and lowest, aab") == expected ? 0 : 1;
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("text that is not UTF-8 and ids that do not exist are refused", "[model]") {
  const auto tokenizer = small();
  CHECK(refusal([&] { (void)tokenizer.encode("ab\xFF"); }) ==
        "the text is not UTF-8: byte 0xff|byte 2 of the text");
  CHECK(refusal([&] { (void)tokenizer.encode("\xED\xA0\x80"); }) ==
        "the text is not UTF-8: byte 0xed|byte 0 of the text"); // a surrogate
  const std::vector<TokenId> ids = {0, 270};
  const std::string allowed = fmt::format("allowed: 0 to {}", tokenizer.size() - 1);
  CHECK(refusal([&] { (void)tokenizer.decode(ids); }) ==
        "there is no token 270; " + allowed + "|ids");
}

TEST_CASE("a tokenizer this program cannot follow is refused with key and what is allowed",
          "[model]") {
  CHECK(refused("/normalizer", {{"type", "NFKC"}}) ==
        "\"type\" is \"NFKC\"; allowed: NFC|t, \"normalizer\"");
  CHECK(refused("/model/type", "Unigram") == "\"type\" is \"Unigram\"; allowed: BPE|t, \"model\"");
  CHECK(refused("/model/dropout", 0.1) ==
        "\"dropout\" is 0.1; allowed: null, false or empty|t, \"model\"");
  CHECK(refused("/model/unk_token", "<unk>") ==
        "\"unk_token\" is \"<unk>\"; allowed: null, false or empty|t, \"model\"");
  CHECK(refused("/model/byte_fallback", true) ==
        "\"normalizer\" is {\"type\":\"NFC\"}; allowed: null beside a Metaspace|t");
  CHECK(refused("/model/vocab", Json::object()) ==
        "\"vocab\" is {}; allowed: tokens with their ids|t, \"model\"");
  CHECK(refused("/model/vocab", 7).find("tokens with their ids") != std::string::npos);
  CHECK(refused("/model/vocab/a", -1) ==
        "token \"a\" has the id -1; allowed: 0 to 16777215|t, \"model\", \"vocab\"");
  CHECK(refused("/model/vocab/a", 1LL << 40).starts_with("token \"a\" has the id 1099511627776"));
  CHECK(refused("/model/vocab/a", "1").starts_with("token \"a\" has the id \"1\""));
  CHECK(refused("/model/vocab/a", 9'000'000).starts_with("the largest id is 9000000 for "));
  CHECK(refused("/model/vocab/b", nullptr) ==
        "\"vocab\" has no token for byte 0x62; allowed: all 256|t, \"model\"");
  const Json merge = small_tokenizer()["model"]["merges"][0];
  const std::string result = merge[0].get<std::string>() + merge[1].get<std::string>();
  CHECK(refused("/model/vocab/" + result, nullptr)
            .starts_with(fmt::format("a merge has the token \"{}\", which is not in", result)));
  CHECK(refused("/model/merges", "a b") == "\"merges\" is \"a b\"; allowed: a list|t, \"model\"");
  CHECK(refused("/model/merges/0", "ab") ==
        "a merge is \"ab\"; allowed: \"LEFT RIGHT\" or [LEFT, RIGHT]|t, \"model\", \"merges\"");
  CHECK(refused("/model/merges/0", " ab").starts_with("a merge is \" ab\""));
  CHECK(refused("/model/merges/0", "a b c").starts_with("a merge is \"a b c\""));
  CHECK(refused("/model/merges/0", {"a"}).starts_with("a merge is [\"a\"]"));
  CHECK(refused("/model/merges/0", 5).starts_with("a merge is 5"));
  CHECK(refused("/model/merges/0", "a zz").starts_with("a merge has the token \"zz\""));
  CHECK(refused("/pre_tokenizer/type", "Whitespace") ==
        "\"type\" is \"Whitespace\"; allowed: Sequence|t, \"pre_tokenizer\"");
  CHECK(refused("/pre_tokenizer/pretokenizers", Json::array()) ==
        "\"pretokenizers\" is []; allowed: a Split and a ByteLevel|t, \"pre_tokenizer\"");
  CHECK(refused("/pre_tokenizer/pretokenizers/0/behavior", "Removed")
            .starts_with("\"behavior\" is \"Removed\"; allowed: Isolated"));
  CHECK(refused("/pre_tokenizer/pretokenizers/0/invert", true).starts_with("\"invert\" is true"));
  CHECK(refused("/pre_tokenizer/pretokenizers/0/pattern/Regex", "(a+)+b")
            .starts_with("\"Regex\" is \"(a+)+b\"; allowed: those of Qwen2.5, Llama 3 and GPT-2|"));
  CHECK(refused("/pre_tokenizer/pretokenizers/1/use_regex", true)
            .starts_with("\"use_regex\" is true behind a Split"));
  CHECK(refused("/pre_tokenizer/pretokenizers/1/add_prefix_space", true)
            .starts_with("\"add_prefix_space\" is true"));
  CHECK(refused("/added_tokens/0/normalized", true).starts_with("\"normalized\" is true"));
  CHECK(refused("/added_tokens/0/lstrip", true).starts_with("\"lstrip\" is true"));
  CHECK(refused("/added_tokens/0/content", "")
            .starts_with("\"content\" is \"\"; allowed: 1 to 4096"));
  CHECK(refused("/added_tokens/0/id", 40'000'000)
            .starts_with("token \"<|end|>\" has the id 40000000"));
  CHECK(refused("/added_tokens", 3) == "\"added_tokens\" is 3; allowed: a list|t");
  CHECK(refused("/truncation", {{"max_length", 8}})
            .starts_with("\"truncation\" is {\"max_length\":8}"));
  CHECK(refused("/decoder", {{"type", "Metaspace"}}) ==
        "\"type\" is \"Metaspace\"; allowed: ByteLevel|t, \"decoder\"");
  CHECK(refused("/model", nullptr).find("model") != std::string::npos);
}
