// Completion scripts for bash, zsh and fish: static text, so that pressing Tab starts no program.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "cli/help.hpp"

namespace quill::cli {

namespace {

std::vector<const Command*> visible(const std::vector<Command>& commands) {
  std::vector<const Command*> out;
  for (const Command& command : commands)
    if (!command.hidden)
      out.push_back(&command);
  return out;
}

/// First words of all commands, once each, in the order of the table.
std::vector<std::string> first_words(const std::vector<const Command*>& commands) {
  std::vector<std::string> words;
  for (const Command* command : commands) {
    std::string word = command->name.substr(0, command->name.find(' '));
    if (std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(std::move(word));
  }
  return words;
}

std::vector<std::string> second_words(const std::vector<const Command*>& commands,
                                      const std::string& first) {
  std::vector<std::string> words;
  for (const Command* command : commands)
    if (command->name.starts_with(first + " "))
      words.push_back(command->name.substr(first.size() + 1));
  return words;
}

/// Own and common settings that are on the command line.
std::vector<Field> options(const Command& command) {
  CommonConfig common;
  std::vector<Field> out;
  for (const FieldList& list : {own_fields(command), common_fields(common, command.formats)})
    for (const Field& field : list.all())
      if (!field.flag.empty())
        out.push_back(field);
  return out;
}

bool is_switch(const Field& field) {
  return std::holds_alternative<bool*>(field.target);
}

/// Inside single quotes of a shell.
std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

std::string bash_values(const Command& command) {
  std::string out;
  for (const Field& field : options(command)) {
    if (field.flag.front() != '-' || is_switch(field))
      continue;
    const std::string words =
        field.choices.empty()
            ? "COMPREPLY=($(compgen -f -- \"$word\"))"
            : fmt::format("COMPREPLY=($(compgen -W {} -- \"$word\"))",
                          quoted(fmt::format("{}", fmt::join(field.choices, " "))));
    out += fmt::format("        {}) {}; return ;;\n", field.flag, words);
  }
  return out;
}

std::string bash_words(const Command& command) {
  std::vector<std::string> words = {"--help"};
  for (const Field& field : options(command)) {
    if (field.flag.front() == '-')
      words.push_back(field.flag);
    else
      words.insert(words.begin(), field.choices.begin(), field.choices.end());
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string bash_script(const std::vector<const Command*>& commands) {
  const std::vector<std::string> firsts = first_words(commands);
  std::string out = "# bash completion for quill: source <(quill completion bash)\n"
                    "_quill() {\n"
                    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "  local command=${COMP_WORDS[1]}\n"
                    "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  out += fmt::format("    COMPREPLY=($(compgen -W {} -- \"$word\")); return\n  fi\n",
                     quoted(fmt::format("{} --help --version", fmt::join(firsts, " "))));
  for (const std::string& first : firsts)
    if (const auto seconds = second_words(commands, first); !seconds.empty())
      out += fmt::format("  if [ \"$command\" = {0} ]; then\n"
                         "    if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                         "      COMPREPLY=($(compgen -W {1} -- \"$word\")); return\n    fi\n"
                         "    command=\"{0} ${{COMP_WORDS[2]}}\"\n  fi\n",
                         first, quoted(fmt::format("{}", fmt::join(seconds, " "))));
  out += "  case \"$command\" in\n";
  for (const Command* command : commands)
    out += fmt::format("    {})\n      case \"$before\" in\n{}      esac\n"
                       "      COMPREPLY=($(compgen -W {} -- \"$word\")) ;;\n",
                       quoted(command->name), bash_values(*command), quoted(bash_words(*command)));
  return out + "  esac\n}\ncomplete -o default -F _quill quill\n";
}

/// _arguments treats colons and brackets of a description as syntax.
std::string zsh_text(std::string text) {
  for (const char special : {'\\', ':', '[', ']'})
    for (std::size_t at = 0; (at = text.find(special, at)) != std::string::npos; at += 2)
      text.insert(at, 1, '\\');
  return text;
}

std::string zsh_argument(const Field& field) {
  const std::string action =
      field.choices.empty() ? "_files" : fmt::format("({})", fmt::join(field.choices, " "));
  if (field.flag.front() != '-')
    return quoted(fmt::format("::{}:{}", zsh_text(field.help), action));
  const bool repeats = std::holds_alternative<std::vector<std::string>*>(field.target);
  const std::string head =
      fmt::format("{}{}[{}]", repeats ? "*" : "", field.flag, zsh_text(field.help));
  return quoted(is_switch(field) ? head : fmt::format("{}:value:{}", head, action));
}

std::string zsh_script(const std::vector<const Command*>& commands) {
  std::string out = "#compdef quill\n# zsh completion for quill: quill completion zsh > "
                    "\"${fpath[1]}/_quill\"\n_quill() {\n  local command=$words[2]\n"
                    "  if (( CURRENT == 2 )); then\n    local -a names=(\n";
  for (const std::string& first : first_words(commands)) {
    const auto named = std::find_if(commands.begin(), commands.end(), [&](const Command* command) {
      return command->name == first || command->name.starts_with(first + " ");
    });
    out += fmt::format("      {}\n", quoted(first + ":" +
                                            zsh_text((*named)->name == first ? (*named)->summary
                                                                             : (*named)->group)));
  }
  out += "    )\n    _describe command names; return\n  fi\n  local -i skip=1\n";
  for (const std::string& first : first_words(commands))
    if (const auto seconds = second_words(commands, first); !seconds.empty())
      out += fmt::format("  if [[ $command == {0} ]]; then\n"
                         "    if (( CURRENT == 3 )); then compadd {1}; return; fi\n"
                         "    command=\"{0} $words[3]\"; skip=2\n  fi\n",
                         first, fmt::join(seconds, " "));
  out += "  shift skip words; (( CURRENT -= skip ))\n  case \"$command\" in\n";
  for (const Command* command : commands) {
    std::vector<std::string> arguments = {quoted("--help[show the options]")};
    for (const Field& field : options(*command))
      arguments.push_back(zsh_argument(field));
    out += fmt::format("    {}) _arguments {} ;;\n", quoted(command->name),
                       fmt::join(arguments, " \\\n      "));
  }
  return out + "  esac\n}\nif [ \"$funcstack[1]\" = _quill ]; then _quill \"$@\"; else compdef "
               "_quill quill; fi\n";
}

std::string fish_condition(const Command& command) {
  const std::size_t blank = command.name.find(' ');
  if (blank == std::string::npos)
    return fmt::format("__fish_seen_subcommand_from {}", command.name);
  return fmt::format("__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}",
                     command.name.substr(0, blank), command.name.substr(blank + 1));
}

std::string fish_option(const Command& command, const Field& field) {
  const std::string condition = quoted(fish_condition(command));
  const std::string words = quoted(fmt::format("{}", fmt::join(field.choices, " ")));
  if (field.flag.front() != '-')
    return field.choices.empty()
               ? fmt::format("complete -c quill -n {} -F\n", condition)
               : fmt::format("complete -c quill -n {} -f -a {}\n", condition, words);
  std::string out = fmt::format("complete -c quill -n {} -l {} -d {}", condition,
                                field.flag.substr(2), quoted(field.help));
  if (!is_switch(field))
    out += field.choices.empty() ? " -r -F" : fmt::format(" -x -a {}", words);
  return out + "\n";
}

std::string fish_script(const std::vector<const Command*>& commands) {
  std::string out = "# fish completion for quill: quill completion fish | source\n"
                    "complete -c quill -f\n";
  for (const Command* command : commands) {
    const std::size_t blank = command->name.find(' ');
    const std::string first = command->name.substr(0, blank);
    if (blank == std::string::npos)
      out += fmt::format("complete -c quill -n __fish_use_subcommand -a {} -d {}\n", first,
                         quoted(command->summary));
    else
      out += fmt::format("complete -c quill -n __fish_use_subcommand -a {0}\n"
                         "complete -c quill -n '__fish_seen_subcommand_from {0}' -a {1} -d {2}\n",
                         first, command->name.substr(blank + 1), quoted(command->summary));
    for (const Field& field : options(*command))
      out += fish_option(*command, field);
  }
  return out;
}

} // namespace

std::string completion_script(const std::vector<Command>& commands, const std::string& shell) {
  const std::vector<const Command*> shown = visible(commands);
  if (shell == "bash")
    return bash_script(shown);
  return shell == "zsh" ? zsh_script(shown) : fish_script(shown);
}

} // namespace quill::cli
