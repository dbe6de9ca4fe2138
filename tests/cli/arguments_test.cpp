#include "catch.hpp"

#include "cli/arguments.hpp"

using namespace quill;
using namespace quill::cli;

namespace {

struct Settable {
  bool loud = false;
  std::string sql;
  std::vector<std::string> rows;
  std::string name;
};

FieldList fields(Settable& target) {
  FieldList list("toy");
  list.add("loud", &target.loud, "loud");
  list.add("sql", &target.sql, "statement");
  list.add("rows", &target.rows, "rows");
  list.add_positional("name", &target.name, "name");
  return list;
}

using Flags = std::vector<std::pair<std::string, std::string>>;

Flags parsed(const std::vector<std::string>& words) {
  Settable target;
  const FieldList list = fields(target);
  return parse_arguments("toy", {&list}, words).flags;
}

std::string refused(const std::vector<std::string>& words) {
  try {
    (void)parsed(words);
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.format();
  }
  return "";
}

Command named(const std::string& name) {
  return {.name = name, .group = "g", .summary = "s", .details = "", .examples = {}, .run = {}};
}

std::string unknown(const std::vector<std::string>& words) {
  const std::vector<Command> commands = {named("seed"), named("rules list"), named("rules show")};
  try {
    (void)choose_command(commands, words);
  } catch (const Error& error) {
    return error.format();
  }
  return "";
}

} // namespace

TEST_CASE("flags keep their texts, in the forms a shell user writes", "[cli]") {
  CHECK(parsed({"--loud", "--sql", "SELECT 1", "x"}) ==
        Flags{{"--loud", "true"}, {"--sql", "SELECT 1"}, {"name", "x"}});
  CHECK(parsed({"--sql=SELECT 1", "--loud=false"}) ==
        Flags{{"--loud", "false"}, {"--sql", "SELECT 1"}});
  CHECK(parsed({"--rows", "a=1", "--rows=b=2"}) == Flags{{"--rows", "a=1"}, {"--rows", "b=2"}});
  CHECK(parsed({"--sql", "-1"}) == Flags{{"--sql", "-1"}});
  CHECK(parsed({"--sql", "[1,2]"}) == Flags{{"--sql", "[1,2]"}});
}

TEST_CASE("an empty value stays an empty value", "[cli]") {
  CHECK(parsed({"--sql", "", "x"}) == Flags{{"--sql", ""}, {"name", "x"}});
  CHECK(parsed({"--sql=", "x"}) == Flags{{"--sql", ""}, {"name", "x"}});
}

TEST_CASE("an unknown option is named with the nearest known one", "[cli]") {
  CHECK(refused({"--sqll", "SELECT 1"}) == "error: `quill toy` has no option \"--sqll\"\n"
                                           "  where: command line\n"
                                           "  fix:   did you mean \"--sql\"? See `quill toy "
                                           "--help`\n");
  CHECK(refused({"--fantasy"}) == "error: `quill toy` has no option \"--fantasy\"\n"
                                  "  where: command line\n"
                                  "  fix:   see `quill toy --help`\n");
}

TEST_CASE("an option without its value is named, and does not eat the next one", "[cli]") {
  CHECK(refused({"--sql", "--loud"}) == "error: option --sql needs a value\n"
                                        "  where: command line, before --loud\n"
                                        "  fix:   write --sql VALUE\n");
  CHECK(refused({"--sql"}) == "error: option --sql needs a value\n"
                              "  where: command line, at the end\n"
                              "  fix:   write --sql VALUE\n");
}

TEST_CASE("a word too many is refused", "[cli]") {
  CHECK(refused({"one", "two"}) == "error: `quill toy` takes no argument \"two\"\n"
                                   "  where: command line\n"
                                   "  fix:   see `quill toy --help`\n");
}

TEST_CASE("--help wins over everything else", "[cli]") {
  Settable target;
  const FieldList list = fields(target);
  CHECK(parse_arguments("toy", {&list}, {"--nonsense", "-h"}).help);
}

TEST_CASE("an unknown command is named with the nearest known one", "[cli]") {
  CHECK(unknown({"sed"}) == "error: there is no command \"sed\"\n"
                            "  where: command line\n"
                            "  fix:   did you mean \"seed\"? See `quill --help`\n");
  CHECK(unknown({"rules"}) == "error: `quill rules` needs one of: list, show\n"
                              "  where: command line\n"
                              "  fix:   for example `quill rules list`\n");
  CHECK(unknown({"rules", "lst"}) == "error: \"lst\" is not a part of `quill rules`\n"
                                     "  where: command line\n"
                                     "  fix:   did you mean \"list\"? See `quill help`\n");
}

TEST_CASE("a command of two words takes both", "[cli]") {
  const std::vector<Command> commands = {named("rules list"), named("rules show")};
  const Chosen chosen = choose_command(commands, {"rules", "show", "x", "--json"});
  CHECK(chosen.command->name == "rules show");
  CHECK(chosen.arguments == std::vector<std::string>{"x", "--json"});
}
