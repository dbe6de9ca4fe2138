#include "cli/application.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/arguments.hpp"
#include "cli/help.hpp"
#include "cli/set_option.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/core/log.hpp"
#include "quill/model/cache.hpp"

namespace quill::cli {

namespace {

Cancel& process_cancel() {
  static Cancel cancel; // signal handlers need one that lives for ever
  return cancel;
}

bool on_terminal(int descriptor) {
  const char* term = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && !(term != nullptr && std::string_view(term) == "dumb");
}

bool styled(const std::string& color, int descriptor) {
  if (color != "auto")
    return color == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return on_terminal(descriptor) && !(no_color != nullptr && *no_color != '\0');
}

OutputFormat output_format(const CommonConfig& common) {
  if (common.json || common.format == "json")
    return OutputFormat::json;
  return common.format == "jsonl" ? OutputFormat::jsonl : OutputFormat::table;
}

ProgressStyle progress_style(const CommonConfig& common) {
  if (common.no_progress || common.progress == "none")
    return ProgressStyle::none;
  if (common.progress == "json")
    return ProgressStyle::json;
  if (common.progress == "bar")
    return ProgressStyle::bar;
  return on_terminal(STDERR_FILENO) && !common.quiet ? ProgressStyle::bar : ProgressStyle::none;
}

LogLevel log_level(const CommonConfig& common) {
  if (common.quiet)
    return LogLevel::error;
  return common.verbose ? LogLevel::debug : LogLevel::info;
}

std::string joined(const std::vector<std::string>& words) {
  std::string line = "quill";
  for (const std::string& word : words) {
    const bool plain =
        !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                                                "YZ0123456789_-./=,:+@%") == std::string::npos;
    if (plain) {
      line += " " + word;
      continue;
    }
    line += " '";
    for (const char c : word)
      line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "'";
  }
  return line;
}

Output plain_output() {
  return {STDOUT_FILENO, OutputFormat::table, styled("auto", STDOUT_FILENO)};
}

/// A command that has no settings starts without reading any: version and help work whatever a
/// configuration file holds.
Exit run_plain(const Command& command, const std::vector<Command>& commands,
               const std::string& line) {
  Settings settings({}, {});
  const std::vector<Settings::Line> resolved;
  Output out = plain_output();
  Context context{commands, settings, resolved, out, process_cancel(), ProgressStyle::none, line};
  return command.run(context);
}

Settings read_settings(const std::vector<Command>& commands, const Arguments& arguments) {
  SettingsSources sources = process_sources();
  sources.flags = arguments.flags;
  for (const auto& [flag, text] : arguments.flags)
    if (flag == "--config")
      sources.config_file = text;
  CommonConfig common;
  std::vector<FieldList> lists = {common_fields(common, Formats::any)};
  for (const Command& command : commands)
    lists.push_back(own_fields(command));
  std::vector<const FieldList*> known;
  for (const FieldList& list : lists)
    known.push_back(&list);
  return Settings(sources, known);
}

/// Models named by their id in the Hub become the folders they were fetched into.
void find_models(FieldList& fields) {
  const auto environment = process_sources().environment;
  for (Field& field : fields.all()) {
    auto* const* folder = std::get_if<std::filesystem::path*>(&field.target);
    if (folder != nullptr && (field.key == "model" || field.key.ends_with(".model")))
      **folder = model::model_folder(**folder, environment);
  }
}

Exit run_command(const Command& command, const std::vector<Command>& commands,
                 const Arguments& arguments, const std::vector<std::string>& words,
                 const TorchRooms* torch) {
  CommonConfig common;
  FieldList common_list = common_fields(common, command.formats);
  FieldList own = own_fields(command);
  Settings settings = read_settings(commands, with_set_options(arguments, own));
  settings.apply(common_list);
  common.check();
  set_log_level(log_level(common));
  settings.apply(own);
  if (command.preset) {
    command.preset();
    settings.apply(own);
  }
  find_models(own);
  if (command.needs_model && command.needs_model() && torch == nullptr)
    become_torch(words);
  Output out(STDOUT_FILENO, output_format(common), styled(common.color, STDOUT_FILENO));
  const std::vector<Settings::Line> resolved = settings.resolved(own);
  cancel_on_signals(process_cancel());
  Context context{commands,      settings, resolved, out, process_cancel(), progress_style(common),
                  joined(words), torch};
  return command.run(context);
}

Exit show_overview(const std::vector<Command>& commands, bool asked) {
  const std::string text = overview(commands);
  if (asked)
    plain_output().text(text);
  else
    (void)std::fputs(text.c_str(), stderr);
  return asked ? Exit::ok : Exit::usage;
}

void print_error(const std::string& lines) noexcept {
  try {
    (void)std::fputs(redacted(lines).c_str(), stderr);
  } catch (...) { // no memory even to redact: say nothing that might hold a key
    (void)std::fputs("error: out of memory\n", stderr);
  }
}

std::string bug_lines(const char* what) {
  return Error{Exit::bug,
               {.what = fmt::format("a bug in Quill: {}", what),
                .where = fmt::format("quill {}", QUILL_VERSION),
                .fix = "please report it with the command line; what was saved is whole"}}
      .format();
}

} // namespace

Exit run_application(const std::vector<std::string>& words, const TorchRooms* torch) {
  if (!words.empty() && (words[0] == "--version" || words[0] == "-V")) {
    plain_output().text("quill " QUILL_VERSION "\n");
    return Exit::ok;
  }
  const std::vector<Command> commands = all_commands();
  if (words.empty() || words[0] == "--help" || words[0] == "-h")
    return show_overview(commands, !words.empty());
  const Chosen chosen = choose_command(commands, words);
  const Command& command = *chosen.command;
  CommonConfig common;
  const FieldList own = own_fields(command);
  const FieldList shared = common_fields(common, command.formats);
  const bool plain = own.all().empty() && command.formats == Formats::none;
  const Arguments arguments =
      plain ? parse_arguments(command.name, {}, chosen.arguments)
            : parse_arguments(command.name, {&own, &shared}, chosen.arguments);
  if (arguments.help) {
    plain_output().text(command_help(command));
    return Exit::ok;
  }
  return plain ? run_plain(command, commands, joined(words))
               : run_command(command, commands, arguments, words, torch);
}

Exit report_exception() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    print_error(error.format());
    return error.exit();
  } catch (const std::bad_alloc&) {
    print_error("error: out of memory\n  where: quill\n  fix:   give it more memory, or a smaller "
                "input\n");
    return Exit::storage;
  } catch (const std::exception& error) {
    print_error(bug_lines(error.what()));
  } catch (...) {
    print_error(bug_lines("an unknown exception"));
  }
  return Exit::bug;
}

} // namespace quill::cli
