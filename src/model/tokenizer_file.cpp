// tokenizer.json, read key by key: what this program cannot do exactly is refused.
#include <algorithm>

#include <fmt/format.h>

#include "model/byte_alphabet.hpp"
#include "model/refuse.hpp"
#include "model/tokenizer_frame.hpp"
#include "model/tokenizer_parts.hpp"
#include "model/tokenizer_reading.hpp"
#include "model/whole_number.hpp"

namespace quill::model {

const std::string_view kQwenPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace {

constexpr std::int64_t kIdMax = (1 << 24) - 1;
constexpr std::size_t kTokenBytesMax = 4096;
constexpr std::size_t kListMax = 64; // steps of a part

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
/// GPT-2's, which ByteLevel uses when no other splits before it.
constexpr std::string_view kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

} // namespace

void refuse_value(const JsonObject& object, std::string_view key, std::string_view allowed) {
  refuse(fmt::format("\"{}\" is {}; allowed: {}", key,
                     object.has(key) ? dump_json(object.at(key)).substr(0, 80) : "missing",
                     allowed),
         object.where(), kOtherTokenizer);
}

bool given(const JsonObject& object, std::string_view key) {
  return object.has(key) && !object.at(key).is_null();
}

void require_off(const JsonObject& object, std::string_view key) {
  const bool off = !given(object, key) || object.at(key) == Json("") || object.at(key) == false;
  if (!off)
    refuse_value(object, key, "null, false or empty");
}

JsonObject member(const JsonObject& object, std::string_view key) {
  return {object.at(key), fmt::format("{}, \"{}\"", object.where(), key)};
}

void require_type(const JsonObject& object, std::string_view type) {
  if (object.text("type") != type)
    refuse_value(object, "type", type);
}

std::vector<JsonObject> members(const JsonObject& object, std::string_view key) {
  const Json& list = object.at(key);
  if (!list.is_array() || list.size() > kListMax)
    refuse_value(object, key, fmt::format("a list of at most {} objects", kListMax));
  std::vector<JsonObject> objects;
  for (const Json& each : list)
    objects.emplace_back(each,
                         fmt::format("{}, \"{}\", {}", object.where(), key, objects.size() + 1));
  return objects;
}

namespace {

bool read_nfc(const JsonObject& file) {
  if (!given(file, "normalizer"))
    return false;
  require_type(member(file, "normalizer"), "NFC");
  return true;
}

/// \returns whether ByteLevel brings its own pattern
bool read_byte_level(const JsonObject& step) {
  require_type(step, "ByteLevel");
  require_off(step, "add_prefix_space");
  return step.boolean_or("use_regex", true);
}

/// A stranger's expression could run for ever, and another engine's words can mean something else
/// in PCRE2: those below are compared with the reference, and no other is taken.
std::string read_split(const JsonObject& step) {
  require_type(step, "Split");
  if (step.text("behavior") != "Isolated")
    refuse_value(step, "behavior", "Isolated");
  require_off(step, "invert");
  const JsonObject pattern = member(step, "pattern");
  const std::string expression = pattern.text("Regex");
  for (const std::string_view known : {kQwenPattern, kLlama3Pattern, kByteLevelPattern})
    if (expression == known)
      return expression;
  refuse_value(pattern, "Regex", "those of Qwen2.5, Llama 3 and GPT-2");
}

/// The pattern words are split with.
std::string read_pattern(const JsonObject& file) {
  const JsonObject pre = member(file, "pre_tokenizer");
  if (pre.text("type") == "ByteLevel" && read_byte_level(pre))
    return std::string(kByteLevelPattern);
  require_type(pre, "Sequence");
  const Json& steps = pre.at("pretokenizers");
  if (!steps.is_array() || steps.size() != 2)
    refuse_value(pre, "pretokenizers", "a Split and a ByteLevel");
  if (read_byte_level({steps[1], pre.where() + ", the second"}))
    refuse("\"use_regex\" is true behind a Split; allowed: false", pre.where(), kOtherTokenizer);
  return read_split({steps[0], pre.where() + ", the first"});
}

TokenId read_id(const Json& value, const std::string& token, const std::string& where) {
  const auto id = whole_number(value, kIdMax);
  if (!id)
    refuse(fmt::format("token \"{}\" has the id {}; allowed: 0 to {}", token.substr(0, 80),
                       dump_json(value).substr(0, 40), kIdMax),
           where, "fetch the model again");
  return static_cast<TokenId>(*id);
}

/// A token list may be sparse, but not so that a few tokens take up memory for millions.
void check_density(std::int64_t largest, std::size_t count, const std::string& where) {
  const auto allowed = static_cast<std::int64_t>(4 * count + 4096);
  if (largest >= allowed)
    refuse(fmt::format("the largest id is {} for {} tokens; allowed: below {}", largest, count,
                       allowed),
           where, "fetch the model again");
}

/// Ids by the text of tokens as it stands in the file.
struct Vocabulary {
  TextMap<TokenId> ids;
  std::int64_t largest = -1;
};

Vocabulary read_vocabulary(const JsonObject& bpe) {
  const Json& list = bpe.at("vocab");
  if (!list.is_object() || list.empty())
    refuse_value(bpe, "vocab", "tokens with their ids");
  Vocabulary vocabulary;
  vocabulary.ids.reserve(list.size());
  for (const auto& [token, value] : list.items()) {
    if (token.size() > kTokenBytesMax)
      refuse(fmt::format("a token of {} bytes; allowed: at most {}", token.size(), kTokenBytesMax),
             bpe.where(), "fetch the model again");
    const TokenId id = read_id(value, token, bpe.where() + ", \"vocab\"");
    vocabulary.ids.emplace(token, id);
    vocabulary.largest = std::max<std::int64_t>(vocabulary.largest, id);
  }
  check_density(vocabulary.largest, list.size(), bpe.where() + ", \"vocab\"");
  return vocabulary;
}

/// Both spellings of a merge: "a b", and ["a", "b"].
std::pair<std::string, std::string> read_merge(const Json& merge, const std::string& where) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  const std::string text = merge.is_string() ? merge.get<std::string>() : "";
  const std::size_t space = text.find(' ');
  if (space == 0 || space == std::string::npos || space + 1 == text.size() ||
      text.find(' ', space + 1) != std::string::npos)
    refuse(fmt::format("a merge is {}; allowed: \"LEFT RIGHT\" or [LEFT, RIGHT]",
                       dump_json(merge).substr(0, 80)),
           where, "fetch the model again");
  return {text.substr(0, space), text.substr(space + 1)};
}

TokenId known_id(const Vocabulary& vocabulary, const std::string& token, const std::string& where) {
  const auto found = vocabulary.ids.find(token);
  if (found == vocabulary.ids.end())
    refuse(
        fmt::format("a merge has the token \"{}\", which is not in \"vocab\"", token.substr(0, 80)),
        where, "fetch the model again");
  return found->second;
}

void read_merges(const Json& list, const Vocabulary& vocabulary, const std::string& where,
                 Merges& merges) {
  std::uint32_t rank = 0;
  for (const Json& each : list) {
    const auto [left, right] = read_merge(each, where);
    const TokenId first = known_id(vocabulary, left, where);
    const TokenId second = known_id(vocabulary, right, where);
    merges.add(first, second, {rank++, known_id(vocabulary, left + right, where)});
  }
}

/// An added token's settings; those that would change how it is found are refused.
struct AddedToken {
  std::string text;
  TokenId id;
  bool special;
};

AddedToken read_added(const Json& value, const std::string& where) {
  const JsonObject object(value, where + ", \"added_tokens\"");
  const std::string text = object.text("content");
  if (text.empty() || text.size() > kTokenBytesMax)
    refuse_value(object, "content", fmt::format("1 to {} bytes", kTokenBytesMax));
  for (const char* key : {"single_word", "lstrip", "rstrip", "normalized"})
    require_off(object, key);
  return {text, read_id(object.at("id"), text, object.where()),
          object.boolean_or("special", false)};
}

std::vector<AddedToken> read_all_added(const JsonObject& file) {
  std::vector<AddedToken> added;
  if (!given(file, "added_tokens"))
    return added;
  if (!file.at("added_tokens").is_array())
    refuse_value(file, "added_tokens", "a list");
  for (const Json& each : file.at("added_tokens"))
    added.push_back(read_added(each, file.where()));
  return added;
}

void refuse_other_models(const JsonObject& bpe) {
  require_type(bpe, "BPE");
  for (const char* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
    require_off(bpe, key);
  if (bpe.boolean_or("byte_fallback", false))
    return; // every byte has a token, so that no text is unknown
  for (const char* key : {"unk_token", "fuse_unk"})
    require_off(bpe, key);
}

void refuse_other_frames(const JsonObject& file) {
  for (const char* key : {"truncation", "padding"})
    require_off(file, key);
}

/// A file that lacks a byte could not tokenise every text.
std::array<TokenId, 256> read_byte_ids(const Vocabulary& vocabulary, bool fallback,
                                       const std::string& where) {
  std::array<TokenId, 256> ids{};
  for (int i = 0; i < 256; ++i) {
    const auto byte = static_cast<unsigned char>(i);
    const auto found = fallback ? vocabulary.ids.find(fallback_token(byte))
                                : vocabulary.ids.find(character_of_byte(byte));
    if (found == vocabulary.ids.end())
      refuse(fmt::format("\"vocab\" has no token for byte {:#04x}; allowed: all 256", i), where,
             kOtherTokenizer);
    ids[byte] = found->second;
  }
  return ids;
}

/// How the text is cut before merges: by bytes and a pattern, or by characters and marks.
void read_words(const JsonObject& file, bool fallback, Tokenizer::Parts& parts) {
  if (fallback) {
    parts.spaces = read_marked_spaces(file);
    return;
  }
  if (given(file, "decoder"))
    require_type(member(file, "decoder"), "ByteLevel");
  parts.pattern.emplace(read_pattern(file));
  parts.nfc = read_nfc(file);
}

void add_marked(const Vocabulary& vocabulary, Tokenizer::Parts& parts) {
  for (const auto& [text, id] : vocabulary.ids) {
    Token& token = parts.tokens[static_cast<std::size_t>(id)];
    for (std::size_t at = 0; at < text.size();) {
      const bool mark = std::string_view(text).substr(at).starts_with(kSpaceMark);
      token.bytes += mark ? ' ' : text[at];
      at += mark ? kSpaceMark.size() : 1;
    }
    parts.ids.emplace(text, id);
  }
  for (std::size_t byte = 0; byte < parts.byte_ids.size(); ++byte) {
    Token& token = parts.tokens[static_cast<std::size_t>(parts.byte_ids[byte])];
    token = {std::string(1, static_cast<char>(byte)), false, true};
  }
}

void add_byte_level(const Vocabulary& vocabulary, Tokenizer::Parts& parts) {
  for (const auto& [token, id] : vocabulary.ids) {
    const std::string bytes = bytes_of_token(token).value_or(token);
    parts.tokens[static_cast<std::size_t>(id)].bytes = bytes;
    parts.ids.emplace(bytes, id);
  }
}

void check_frame(const Frame& frame, std::int64_t largest, const std::string& where) {
  for (const auto* ids : {&frame.before, &frame.after})
    for (const TokenId id : *ids)
      if (id > largest)
        refuse(fmt::format("the template names id {}; allowed: 0 to {}", id, largest),
               where + ", \"post_processor\"", "fetch the model again");
}

/// One more than the largest id of all.
std::size_t read_size(const Vocabulary& vocabulary, const std::vector<AddedToken>& added,
                      const std::string& where) {
  std::int64_t largest = vocabulary.largest;
  for (const AddedToken& token : added)
    largest = std::max<std::int64_t>(largest, token.id);
  check_density(largest, vocabulary.ids.size() + added.size(), where + ", \"added_tokens\"");
  return static_cast<std::size_t>(largest) + 1;
}

} // namespace

Tokenizer Tokenizer::parse(const Json& document, const std::string& where) {
  const JsonObject file(document, where);
  refuse_other_frames(file);
  const JsonObject bpe = member(file, "model");
  refuse_other_models(bpe);
  const bool fallback = bpe.boolean_or("byte_fallback", false);
  const Json& merges = bpe.at("merges");
  if (!merges.is_array())
    refuse_value(bpe, "merges", "a list");
  const Vocabulary vocabulary = read_vocabulary(bpe);
  const auto added = read_all_added(file);
  auto parts = std::make_unique<Parts>(merges.size());
  read_words(file, fallback, *parts);
  parts->whole_words = bpe.boolean_or("ignore_merges", false);
  parts->byte_ids = read_byte_ids(vocabulary, fallback, bpe.where());
  read_merges(merges, vocabulary, bpe.where() + ", \"merges\"", parts->merges);
  parts->tokens.resize(read_size(vocabulary, added, where));
  parts->frame = read_frame(file);
  check_frame(parts->frame, static_cast<std::int64_t>(parts->tokens.size()) - 1, where);
  fallback ? add_marked(vocabulary, *parts) : add_byte_level(vocabulary, *parts);
  for (const AddedToken& token : added) {
    parts->added.add(token.text, token.id);
    parts->tokens[static_cast<std::size_t>(token.id)] = {token.text, token.special};
  }
  return Tokenizer(std::move(parts));
}

} // namespace quill::model
