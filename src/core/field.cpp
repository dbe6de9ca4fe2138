// Field lists, and how a text becomes a field's value.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/settings_layers.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"
#include "quill/core/log.hpp"
#include "quill/core/settings.hpp"

namespace quill {

Field& Field::in(std::string unit_name) {
  unit = std::move(unit_name);
  return *this;
}

Field& Field::range(double low, double high) {
  min = low;
  max = high;
  return *this;
}

Field& Field::at_least(double low) {
  min = low;
  return *this;
}

Field& Field::one_of(std::vector<std::string> names) {
  choices = std::move(names);
  return *this;
}

Field& Field::needed() {
  required = true;
  return *this;
}

namespace {

std::string with_dashes(std::string_view name) {
  return text::replaced(name, "_", "-");
}

Field make_field(std::string key, std::string flag, FieldTarget target, std::string_view help) {
  QUILL_CHECK(!help.empty(), "a field without help: " + key + flag);
  Field field;
  field.key = std::move(key);
  field.flag = std::move(flag);
  field.target = target;
  field.help = std::string(help);
  return field;
}

} // namespace

FieldList::FieldList(std::string section) : section_(std::move(section)) {}

Field& FieldList::add(std::string_view name, FieldTarget target, std::string_view help) {
  const std::string key =
      section_.empty() ? std::string(name) : fmt::format("{}.{}", section_, name);
  return fields_.emplace_back(make_field(key, "--" + with_dashes(name), target, help));
}

Field& FieldList::add_shared(std::string_view key, std::string_view flag, FieldTarget target,
                             std::string_view help) {
  return fields_.emplace_back(make_field(std::string(key), std::string(flag), target, help));
}

Field& FieldList::add_positional(std::string_view name, FieldTarget target, std::string_view help) {
  return fields_.emplace_back(make_field("", std::string(name), target, help));
}

namespace {

std::string name_of(const Field& field) {
  return field.key.empty() ? field.flag : field.key;
}

std::string bounds_of(const Field& field) {
  if (field.min && field.max)
    return fmt::format(" from {} to {}", *field.min, *field.max);
  if (field.min)
    return fmt::format(" of at least {}", *field.min);
  if (field.max)
    return fmt::format(" of at most {}", *field.max);
  return "";
}

std::string unit_of(const Field& field) {
  return field.unit.empty() ? "" : fmt::format(" (in {}, without the unit)", field.unit);
}

/// One value on its way into one field: everything an error needs to say.
struct Attempt {
  const Field& field;
  const std::string& text;
  const Origin& origin;

  [[noreturn]] void refuse(std::string_view defect, const std::string& fix) const {
    constexpr std::size_t kQuotedBytesMax = 120;
    throw Error{Exit::usage,
                {.what = fmt::format("{} is \"{}\", which {}", name_of(field),
                                     text::clipped(redacted(text), kQuotedBytesMax), defect),
                 .where = origin.place,
                 .fix = fix}};
  }
};

[[noreturn]] void refuse_number(const Attempt& attempt, std::string_view defect,
                                std::string_view kind) {
  attempt.refuse(
      defect, fmt::format("give {}{}{}", kind, bounds_of(attempt.field), unit_of(attempt.field)));
}

template <class Number>
Number number_of(const Attempt& attempt, std::string_view defect, std::string_view kind) {
  Number number{};
  const char* end = attempt.text.data() + attempt.text.size();
  const auto [stop, error] = std::from_chars(attempt.text.data(), end, number);
  if (error == std::errc::result_out_of_range)
    refuse_number(attempt, "is too large", kind);
  if (error != std::errc{} || stop != end)
    refuse_number(attempt, defect, kind);
  const auto value = static_cast<double>(number);
  if (!std::isfinite(value))
    refuse_number(attempt, defect, kind);
  if (attempt.field.min && value < *attempt.field.min)
    refuse_number(attempt, fmt::format("is below {}", *attempt.field.min), kind);
  if (attempt.field.max && value > *attempt.field.max)
    refuse_number(attempt, fmt::format("is above {}", *attempt.field.max), kind);
  return number;
}

std::int64_t integer_of(const Attempt& attempt) {
  return number_of<std::int64_t>(attempt, "is not a whole number", "a whole number");
}

double real_of(const Attempt& attempt) {
  return number_of<double>(attempt, "is not a number", "a number");
}

bool truth_of(const Attempt& attempt) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "0", "no", "off"};
  if (std::find(kTrue.begin(), kTrue.end(), attempt.text) != kTrue.end())
    return true;
  if (std::find(kFalse.begin(), kFalse.end(), attempt.text) != kFalse.end())
    return false;
  attempt.refuse("is not true or false", "give true or false");
}

std::string choice_of(const Attempt& attempt) {
  const auto& choices = attempt.field.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), attempt.text) != choices.end())
    return attempt.text;
  const std::string near = nearest_word(attempt.text, choices);
  attempt.refuse("is not one of its values",
                 near.empty() ? fmt::format("give one of: {}", fmt::join(choices, ", "))
                              : fmt::format("did you mean \"{}\"? It takes: {}", near,
                                            fmt::join(choices, ", ")));
}

void assign(bool* target, const Attempt& attempt) {
  *target = truth_of(attempt);
}
void assign(std::int64_t* target, const Attempt& attempt) {
  *target = integer_of(attempt);
}
void assign(double* target, const Attempt& attempt) {
  *target = real_of(attempt);
}
void assign(std::string* target, const Attempt& attempt) {
  *target = choice_of(attempt);
}
void assign(std::filesystem::path* target, const Attempt& attempt) {
  *target = attempt.text;
}
void assign(std::optional<std::int64_t>* target, const Attempt& attempt) {
  *target = integer_of(attempt);
}
void assign(std::optional<double>* target, const Attempt& attempt) {
  *target = real_of(attempt);
}
void assign(std::optional<std::string>* target, const Attempt& attempt) {
  *target = choice_of(attempt);
}

std::string joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ","));
}

void set_list(Field& field, std::vector<std::string>* target, const std::vector<std::string>& texts,
              const Origin& origin) {
  for (const auto& text : texts)
    static_cast<void>(choice_of({field, text, origin}));
  *target = texts;
}

void set_single(Field& field, const std::vector<std::string>& texts, const Origin& origin) {
  if (texts.size() != 1) {
    const std::string shown = joined(texts);
    Attempt{field, shown, origin}.refuse("is a list", "give one value");
  }
  std::visit(
      [&](auto* target) {
        if constexpr (!std::is_same_v<decltype(target), std::vector<std::string>*>)
          assign(target, {field, texts.front(), origin});
      },
      field.target);
}

std::string value_text(bool value) {
  return value ? "true" : "false";
}
std::string value_text(std::int64_t value) {
  return fmt::format("{}", value);
}
std::string value_text(double value) {
  return fmt::format("{}", value);
}
std::string value_text(const std::string& value) {
  return value;
}
std::string value_text(const std::filesystem::path& value) {
  return value.string();
}
std::string value_text(const std::vector<std::string>& value) {
  return joined(value);
}
template <class T> std::string value_text(const std::optional<T>& value) {
  return value ? value_text(*value) : "null";
}

} // namespace

void set_field(Field& field, const std::vector<std::string>& texts, const Origin& origin) {
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&field.target))
    set_list(field, *list, texts, origin);
  else
    set_single(field, texts, origin);
}

std::string field_text(const Field& field) {
  return std::visit([](const auto* target) { return value_text(*target); }, field.target);
}

} // namespace quill
