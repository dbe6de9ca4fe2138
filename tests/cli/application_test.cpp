#include "catch.hpp"

#include "folders.hpp"
#include "program.hpp"

using quill::test::is_three_lines;
using quill::test::Shell;

TEST_CASE("--version prints one line and nothing else", "[cli]") {
  const Shell shell;
  for (const std::string word : {"--version", "-V", "version"}) {
    const auto outcome = shell.quill({word});
    CHECK(outcome.exit == 0);
    CHECK(outcome.out == "quill " QUILL_VERSION "\n");
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("--help goes to stdout; no command at all is wrong use", "[cli]") {
  const Shell shell;
  const auto asked = shell.quill({"--help"});
  CHECK(asked.exit == 0);
  CHECK(asked.out.find("usage: quill COMMAND [options]") != std::string::npos);
  CHECK(asked.err.empty());
  const auto bare = shell.quill({});
  CHECK(bare.exit == 2);
  CHECK(bare.out.empty());
  CHECK(bare.err == asked.out);
}

TEST_CASE("an unknown command ends with three lines and exit code 2", "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill({"restme"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "error: there is no command \"restme\"\n"
                       "  where: command line\n"
                       "  fix:   did you mean \"restem\"? See `quill --help`\n");
}

TEST_CASE("settings come from files, environment and flags, the stronger one last", "[cli]") {
  Shell shell;
  const auto iterations = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"config", "show",     "--command",
                                      "restem", "--origin", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto outcome = shell.quill(words);
    INFO(outcome.err);
    REQUIRE(outcome.exit == 0);
    const quill::Json document = outcome.json();
    for (const quill::Json& line : document.at("settings"))
      if (line.at("key") == "restem.iterations")
        return line.at("value").get<std::string>() + " " + line.at("origin").get<std::string>();
    return std::string("not there");
  };
  CHECK(iterations({}) == "50 default");
  shell.write(".config/quill/config.toml", "[restem]\niterations = 1\n");
  CHECK(iterations({}) == "1 " + shell.path(".config/quill/config.toml").string() + ":2");
  shell.write("quill.toml", "[restem]\niterations = 2\n");
  CHECK(iterations({}) == "2 ./quill.toml:2");
  shell.write("more.toml", "# more\n[restem]\niterations = 3\n");
  CHECK(iterations({"--config", "more.toml"}) == "3 more.toml:3");
  shell.write(".env", "QUILL_RESTEM_ITERATIONS=4\n");
  CHECK(iterations({"--config", "more.toml"}) == "4 ./.env:1");
  shell.environment["QUILL_RESTEM_ITERATIONS"] = "5";
  CHECK(iterations({"--config", "more.toml"}) == "5 QUILL_RESTEM_ITERATIONS");
}

TEST_CASE("an unknown setting is named with its line and the nearest known one", "[cli]") {
  const Shell shell;
  shell.write("quill.toml", "[restem]\niteration = 2\n");
  const auto outcome = shell.quill({"config", "show"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: unknown setting \"restem.iteration\"\n"
                       "  where: ./quill.toml:2\n"
                       "  fix:   did you mean \"restem.iterations\"? `quill config show` lists "
                       "all\n");
  CHECK(shell.quill({"--version"}).exit == 0); // works whatever a file holds
}

TEST_CASE("a --config file that is not there is an error", "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill({"config", "show", "--config", "absent.toml"});
  CHECK(outcome.exit == 2);
  CHECK(is_three_lines(outcome.err));
  CHECK(outcome.err.find("absent.toml") != std::string::npos);
}

TEST_CASE("a key of a provider is never printed", "[cli]") {
  Shell shell;
  shell.environment["OPENAI_API_KEY"] = "sk-canary-0123456789";
  for (const auto& words : {std::vector<std::string>{"config", "show", "--origin"},
                            std::vector<std::string>{"doctor", "--json"}}) {
    const auto outcome = shell.quill(words);
    CHECK(outcome.exit == 0);
    CHECK(outcome.out.find("canary") == std::string::npos);
    CHECK(outcome.err.find("canary") == std::string::npos);
  }
  const auto bad = shell.quill({"rules", "show", "sk-canary-0123456789"});
  CHECK(bad.exit == 2);
  CHECK(bad.err.find("canary") == std::string::npos);
}

TEST_CASE("a result that cannot be written is an error; a reader that left is not", "[cli]") {
  Shell shell;
  shell.stdout_to = "/dev/full";
  const auto full = shell.quill({"rules", "list"});
  CHECK(full.exit == 5);
  CHECK(full.err == "error: the result cannot be written: No space left on device\n"
                    "  where: standard output\n"
                    "  fix:   make room, or send the output elsewhere\n");
  shell.stdout_to = "";
  const std::string pipe = "set -o pipefail; cd '" + shell.path("").string() +
                           "' && HOME=. QUILL_DATA_DIR=" QUILL_SOURCE_FOLDER
                           "/data " QUILL_BUILD_FOLDER "/quill help --markdown 2>err | true";
  CHECK(std::system(("bash -c '" + pipe + "'").c_str()) >= 0);
  CHECK(quill::test::slurp(shell.path("err")).empty());
}

TEST_CASE("doctor says what works here and why what does not", "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill({"doctor", "--json"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit == 0);
  const quill::Json document = outcome.json();
  CHECK(document.at("format_version") == 1);
  std::map<std::string, std::string> states;
  for (const quill::Json& finding : document.at("findings")) {
    states[finding.at("name")] = finding.at("state");
    CHECK(!finding.at("text").get<std::string>().empty());
  }
  CHECK(states.at("worker") == "works");
  CHECK(states.at("SQLite") == "works");
  CHECK(states.at("provider rules") == "works");
  CHECK(states.at("provider openai") == "absent");
  CHECK(states.at("knowledge") == "works");
}

TEST_CASE("doctor names a worker that is missing", "[cli]") {
  Shell shell;
  shell.environment["QUILL_LIBEXEC"] = shell.path("nowhere").string();
  const auto outcome = shell.quill({"doctor", "--json"});
  const quill::Json report = outcome.json();
  for (const quill::Json& finding : report.at("findings"))
    if (finding.at("name") == "SQLite" && finding.at("state") == "works") {
      WARN("skipped: a worker lies beside quill in any case");
      return;
    }
  CHECK(outcome.exit == 1);
}
