#include "cli/arguments.hpp"

#include <algorithm>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace quill::cli {

namespace {

constexpr const char* kWhere = "command line";

bool is_switch(const Field& field) {
  return std::holds_alternative<bool*>(field.target);
}
bool repeats(const Field& field) {
  return std::holds_alternative<std::vector<std::string>*>(field.target);
}

/// Command names that begin with `first` and a blank: "rules" → {"list", "show"}.
std::vector<std::string> second_words(const std::vector<Command>& commands,
                                      const std::string& first) {
  std::vector<std::string> seconds;
  for (const Command& command : commands)
    if (command.name.starts_with(first + " "))
      seconds.push_back(command.name.substr(first.size() + 1));
  return seconds;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known,
                         std::string_view see) {
  const std::string near = nearest_word(word, known);
  return near.empty() ? fmt::format("see `{}`", see)
                      : fmt::format("did you mean \"{}\"? See `{}`", near, see);
}

[[noreturn]] void refuse_second_word(const std::string& first,
                                     const std::vector<std::string>& seconds,
                                     const std::vector<std::string>& words) {
  const bool given = words.size() > 1 && !words[1].starts_with("-");
  const std::string what =
      given ? fmt::format("\"{}\" is not a part of `quill {}`", words[1], first)
            : fmt::format("`quill {}` needs one of: {}", first, fmt::join(seconds, ", "));
  throw Error{Exit::usage,
              {.what = what,
               .where = kWhere,
               .fix = given ? did_you_mean(words[1], seconds, "quill help")
                            : fmt::format("for example `quill {} {}`", first, seconds.front())}};
}

[[noreturn]] void refuse_command(const std::vector<Command>& commands, const std::string& word) {
  std::vector<std::string> known;
  for (const Command& command : commands)
    if (!command.hidden)
      known.push_back(command.name);
  throw Error{Exit::usage,
              {.what = fmt::format("there is no command \"{}\"", word),
               .where = kWhere,
               .fix = did_you_mean(word, known, "quill --help")}};
}

[[noreturn]] void refuse_extra(const std::string& command, const std::vector<const Field*>& fields,
                               const std::string& extra) {
  std::vector<std::string> known = {"--help"};
  for (const Field* field : fields)
    if (field->flag.starts_with("-"))
      known.push_back(field->flag);
  const bool option = extra.size() > 1 && extra.front() == '-';
  const std::string name = extra.substr(0, extra.find('='));
  const std::string see = fmt::format("quill {} --help", command);
  throw Error{Exit::usage,
              {.what = option ? fmt::format("`quill {}` has no option \"{}\"", command, name)
                              : fmt::format("`quill {}` takes no argument \"{}\"", command, extra),
               .where = kWhere,
               .fix = option ? did_you_mean(name, known, see) : fmt::format("see `{}`", see)}};
}

/// CLI11 reads "--sql=" as "--sql" without a value and eats the next word: say the empty value.
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (const std::string& argument : arguments) {
    if (argument.size() > 3 && argument.starts_with("--") && argument.back() == '=' &&
        argument.find('=') == argument.size() - 1) {
      out.push_back(argument.substr(0, argument.size() - 1));
      out.emplace_back();
    } else {
      out.push_back(argument);
    }
  }
  return out;
}

std::vector<const Field*> on_command_line(const std::vector<const FieldList*>& lists) {
  std::vector<const Field*> fields;
  for (const FieldList* list : lists)
    for (const Field& field : list->all())
      if (!field.flag.empty())
        fields.push_back(&field);
  return fields;
}

CLI::Option* declare(CLI::App& app, const Field& field) {
  if (is_switch(field))
    return app.add_flag(field.flag);
  const auto policy =
      repeats(field) ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast;
  return app.add_option(field.flag)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(policy);
}

[[noreturn]] void refuse_missing_value(const std::string& flag, const std::string& place) {
  throw Error{Exit::usage,
              {.what = fmt::format("option {} needs a value", flag),
               .where = fmt::format("command line, {}", place),
               .fix = fmt::format("write {} VALUE", flag)}};
}

/// `--db --json` would take "--json" for the name of the database.
void refuse_flag_as_value(const Field& field, const std::string& text,
                          const std::vector<const Field*>& fields) {
  const bool is_flag = std::any_of(fields.begin(), fields.end(),
                                   [&](const Field* known) { return known->flag == text; });
  if (is_flag && text.starts_with("--"))
    refuse_missing_value(field.flag, "before " + text);
}

} // namespace

Chosen choose_command(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  const auto named = [&](const std::string& name) {
    return std::find_if(commands.begin(), commands.end(),
                        [&](const Command& command) { return command.name == name; });
  };
  if (words.size() > 1)
    if (const auto two = named(words[0] + " " + words[1]); two != commands.end())
      return {&*two, {words.begin() + 2, words.end()}};
  if (const auto one = named(words[0]); one != commands.end())
    return {&*one, {words.begin() + 1, words.end()}};
  if (const auto seconds = second_words(commands, words[0]); !seconds.empty())
    refuse_second_word(words[0], seconds, words);
  refuse_command(commands, words[0]);
}

Arguments parse_arguments(const std::string& command, const std::vector<const FieldList*>& lists,
                          const std::vector<std::string>& arguments) {
  const std::vector<const Field*> fields = on_command_line(lists);
  std::vector<CLI::Option*> options; // owned by app, one a field
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  bool help = false;
  app.add_flag("-h,--help", help);
  for (const Field* field : fields)
    options.push_back(declare(app, *field));
  try {
    std::vector<std::string> reversed = with_empty_values(arguments);
    std::reverse(reversed.begin(), reversed.end());
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& failure) {
    const std::string what = failure.what(); // "--db: 1 required TEXT missing"
    refuse_missing_value(what.substr(0, what.find(':')), "at the end");
  } catch (const CLI::ParseError& failure) {
    throw Error{Exit::usage,
                {.what = failure.what(),
                 .where = kWhere,
                 .fix = fmt::format("see `quill {} --help`", command)}};
  }
  if (help)
    return {.help = true, .flags = {}};
  if (const auto extras = app.remaining(); !extras.empty())
    refuse_extra(command, fields, extras.front());
  Arguments parsed;
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (const std::string& text : options[i]->results()) {
      refuse_flag_as_value(*fields[i], text, fields);
      parsed.flags.emplace_back(fields[i]->flag, text);
    }
  return parsed;
}

} // namespace quill::cli
