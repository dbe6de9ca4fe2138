#include "quill/loop/grammar.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/error.hpp"

namespace quill::loop {

namespace {

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

/// A whole number of a document within limits.
std::int64_t number_in(const JsonObject& object, std::string_view key, std::int64_t low,
                       std::int64_t high) {
  const std::int64_t value = object.integer(key);
  if (value < low || value > high)
    refuse(fmt::format("\"{}\" is {}; allowed: {} to {}", key, value, low, high), object.where(),
           "change the grammar");
  return value;
}

std::string letters_of(const JsonObject& object, std::string_view key) {
  std::string letters = object.text(key);
  const bool plain = std::all_of(letters.begin(), letters.end(),
                                 [](char letter) { return letter >= 'a' && letter <= 'z'; });
  if (letters.empty() || !plain)
    refuse(fmt::format("\"{}\" is \"{}\"; allowed: letters a to z", key, letters), object.where(),
           "change the grammar");
  return letters;
}

/// What each name in braces stands for in one question.
using Filling = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::string_view kKnown[] = {"table",  "number",       "text",
                                       "column", "number_value", "text_value"};

/// \throws Error{usage} for a name in braces that is not known
void require_known(const std::string& text, const std::string& where) {
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const std::size_t close = text.find('}', open);
    const std::string name =
        text.substr(open + 1, close == std::string::npos ? close : close - open - 1);
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
      refuse(
          fmt::format("\"{{{}}}\" is not known; allowed: {{{}}}", name, fmt::join(kKnown, "}, {")),
          where, "change the grammar");
    open = close;
  }
}

std::string filled(std::string_view text, const Filling& filling) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find('{', at), text.size());
    result += text.substr(at, open - at);
    if (open == text.size())
      break;
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    for (const auto& [known, value] : filling)
      if (known == name)
        result += value;
    at = close + 1;
  }
  return result;
}

} // namespace

Grammar Grammar::parse(const Json& document, const std::string& where) {
  const JsonObject object(document, where);
  Grammar grammar;
  grammar.consonants_ = letters_of(object, "consonants");
  grammar.vowels_ = letters_of(object, "vowels");
  grammar.joint_ = object.text_or("joint", "");
  if (!grammar.joint_.empty() && grammar.joint_ != "_")
    refuse(fmt::format("\"joint\" is \"{}\"; allowed: \"_\", or none", grammar.joint_), where,
           "change the grammar");
  const Json& syllables = object.at("syllables");
  if (!syllables.is_array() || syllables.size() != 2 || !syllables[0].is_number_integer() ||
      !syllables[1].is_number_integer() || syllables[0] < 2 || syllables[1] > 8 ||
      syllables[0] > syllables[1])
    refuse(fmt::format("\"syllables\" is {}; allowed: [least, most], from 2 to 8",
                       dump_json(syllables).substr(0, 80)),
           where, "change the grammar");
  grammar.syllables_least_ = syllables[0];
  grammar.syllables_most_ = syllables[1];
  const JsonObject columns(object.at("columns"), where + ", \"columns\"");
  grammar.numbers_ = number_in(columns, "number", 1, 8);
  grammar.texts_ = number_in(columns, "text", 1, 8);
  grammar.rows_ = number_in(object, "rows", 3, 60); // so many numbers of two digits are distinct
  for (const Json& each : object.at("forms")) {
    const JsonObject form(each, fmt::format("{}, form {}", where, grammar.forms_.size() + 1));
    grammar.forms_.push_back({form.text("query"), form.texts_or_empty("questions")});
    require_known(form.text("query"), form.where());
    for (const std::string& question : grammar.forms_.back().questions)
      require_known(question, form.where());
    if (grammar.forms_.back().questions.empty())
      refuse("a form without questions", form.where(), "change the grammar");
  }
  if (grammar.forms_.empty())
    refuse("a grammar without forms", where, "change the grammar");
  return grammar;
}

