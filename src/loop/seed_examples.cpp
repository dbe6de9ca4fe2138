#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "loop/json_values.hpp"
#include "quill/core/files.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

namespace {

constexpr std::size_t kSeedsMax = 10'000;

[[noreturn]] void refuse(const std::string& where, const std::string& what,
                         const std::string& fix) {
  throw Error{Exit::usage, {.what = what, .where = where, .fix = fix}};
}

/// The project's word, else the first seeds' word for it.
std::string text_of(const JsonObject& object, const char* key, const char* old_key) {
  return object.text(!object.has(key) && object.has(old_key) ? old_key : key);
}

std::string id_of(const JsonObject& object, std::size_t index) {
  if (!present(object, "id"))
    return fmt::format("seed-{}", index);
  const Json& id = object.at("id");
  return id.is_number_integer() ? id.dump() : object.text("id");
}

void take_after(Example& example, const JsonObject& object) {
  sql::Pair pair;
  const auto taken = sql::set_after(pair, text_of(object, "after", "fast_query"));
  if (!taken)
    refuse(object.where(), fmt::format("\"after\" cannot be read: {}", taken.failure().what),
           "\"after\" is one statement, CREATE INDEX statements may stand before it");
  example.after = pair.after;
  example.indexes = pair.indexes;
  if (present(object, "indexes"))
    for (const std::string& index : object.texts_or_empty("indexes"))
      if (std::find(example.indexes.begin(), example.indexes.end(), index) == example.indexes.end())
        example.indexes.push_back(index);
}

Example seed_example(const Json& value, const std::string& where, std::size_t index) {
  const JsonObject object(value, where);
  Example example;
  example.id = id_of(object, index);
  example.before = text_of(object, "before", "slow_query");
  take_after(example, object);
  if (present(object, "needs"))
    example.needs = sql::needs_from_json(object.at("needs"), where);
  example.type = object.text_or("type", "");
  example.rule = object.text_or("rule", "");
  example.explanation = object.text_or("explanation", "");
  example.provider = "seed";
  example.fingerprint = sql::pair_fingerprint(example.before, example.after, example.indexes);
  return example;
}

const Json& examples_of(const Json& document, const std::string& where) {
  if (document.is_object() && document.contains("examples") && document["examples"].is_array())
    return document["examples"];
  if (!document.is_array())
    refuse(where, "the file is neither a list of examples nor an object with \"examples\"",
           "[{\"before\": \"SELECT …\", \"after\": \"…\", \"type\": \"…\", \"explanation\": "
           "\"…\"}, …]");
  return document;
}

} // namespace

std::vector<Example> read_seed_examples(const std::filesystem::path& file) {
  const std::string where = file.string();
  const Json document = parse_json(read_file(file), where);
  std::vector<Example> examples;
  std::set<std::string> ids;
  for (const Json& value : examples_of(document, where)) {
    const std::string place = fmt::format("{}: element {}", where, examples.size());
    examples.push_back(seed_example(value, place, examples.size()));
    if (!ids.insert(examples.back().id).second)
      refuse(place, fmt::format("the id \"{}\" is used twice", examples.back().id),
             "give each example an id of its own, or none");
    if (examples.size() > kSeedsMax)
      refuse(where, fmt::format("more than {} examples", kSeedsMax), "give fewer");
  }
  if (examples.empty())
    refuse(where, "there is no example in the file", "the loop needs at least one slow query");
  return examples;
}

} // namespace quill::loop
