// A setting in words: the same for help, man page and reference.
#include <fmt/format.h>

#include "cli/help.hpp"

namespace quill::cli {

namespace {

template <class... T> struct Overloaded : T... {
  using T::operator()...;
};
template <class... T> Overloaded(T...) -> Overloaded<T...>;

std::string number(double value) {
  return value == static_cast<double>(static_cast<std::int64_t>(value))
             ? fmt::format("{}", static_cast<std::int64_t>(value))
             : fmt::format("{}", value);
}

std::string range_text(const Field& field) {
  if (field.min && field.max)
    return fmt::format("{} to {}", number(*field.min), number(*field.max));
  if (field.min)
    return fmt::format("at least {}", number(*field.min));
  return field.max ? fmt::format("at most {}", number(*field.max)) : "";
}

/// "" when there is none worth a word: a switch is off, an optional or a text not given.
std::string default_text(const Field& field) {
  if (field.required || std::holds_alternative<bool*>(field.target))
    return "";
  const std::string text = field_text(field);
  if (text.empty() || text == "null" || text == "[]")
    return "";
  return fmt::format("default {}", text);
}

} // namespace

std::string placeholder(const Field& field) {
  if (!field.choices.empty())
    return fmt::format("{}", fmt::join(field.choices, "|"));
  return std::visit(Overloaded{
                        [](bool*) { return ""; },
                        [](std::int64_t*) { return "N"; },
                        [](std::optional<std::int64_t>*) { return "N"; },
                        [](double*) { return "X"; },
                        [](std::optional<double>*) { return "X"; },
                        [](std::filesystem::path*) { return "PATH"; },
                        [](std::string*) { return "TEXT"; },
                        [](std::optional<std::string>*) { return "TEXT"; },
                        [](std::vector<std::string>*) { return "TEXT"; },
                    },
                    field.target);
}

std::string facts(const Field& field) {
  std::vector<std::string> parts;
  if (field.required)
    parts.emplace_back("required");
  if (const std::string text = default_text(field); !text.empty())
    parts.push_back(text);
  if (!field.unit.empty())
    parts.push_back("in " + field.unit);
  if (const std::string text = range_text(field); !text.empty())
    parts.push_back(text);
  if (std::holds_alternative<std::vector<std::string>*>(field.target))
    parts.emplace_back("may repeat");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string usage_line(const Command& command) {
  std::string line = "quill " + command.name;
  const FieldList fields = own_fields(command);
  for (const Field& field : fields.all())
    if (!field.flag.empty() && field.flag.front() != '-') {
      std::string name = field.choices.empty() ? field.flag : placeholder(field);
      if (field.choices.empty())
        for (char& c : name)
          c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      line += field.required ? " " + name : " [" + name + "]";
    }
  return line + " [options]";
}

} // namespace quill::cli
