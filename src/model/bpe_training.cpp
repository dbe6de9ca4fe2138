// Learning merges from a text (Sennrich, Haddow, Birch 2016, arXiv:1508.07909), each step on the
// words that change only.
#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "model/byte_alphabet.hpp"
#include "model/pattern.hpp"
#include "model/refuse.hpp"
#include "model/unicode.hpp"
#include "quill/model/tokenizer.hpp"

namespace quill::model {

namespace {

using Pair = std::pair<TokenId, TokenId>;

struct PairHash {
  std::size_t operator()(const Pair& pair) const {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(pair.first)) << 32U ^
            static_cast<std::uint32_t>(pair.second)) *
           0x9E3779B97F4A7C15ULL;
  }
};

struct Word {
  std::vector<TokenId> symbols;
  std::int64_t count;
};

/// A pair's count when it was pushed; the queue's top is the largest count, then the smaller ids.
struct Offer {
  std::int64_t count;
  Pair pair;
  bool operator<(const Offer& other) const {
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

class Trainer {
 public:
  explicit Trainer(std::string_view text) {
    std::map<std::string, std::int64_t, std::less<>> counts;
    std::string buffer;
    const Pattern pattern(kQwenPattern);
    pattern.split(to_nfc(text, buffer), [&](std::string_view word) {
      const auto found = counts.find(word);
      if (found == counts.end())
        counts.emplace(word, 1);
      else
        ++found->second;
    });
    for (const auto& [word, count] : counts)
      add_word(word, count);
    for (const auto& [pair, count] : counts_)
      offers_.push({count, pair});
  }

  /// The pair to merge next; nullopt when none stands twice.
  std::optional<Pair> next() {
    while (!offers_.empty()) {
      const Offer top = offers_.top();
      offers_.pop();
      if (counts_[top.pair] != top.count)
        continue; // it was counted again since
      if (top.count < 2)
        return std::nullopt;
      return top.pair;
    }
    return std::nullopt;
  }

  void merge(Pair pair, TokenId result) {
    std::set<Pair> touched;
    for (const std::size_t index : places_[pair]) {
      count_pairs(index, -1, &touched);
      replace(words_[index].symbols, pair, result);
      count_pairs(index, 1, &touched);
    }
    places_.erase(pair);
    for (const Pair& each : touched)
      if (const std::int64_t count = counts_[each]; count > 0)
        offers_.push({count, each});
  }

 private:
  void add_word(std::string_view text, std::int64_t count) {
    Word word{{}, count};
    for (const char byte : text)
      word.symbols.push_back(static_cast<unsigned char>(byte));
    words_.push_back(std::move(word));
    count_pairs(words_.size() - 1, 1, nullptr);
  }

  void count_pairs(std::size_t index, std::int64_t sign, std::set<Pair>* touched) {
    const Word& word = words_[index];
    for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      const Pair pair{word.symbols[i], word.symbols[i + 1]};
      counts_[pair] += sign * word.count;
      if (sign > 0)
        places_[pair].insert(index);
      if (touched != nullptr)
        touched->insert(pair);
    }
  }

  static void replace(std::vector<TokenId>& symbols, Pair pair, TokenId result) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const bool here =
          i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second;
      symbols[out++] = here ? result : symbols[i];
      i += here ? 1 : 0;
    }
    symbols.resize(out);
  }

  std::vector<Word> words_;
  std::unordered_map<Pair, std::int64_t, PairHash> counts_;
  std::unordered_map<Pair, std::unordered_set<std::size_t>, PairHash> places_;
  std::priority_queue<Offer> offers_;
};

struct Learned {
  std::vector<std::string> tokens; ///< as bytes, by id
  Json merges = Json::array();     ///< as files have them
};

Learned learn(std::string_view text, std::int64_t tokens_max) {
  Learned learned;
  std::unordered_map<std::string, TokenId> ids;
  const auto id_of = [&](const std::string& bytes) {
    const auto [found, is_new] = ids.emplace(bytes, static_cast<TokenId>(learned.tokens.size()));
    if (is_new)
      learned.tokens.push_back(bytes);
    return found->second;
  };
  for (int byte = 0; byte < 256; ++byte)
    id_of(std::string(1, static_cast<char>(byte)));
  Trainer trainer(text);
  while (static_cast<std::int64_t>(learned.tokens.size()) < tokens_max) {
    const auto pair = trainer.next();
    if (!pair)
      break;
    const std::string left = learned.tokens[pair->first], right = learned.tokens[pair->second];
    learned.merges.push_back(Json::array({token_of_bytes(left), token_of_bytes(right)}));
    trainer.merge(*pair, id_of(left + right)); // two ways can lead to the same bytes
  }
  return learned;
}

Json added_json(const std::string& text, std::int64_t id) {
  return {{"id", id},        {"content", text},     {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

Json byte_level_json() {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", false},
          {"use_regex", false}};
}

/// The file around vocabulary, merges and added tokens.
Json tokenizer_json(Json vocabulary, Json merges, Json added) {
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", kQwenPattern}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", std::move(added)},
          {"normalizer", {{"type", "NFC"}}},
          {"pre_tokenizer",
           {{"type", "Sequence"}, {"pretokenizers", Json::array({split, byte_level_json()})}}},
          {"post_processor", byte_level_json()},
          {"decoder", byte_level_json()},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", ""},
            {"end_of_word_suffix", ""},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"ignore_merges", false},
            {"vocab", std::move(vocabulary)},
            {"merges", std::move(merges)}}}};
}

} // namespace

Json train_tokenizer(std::string_view text, std::int64_t vocabulary_size,
                     const std::vector<std::string>& added) {
  const auto least = static_cast<std::int64_t>(256 + added.size());
  if (vocabulary_size < least)
    refuse(fmt::format("a vocabulary of {} tokens; allowed: at least {}", vocabulary_size, least),
           "vocabulary", "256 tokens are bytes, and the added ones come on top");
  if (const auto bad = first_invalid_utf8(text))
    refuse("the text is not UTF-8", fmt::format("byte {} of the text", *bad),
           "convert it to UTF-8");
  const auto learned = learn(text, vocabulary_size - static_cast<std::int64_t>(added.size()));
  const auto& tokens = learned.tokens;
  Json vocabulary = Json::object();
  auto& members = *vocabulary.get_ptr<Json::object_t*>();
  for (std::size_t id = 0; id < tokens.size(); ++id)
    members.emplace_back(token_of_bytes(tokens[id]), id);
  Json specials = Json::array();
  for (std::size_t i = 0; i < added.size(); ++i)
    specials.push_back(added_json(added[i], static_cast<std::int64_t>(tokens.size() + i)));
  return tokenizer_json(std::move(vocabulary), learned.merges, std::move(specials));
}

} // namespace quill::model
