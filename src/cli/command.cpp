#include "cli/command.hpp"

#include <algorithm>

namespace quill::cli {

FieldList own_fields(const Command& command) {
  std::string section = command.name;
  std::replace(section.begin(), section.end(), ' ', '_');
  FieldList list(section);
  if (command.fields)
    command.fields(list);
  return list;
}

FieldList common_fields(CommonConfig& common, Formats formats) {
  FieldList list("output");
  common.fields(list, formats);
  return list;
}

void CommonConfig::fields(FieldList& list, Formats formats) {
  list.add_positional("--config", &config, "read settings from this TOML file too");
  list.add("quiet", &quiet, "say only errors on stderr");
  list.add("verbose", &verbose, "say more on stderr");
  list.add("no_progress", &no_progress, "draw no progress bar");
  list.add("progress", &progress, "how to show progress; auto: a bar on a terminal")
      .one_of({"auto", "bar", "json", "none"});
  list.add("color", &color, "style the output; auto: on a terminal, unless NO_COLOR is set")
      .one_of({"auto", "always", "never"});
  if (formats == Formats::any)
    list.add("format", &format, "how to print the result").one_of({"table", "json", "jsonl"});
  if (formats != Formats::none)
    list.add("json", &json, "print the result as one JSON document");
}

void CommonConfig::check() const {
  if (quiet && verbose)
    throw Error{Exit::usage,
                {.what = "--quiet and --verbose contradict each other",
                 .where = "command line or configuration",
                 .fix = "give one of them"}};
}

} // namespace quill::cli
