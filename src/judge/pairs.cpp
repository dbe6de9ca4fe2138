#include "quill/judge/pairs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// The key in use: the project's word, else the seeds' word for it.
std::string key_of(const JsonObject& object, const char* word, const char* seeds_word) {
  return !object.has(word) && object.has(seeds_word) ? seeds_word : word;
}

std::string id_of(const JsonObject& object, std::size_t index) {
  if (!object.has("id") || object.at("id").is_null())
    return fmt::format("{}", index);
  const Json& id = object.at("id");
  return id.is_number_integer() ? id.dump() : object.text("id");
}

void add_index(sql::Pair& pair, const std::string& statement) {
  const auto print = sql::fingerprint(statement);
  const bool known = std::any_of(pair.indexes.begin(), pair.indexes.end(),
                                 [&](const auto& i) { return sql::fingerprint(i) == print; });
  if (!known)
    pair.indexes.push_back(statement);
}

bool present(const JsonObject& object, const char* key) {
  return object.has(key) && !object.at(key).is_null();
}

PairLine pair_line(const Json& value, const std::string& where, std::size_t index) {
  const JsonObject object(value, where);
  PairLine line;
  line.pair.id = id_of(object, index);
  line.pair.before = object.text(key_of(object, "before", "slow_query"));
  take_after(line.pair, object.text(key_of(object, "after", "fast_query")));
  if (present(object, "indexes"))
    for (const auto& statement : object.texts_or_empty("indexes"))
      add_index(line.pair, statement);
  if (trimmed(line.pair.after).empty() && !line.pair.indexes.empty())
    line.pair.after = line.pair.before;
  if (present(object, "db"))
    line.db = object.text("db");
  if (present(object, "needs"))
    line.pair.needs = sql::needs_from_json(object.at("needs"), where);
  if (present(object, "type"))
    line.type = object.text("type");
  if (present(object, "schema") && object.at("schema").is_string())
    line.schema = object.text("schema");
  return line;
}

void check_count(std::size_t count, const std::string& where) {
  if (count <= kPairsMax)
    return;
  throw Error{Exit::usage,
              {.what = fmt::format("{} pairs are more than the {} of one file", count, kPairsMax),
               .where = where,
               .fix = "split the file"}};
}

std::vector<PairLine> pairs_of_array(const Json& array, const std::string& where) {
  check_count(array.size(), where);
  std::vector<PairLine> out;
  for (const auto& element : array)
    out.push_back(pair_line(element, fmt::format("{}: element {}", where, out.size()), out.size()));
  return out;
}

/// One line of a JSONL text; an error names the line of the file, not of the text parsed.
Json parse_line(std::string_view line, const std::string& place) {
  try {
    return parse_json(line, place);
  } catch (const Error& error) {
    const auto& found = error.text();
    const auto column = found.where.substr(found.where.find_last_of(':') + 1);
    throw Error{
        error.exit(),
        {.what = found.what, .where = fmt::format("{}:{}", place, column), .fix = found.fix}};
  }
}

std::vector<PairLine> pairs_of_lines(std::string_view text, const std::string& where) {
  std::vector<PairLine> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty())
      continue;
    check_count(out.size() + 1, where);
    const auto place = fmt::format("{}:{}", where, number);
    out.push_back(pair_line(parse_line(line, place), place, out.size()));
  }
  return out;
}

std::vector<PairLine> pairs_of_document(const Json& document, const std::string& where) {
  if (document.is_array())
    return pairs_of_array(document, where);
  const JsonObject object(document, where);
  if (!object.has("examples"))
    return {pair_line(document, where, 0)};
  const Json& examples = object.at("examples");
  if (examples.is_array())
    return pairs_of_array(examples, where);
  throw Error{Exit::usage,
              {.what = "key \"examples\" is not a list",
               .where = where,
               .fix = "\"examples\" holds the pairs: [{\"before\": …, \"after\": …}, …]"}};
}

/// One JSON value over the whole text, rather than one a line: an array, or an object that does not
/// end on its first line or stands alone.
bool is_document(std::string_view text) {
  if (text.empty())
    return false;
  if (text.starts_with('['))
    return true;
  const auto line = trimmed(text.substr(0, text.find('\n')));
  return line.size() == text.size() || !line.ends_with('}');
}

/// A first line that is neither a whole object nor the opening of one is a broken JSONL line.
bool opens_document(std::string_view text) {
  const auto line = trimmed(text.substr(0, text.find('\n')));
  return text.starts_with('[') || line.size() == text.size() || line == "{" ||
         line.ends_with(',') || line.ends_with('[') || line.ends_with('{');
}

} // namespace

void take_after(sql::Pair& pair, std::string_view script) {
  const auto statements = sql::split_statements(script);
  const bool only_indexes =
      statements && !statements.value().empty() &&
      std::all_of(statements.value().begin(), statements.value().end(),
                  [](const std::string& s) { return sql::is_create_index(s); });
  if (only_indexes) {
    pair.indexes = statements.value();
    pair.after = pair.before;
    return;
  }
  if (!sql::set_after(pair, script))
    pair.after = std::string(trimmed(script));
}

std::vector<PairLine> parse_pairs(std::string_view text, const std::string& where) {
  if (text.starts_with("\xEF\xBB\xBF")) // a byte order mark some editors write
    text.remove_prefix(3);
  const auto body = trimmed(text);
  auto pairs = is_document(body) && opens_document(body)
                   ? pairs_of_document(parse_json(body, where), where)
                   : pairs_of_lines(text, where);
  if (pairs.empty())
    throw Error{Exit::usage,
                {.what = "no pair in the file",
                 .where = where,
                 .fix = "one line a pair: {\"id\": …, \"before\": \"SELECT …\", \"after\": …}"}};
  return pairs;
}

std::vector<PairLine> read_pairs(const std::filesystem::path& path) {
  return parse_pairs(read_file(path, kPairsFileBytesMax), path.string());
}

} // namespace quill::judge