std::string Grammar::name(Rng& rng, bool for_evaluation) const {
  constexpr std::uint64_t kShare = 8;
  while (true) {
    std::string word;
    for (std::int64_t left = rng.between(syllables_least_, syllables_most_); left > 0; --left) {
      if (!word.empty())
        word += joint_;
      word += consonants_[rng.below(consonants_.size())];
      word += vowels_[rng.below(vowels_.size())];
    }
    if ((Rng(0).child(word).below(kShare) == 0) == for_evaluation)
      return word;
  }
}

GrammarTable Grammar::table(Rng& rng, bool for_evaluation) const {
  GrammarTable table;
  std::vector<std::string> names;
  while (static_cast<std::int64_t>(names.size()) < numbers_ + texts_ + 1) {
    const std::string fresh = name(rng, for_evaluation);
    if (std::find(names.begin(), names.end(), fresh) == names.end())
      names.push_back(fresh);
  }
  table.name = names[0];
  table.numbers.assign(names.begin() + 1, names.begin() + 1 + numbers_);
  table.texts.assign(names.begin() + 1 + numbers_, names.end());
  std::vector<std::vector<std::int64_t>> values; // by column, each distinct
  for (std::int64_t column = 0; column < numbers_; ++column) {
    std::vector<std::int64_t> all(90);
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = static_cast<std::int64_t>(i) + 10;
    rng.shuffle(all);
    values.push_back(std::move(all));
  }
  std::vector<std::vector<std::string>> words(table.texts.size()); // few, so that they repeat
  for (auto& few : words)
    for (std::int64_t i = 0; i < std::max<std::int64_t>(2, rows_ / 3); ++i)
      few.push_back(name(rng, for_evaluation));
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows_); ++row) {
    auto& numbers = table.number_rows.emplace_back();
    for (const auto& column : values)
      numbers.push_back(column[row]);
    auto& texts = table.text_rows.emplace_back();
    for (const auto& few : words)
      texts.push_back(rng.pick(few));
  }
  return table;
}

GrammarQuestion Grammar::question(const GrammarTable& table, Rng& rng) const {
  const std::size_t number = rng.below(table.numbers.size()), text = rng.below(table.texts.size());
  std::vector<std::int64_t> numbers;
  for (const auto& row : table.number_rows)
    numbers.push_back(row[number]);
  std::sort(numbers.begin(), numbers.end());
  const std::int64_t between = numbers[1 + rng.below(numbers.size() - 2)];
  const Filling filling = {
      {"table", table.name},
      {"number", table.numbers[number]},
      {"text", table.texts[text]},
      {"column", rng.chance(0.5) ? table.numbers[number] : table.texts[text]},
      {"number_value", std::to_string(between)},
      {"text_value", table.text_rows[rng.below(table.text_rows.size())][text]}};
  const Form& form = rng.pick(forms_);
  return {filled(rng.pick(form.questions), filling), filled(form.query, filling)};
}

std::string GrammarTable::ddl() const {
  std::string columns;
  for (std::size_t i = 0; i < std::max(numbers.size(), texts.size()); ++i) {
    if (i < numbers.size())
      columns += (columns.empty() ? "" : ", ") + numbers[i] + " INTEGER";
    if (i < texts.size())
      columns += (columns.empty() ? "" : ", ") + texts[i] + " TEXT";
  }
  return fmt::format("CREATE TABLE {} ({});", name, columns);
}

std::string GrammarTable::script() const {
  std::string script = ddl() + "\n";
  for (std::size_t row = 0; row < number_rows.size(); ++row)
    script += fmt::format("INSERT INTO {} ({}, {}) VALUES ({}, '{}');\n", name,
                          fmt::join(numbers, ", "), fmt::join(texts, ", "),
                          fmt::join(number_rows[row], ", "), fmt::join(text_rows[row], "', '"));
  return script;
}

} // namespace quill::loop
