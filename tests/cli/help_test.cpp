#include "catch.hpp"

#include <set>

#include "cli/help.hpp"
#include "folders.hpp"
#include "program.hpp"

using namespace quill;
using namespace quill::cli;
using quill::test::Shell;
using quill::test::slurp;

namespace {

const std::filesystem::path kSource = QUILL_SOURCE_FOLDER;

std::vector<Field> every_field(const Command& command) {
  static CommonConfig common;
  std::vector<Field> fields;
  for (const FieldList& list : {own_fields(command), common_fields(common, command.formats)})
    fields.insert(fields.end(), list.all().begin(), list.all().end());
  return fields;
}

} // namespace

TEST_CASE("every command and every option says what it does, once", "[cli]") {
  std::set<std::string> names;
  for (const Command& command : all_commands()) {
    INFO(command.name);
    CHECK(names.insert(command.name).second);
    CHECK(!command.summary.empty());
    CHECK(command.summary.back() != '.');
    CHECK(!command.group.empty());
    std::set<std::string> flags;
    for (const Field& field : every_field(command)) {
      INFO(field.flag << " " << field.key);
      CHECK(!field.help.empty());
      CHECK((field.flag.empty() || flags.insert(field.flag).second));
    }
  }
}

TEST_CASE("commands of one group stand together", "[cli]") {
  std::set<std::string> closed;
  std::string group;
  for (const Command& command : all_commands()) {
    if (command.group != group) {
      INFO(command.name);
      CHECK(closed.insert(command.group).second);
      group = command.group;
    }
  }
}

TEST_CASE("docs/reference.md is what `quill help --markdown` prints", "[cli]") {
  INFO("quill help --markdown > docs/reference.md");
  CHECK((slurp(kSource / "docs/reference.md") == reference_markdown(all_commands())));
}

TEST_CASE("docs/quill.1 is what `quill help --man` prints", "[cli]") {
  INFO("quill help --man > docs/quill.1");
  CHECK((slurp(kSource / "docs/quill.1") == man_page(all_commands())));
}

TEST_CASE("the README names every command", "[cli]") {
  const std::string readme = slurp(kSource / "README.md");
  for (const Command& command : all_commands()) {
    INFO(command.name);
    if (!command.hidden)
      CHECK(readme.find("`" + command.name) != std::string::npos);
  }
}

TEST_CASE("each command answers --help with its usage line", "[cli]") {
  const Shell shell;
  for (const Command& command : all_commands()) {
    std::vector<std::string> words;
    const std::size_t blank = command.name.find(' ');
    words.push_back(command.name.substr(0, blank));
    if (blank != std::string::npos)
      words.push_back(command.name.substr(blank + 1));
    words.emplace_back("--help");
    const auto outcome = shell.quill(words);
    INFO(command.name);
    CHECK(outcome.exit == 0);
    CHECK(outcome.err.empty());
    CHECK(outcome.out.find("usage: " + usage_line(command)) != std::string::npos);
    for (const Field& field : every_field(command))
      if (!field.flag.empty())
        CHECK(outcome.out.find(field.flag) != std::string::npos);
  }
}

TEST_CASE("a setting in words tells unit, default, range and choices", "[cli]") {
  std::int64_t count = 5;
  std::string mode = "fast";
  bool loud = false;
  FieldList list("toy");
  list.add("count", &count, "how many").in("ms").range(1, 60'000);
  list.add("mode", &mode, "how").one_of({"fast", "full"}).needed();
  list.add("loud", &loud, "say more");
  CHECK(placeholder(list.all()[0]) == "N");
  CHECK(facts(list.all()[0]) == "default 5, in ms, 1 to 60000");
  CHECK(placeholder(list.all()[1]) == "fast|full");
  CHECK(facts(list.all()[1]) == "required");
  CHECK(placeholder(list.all()[2]).empty());
  CHECK(facts(list.all()[2]).empty());
}

TEST_CASE("the bash completion offers commands, options and choices", "[cli]") {
  const Shell shell;
  const auto complete = [&](const std::string& words, int at) {
    shell.write("try.sh", "source \"$1\"\nCOMP_WORDS=(" + words + ")\nCOMP_CWORD=" +
                              std::to_string(at) + "\n_quill\necho \"${COMPREPLY[*]}\"\n");
    shell.write("quill.bash", completion_script(all_commands(), "bash"));
    const std::string command = "bash '" + shell.path("try.sh").string() + "' '" +
                                shell.path("quill.bash").string() + "' > '" +
                                shell.path("reply").string() + "' 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
    return slurp(shell.path("reply"));
  };
  CHECK(complete("quill res", 1) == "restem\n");
  CHECK(complete("quill rules ''", 2) == "list show\n");
  CHECK(complete("quill sql --engine ''", 3) == "sqlite duckdb postgres\n");
  CHECK(complete("quill sql --timeo", 2) == "--timeout-ms\n");
  CHECK(complete("quill completion z", 2) == "zsh\n");
}

TEST_CASE("completion scripts for zsh and fish name every command", "[cli]") {
  for (const std::string shell : {"zsh", "fish"}) {
    const std::string script = completion_script(all_commands(), shell);
    for (const Command& command : all_commands())
      if (!command.hidden)
        CHECK(script.find(command.name.substr(0, command.name.find(' '))) != std::string::npos);
  }
}
