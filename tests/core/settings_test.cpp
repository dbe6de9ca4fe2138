#include "quill/core/settings.hpp"

#include <fstream>
#include <sys/stat.h>

#include "catch.hpp"
#include "core/settings_layers.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"

using namespace quill;

namespace {

struct Config {
  std::int64_t iterations = 50;
  double threshold = 0.25;
  bool dry_run = false;
  std::string model = "gpt";
  std::string measure = "time";
  std::filesystem::path out = "data";
  std::optional<std::int64_t> seed;
  std::optional<double> budget_usd;
  std::optional<std::string> note;
  std::vector<std::string> tags;
  std::string query;

  FieldList fields{"restem"};
  Config() {
    fields.add("iterations", &iterations, "how many").range(1, 1000);
    fields.add("threshold", &threshold, "least reward").range(0, 1);
    fields.add("dry_run", &dry_run, "spend nothing");
    fields.add_shared("llm.model", "--model", &model, "which model");
    fields.add("measure", &measure, "what is measured").one_of({"time", "steps"});
    fields.add("out", &out, "where to");
    fields.add("seed", &seed, "randomness").at_least(0);
    fields.add("budget_usd", &budget_usd, "most to spend").in("USD").at_least(0);
    fields.add("note", &note, "a remark");
    fields.add("tags", &tags, "labels").one_of({"a", "b", "c"});
    fields.add_positional("query", &query, "the query");
  }
};

/// A folder with the files of all layers; each is absent until written.
class Layers {
 public:
  SettingsSources sources;
  Layers() {
    sources.user_file = folder_.path() / "user.toml";
    sources.project_file = folder_.path() / "quill.toml";
    sources.dotenv = folder_.path() / ".env";
  }
  [[nodiscard]] std::string place(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(folder_.path() / name) << text;
    ::chmod(place(name).c_str(), mode);
  }
  /// All three lines of the error that reading and applying ends with; "" when there is none.
  std::string error() const {
    try {
      Config config;
      Settings settings(sources, {&config.fields});
      settings.apply(config.fields);
    } catch (const Error& error) {
      CHECK(error.exit() == Exit::usage);
      std::string text = error.format();
      const std::string folder = folder_.path().string() + "/";
      for (std::size_t at; (at = text.find(folder)) != std::string::npos;)
        text.erase(at, folder.size());
      return text;
    }
    return "";
  }

 private:
  ScratchFolder folder_;
};

std::string error_of_toml(const std::string& text) {
  const Layers layers;
  layers.write("quill.toml", text);
  return layers.error();
}

std::string error_of_variable(const std::string& name, const std::string& value) {
  Layers layers;
  layers.sources.environment = {{name, value}};
  return layers.error();
}

} // namespace

TEST_CASE("without any layer everything keeps its default", "[core]") {
  const Layers layers;
  Config config;
  Settings settings(layers.sources, {&config.fields});
  settings.apply(config.fields);
  CHECK(config.iterations == 50);
  CHECK_FALSE(config.seed);
  CHECK(settings.origin("restem.iterations").layer == Layer::preset);
  CHECK(settings.origin("restem.iterations").place == "default");
}

TEST_CASE("each layer beats all weaker ones, and the origin says which won", "[core]") {
  Layers layers;
  const auto winner = [&] {
    Config config;
    Settings settings(layers.sources, {&config.fields});
    settings.apply(config.fields);
    return std::to_string(config.iterations) + " " + settings.origin("restem.iterations").place;
  };
  layers.write("user.toml", "[restem]\niterations = 1\n");
  CHECK(winner() == "1 " + layers.place("user.toml") + ":2");
  layers.write("quill.toml", "restem.iterations = 2\n");
  CHECK(winner() == "2 " + layers.place("quill.toml") + ":1");
  layers.write("c.toml", "\n\nrestem = { iterations = 3 }\n");
  layers.sources.config_file = layers.place("c.toml");
  CHECK(winner() == "3 " + layers.place("c.toml") + ":3");
  layers.write(".env", "# settings\nQUILL_RESTEM_ITERATIONS=4\n");
  CHECK(winner() == "4 " + layers.place(".env") + ":2");
  layers.sources.environment = {{"QUILL_RESTEM_ITERATIONS", "5"}};
  CHECK(winner() == "5 QUILL_RESTEM_ITERATIONS");
  layers.sources.flags = {{"--iterations", "6"}};
  CHECK(winner() == "6 --iterations");
  layers.sources.flags.emplace_back("--iterations", "7");
  CHECK(winner() == "7 --iterations");
}

TEST_CASE("every kind of field takes its value", "[core]") {
  Layers layers;
  layers.write("quill.toml", "[restem]\nthreshold = 0.5\ndry_run = true\nseed = 7\nbudget_usd = 3\n"
                             "out = \"d/e\"\ntags = [\"a\", \"b\"]\n[llm]\nmodel = \"m\"\n");
  layers.sources.flags = {{"query", "q.sql"}, {"--note", ""}};
  Config config;
  Settings settings(layers.sources, {&config.fields});
  settings.apply(config.fields);
  CHECK(config.threshold == 0.5);
  CHECK(config.dry_run);
  CHECK(config.seed == 7);
  CHECK(config.budget_usd == 3.0);
  CHECK(config.out == "d/e");
  CHECK(config.tags == std::vector<std::string>{"a", "b"});
  CHECK(config.model == "m");
  CHECK(config.query == "q.sql");
  CHECK(config.note == "");
}

TEST_CASE("lists: commas in a variable, a flag that repeats", "[core]") {
  Layers layers;
  Config config;
  layers.sources.environment = {{"QUILL_RESTEM_TAGS", "a, c"}};
  Settings(layers.sources, {&config.fields}).apply(config.fields);
  CHECK(config.tags == std::vector<std::string>{"a", "c"});
  layers.sources.flags = {{"--tags", "b"}, {"--tags", "a"}};
  Settings(layers.sources, {&config.fields}).apply(config.fields);
  CHECK(config.tags == std::vector<std::string>{"b", "a"});
  layers.sources.flags = {{"--tags", "d"}};
  CHECK(layers.error() == "error: restem.tags is \"d\", which is not one of its values\n"
                          "  where: --tags\n"
                          "  fix:   did you mean \"a\"? It takes: a, b, c\n");
}

TEST_CASE("a bare switch is on; true, 1, yes and on are words for it", "[core]") {
  Layers layers;
  for (const char* word : {"", "true", "1", "yes", "on"}) {
    layers.sources.flags = {{"--dry-run", word}};
    Config config;
    Settings(layers.sources, {&config.fields}).apply(config.fields);
    CHECK(config.dry_run);
  }
  layers.sources.flags = {{"--dry-run", "maybe"}};
  CHECK(layers.error() == "error: restem.dry_run is \"maybe\", which is not true or false\n"
                          "  where: --dry-run\n"
                          "  fix:   give true or false\n");
}

TEST_CASE("an unknown key in a file is named with line and nearest known one", "[core]") {
  CHECK(error_of_toml("[restem]\nseed = 1\niteratoins = 3\n") ==
        "error: unknown setting \"restem.iteratoins\"\n"
        "  where: quill.toml:3\n"
        "  fix:   did you mean \"restem.iterations\"? `quill config show` lists all\n");
  CHECK(error_of_toml("zzzzzzzzzzzzzz = 3\n") ==
        "error: unknown setting \"zzzzzzzzzzzzzz\"\n"
        "  where: quill.toml:1\n"
        "  fix:   remove it; `quill config show` lists every setting\n");
  CHECK_THAT(error_of_toml("[restem]\nquery = \"q\"\n"),
             Catch::StartsWith("error: unknown")); // positional
}

TEST_CASE("an unknown QUILL_ variable is an error, reserved and foreign ones are not", "[core]") {
  CHECK(error_of_variable("QUILL_LLM_MODLE", "x") ==
        "error: unknown variable \"QUILL_LLM_MODLE\"\n"
        "  where: QUILL_LLM_MODLE\n"
        "  fix:   did you mean \"QUILL_LLM_MODEL\"? `quill config show` lists all\n");
  for (const char* name :
       {"QUILL_DATA_DIR", "QUILL_LIBEXEC", "QUILL_SHARED_DATA", "QUILL_CRASH_AT", "PATH", "QUILLS"})
    CHECK(error_of_variable(name, "x").empty());
  CHECK(error_of_variable("QUILL_LLM_MODEL", "").empty()); // empty is not given
}

TEST_CASE("a value that does not fit is named with its origin and what fits", "[core]") {
  CHECK(error_of_variable("QUILL_RESTEM_ITERATIONS", "10k") ==
        "error: restem.iterations is \"10k\", which is not a whole number\n"
        "  where: QUILL_RESTEM_ITERATIONS\n"
        "  fix:   give a whole number from 1 to 1000\n");
  CHECK(error_of_toml("[restem]\niterations = 0\n") ==
        "error: restem.iterations is \"0\", which is below 1\n"
        "  where: quill.toml:2\n"
        "  fix:   give a whole number from 1 to 1000\n");
  CHECK(error_of_variable("QUILL_RESTEM_BUDGET_USD", "-1") ==
        "error: restem.budget_usd is \"-1\", which is below 0\n"
        "  where: QUILL_RESTEM_BUDGET_USD\n"
        "  fix:   give a number of at least 0 (in USD, without the unit)\n");
  CHECK(error_of_variable("QUILL_RESTEM_MEASURE", "step") ==
        "error: restem.measure is \"step\", which is not one of its values\n"
        "  where: QUILL_RESTEM_MEASURE\n"
        "  fix:   did you mean \"steps\"? It takes: time, steps\n");
  CHECK(error_of_toml("restem.iterations = [1, 2]\n") ==
        "error: restem.iterations is \"1,2\", which is a list\n"
        "  where: quill.toml:1\n"
        "  fix:   give one value\n");
}

TEST_CASE("numbers are read whole or not at all", "[core]") {
  for (const char* text : {"3.9", "3.0", " 3", "3 ", "+3", "0x3", "1e2", "three", "1_000", "1,000"})
    CHECK_THAT(error_of_variable("QUILL_RESTEM_ITERATIONS", text),
               Catch::Contains("which is not a whole number"));
  CHECK_THAT(error_of_variable("QUILL_RESTEM_SEED", "99999999999999999999"),
             Catch::Contains("which is too large"));
  for (const char* text : {"nan", "inf", "0.5x", "0,5", "."})
    CHECK_THAT(error_of_variable("QUILL_RESTEM_THRESHOLD", text),
               Catch::Contains("which is not a number"));
  CHECK_THAT(error_of_variable("QUILL_RESTEM_THRESHOLD", "1.0001"),
             Catch::Contains("which is above 1"));
  CHECK(error_of_variable("QUILL_RESTEM_THRESHOLD", "1e-3").empty());
  CHECK_THAT(error_of_toml("[restem]\niterations = 3.0\n"),
             Catch::Contains("\"3.0\", which is not a whole number"));
}

TEST_CASE("broken TOML is named by file and line", "[core]") {
  CHECK_THAT(error_of_toml("[restem]\niterations = \n"),
             Catch::StartsWith("error: not valid TOML: ") &&
                 Catch::Contains("where: quill.toml:2\n"));
  CHECK_THAT(error_of_toml("a = 1\na = 2\n"), Catch::Contains("where: quill.toml:2\n"));
  CHECK_THAT(error_of_toml("[restem]\nseed = 2026-01-01\n"),
             Catch::StartsWith("error: \"restem.seed\" has a value of a kind no setting has"));
}

TEST_CASE("keys nested without end are refused before they are read", "[core]") {
  std::string deep = "a";
  for (int i = 0; i < 20'000; ++i)
    deep += ".a";
  CHECK(error_of_toml("x = 1\n" + deep + " = 1\n") ==
        "error: more than 64 dots on one line\n"
        "  where: quill.toml:2\n"
        "  fix:   settings have keys of two parts, as in llm.model\n");
  CHECK_THAT(error_of_toml("a = " + std::string(60'000, '[')),
             Catch::StartsWith("error: not valid TOML"));
  CHECK_THAT(error_of_toml(std::string(70'000, '#')), Catch::Contains("larger than 65536 bytes"));
}

TEST_CASE("a chosen config file must be there, the others need not", "[core]") {
  Layers layers;
  CHECK(layers.error().empty());
  layers.sources.config_file = layers.place("none.toml");
  CHECK(layers.error() == "error: cannot read the file: No such file or directory\n"
                          "  where: none.toml\n"
                          "  fix:   check the path and its permissions\n");
}

TEST_CASE("what is needed and not given is an error", "[core]") {
  const Layers layers;
  Config config;
  config.fields.all().back().needed();
  Settings settings(layers.sources, {&config.fields});
  CHECK_THROWS_WITH(settings.apply(config.fields), "query is not given");
  config.query = "kept";
  std::string db;
  FieldList other("evaluate");
  other.add("db", &db, "the database").needed();
  try {
    Settings(layers.sources, {&other}).apply(other);
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(error.format() == "error: --db is not given\n"
                            "  where: the command line\n"
                            "  fix:   give it: the database\n");
  }
}

TEST_CASE("a setting of another command in a file is known, and left alone", "[core]") {
  const Layers layers;
  layers.write("quill.toml", "[evaluate]\ndb = \"x.db\"\n");
  Config config;
  std::string db;
  FieldList other("evaluate");
  other.add("db", &db, "the database");
  Settings settings(layers.sources, {&config.fields, &other});
  settings.apply(config.fields);
  CHECK(db.empty());
  settings.apply(other);
  CHECK(db == "x.db");
}

TEST_CASE("resolved settings show key, value and origin, and no secret", "[core]") {
  Layers layers;
  layers.write(".env", "OPENAI_API_KEY=sk-resolved-canary\n");
  layers.sources.environment = {{"QUILL_LLM_MODEL", "sk-resolved-canary"}};
  layers.sources.flags = {{"--seed", "3"}, {"query", "q.sql"}};
  Config config;
  Settings settings(layers.sources, {&config.fields});
  settings.apply(config.fields);
  std::string text;
  for (const auto& line : settings.resolved(config.fields))
    text += line.key + "=" + line.value + " (" + line.origin.place + ")\n";
  CHECK(text == "restem.iterations=50 (default)\n"
                "restem.threshold=0.25 (default)\n"
                "restem.dry_run=false (default)\n"
                "llm.model=*** (QUILL_LLM_MODEL)\n"
                "restem.measure=time (default)\n"
                "restem.out=data (default)\n"
                "restem.seed=3 (--seed)\n"
                "restem.budget_usd=null (default)\n"
                "restem.note=null (default)\n"
                "restem.tags= (default)\n"
                "query=q.sql (query)\n");
}

TEST_CASE("secrets come from the environment or .env, and are blanked from then on", "[core]") {
  Layers layers;
  layers.write(".env", "OPENAI_API_KEY=\"sk-from-dotenv\"\nHF_TOKEN=\nAWS_KEY=foreign-words\n");
  layers.sources.environment = {{"ANTHROPIC_API_KEY", " sk-from-environment\n"}};
  const Settings settings(layers.sources, {});
  CHECK(settings.secret("OPENAI_API_KEY") == "sk-from-dotenv");
  CHECK(settings.secret_origin("OPENAI_API_KEY").layer == Layer::dotenv);
  CHECK(settings.secret_origin("OPENAI_API_KEY").place == layers.place(".env") + ":1");
  CHECK(settings.secret("ANTHROPIC_API_KEY") == "sk-from-environment");
  CHECK(settings.secret_origin("ANTHROPIC_API_KEY").layer == Layer::environment);
  CHECK_FALSE(settings.secret("HF_TOKEN"));
  CHECK_FALSE(settings.secret("DEEPSEEK_API_KEY"));
  CHECK(settings.secret_origin("DEEPSEEK_API_KEY").layer == Layer::preset);
  CHECK_THROWS_AS(settings.secret("AWS_KEY"), Bug);
  CHECK(redacted("sk-from-dotenv sk-from-environment foreign-words") == "*** *** foreign-words");
}

TEST_CASE("the environment's key beats the one in .env", "[core]") {
  Layers layers;
  layers.write(".env", "OPENAI_API_KEY=sk-weaker-one\n");
  layers.sources.environment = {{"OPENAI_API_KEY", "sk-stronger-one"}};
  CHECK(Settings(layers.sources, {}).secret("OPENAI_API_KEY") == "sk-stronger-one");
  layers.sources.environment = {{"OPENAI_API_KEY", ""}};
  CHECK(Settings(layers.sources, {}).secret("OPENAI_API_KEY") == "sk-weaker-one");
}

TEST_CASE("a .env that holds a key and that others may read is refused", "[core]") {
  const Layers layers;
  for (const mode_t mode : {0644, 0640, 0604, 0660}) {
    layers.write(".env", "OPENAI_API_KEY=sk-open-to-all\n", mode);
    const std::string error = layers.error();
    CHECK_THAT(error, Catch::StartsWith("error: it holds a key and others may read it (mode "));
    CHECK_THAT(error, Catch::EndsWith("  where: .env\n  fix:   chmod 600 .env\n"));
    CHECK(error.find("sk-open") == std::string::npos);
  }
  layers.write(".env", "OPENAI_API_KEY=sk-open-to-all\n", 0400);
  CHECK(layers.error().empty());
  layers.write(".env", "OPENAI_API_KEY=\nQUILL_LLM_MODEL=m\n", 0644); // no key in it
  CHECK(layers.error().empty());
}

TEST_CASE("a secret in a config file is refused without being quoted", "[core]") {
  for (const char* key : {"openai_api_key", "llm.api_key", "llm.api-key", "OPENAI_API_KEY"}) {
    const std::string error = error_of_toml(std::string(key) + " = \"sk-in-a-file\"\n");
    CHECK_THAT(error, Catch::Contains("looks like a secret, and a config file may not hold one"));
    CHECK(error.find("sk-in-a-file") == std::string::npos);
  }
}

TEST_CASE(".env lines: export, quotes, escapes and comments", "[core]") {
  std::string shown;
  for (const auto& line : parse_dotenv("# comment\n\n  export A=1\nB = two words # tail\r\n"
                                       "C='$x # no'\nD=\"a\\n\\\"b\\\" # no\" # yes\nE=\nF=a#b\n"
                                       "G==",
                                       "f"))
    shown += line.place + " " + line.name + "=[" + line.texts.front() + "]\n";
  CHECK(shown == "f:3 A=[1]\nf:4 B=[two words]\nf:5 C=[$x # no]\nf:6 D=[a\n\"b\" # no]\nf:7 E=[]\n"
                 "f:8 F=[a#b]\nf:9 G=[=]\n");
}

TEST_CASE("a broken .env line is named by number, and its text is not quoted", "[core]") {
  for (const auto& [text, what] : std::vector<std::pair<std::string, std::string>>{
           {"sk-just-a-key", "a line without ="},
           {"=sk-no-name", "no variable name before ="},
           {"1A=sk-bad-name", "no variable name before ="},
           {"A=\"sk-open", "a double quote is not closed"},
           {"A='sk-open", "a single quote is not closed"},
           {"A=\"a\" sk-tail", "text after the closing quote"}}) {
    try {
      static_cast<void>(parse_dotenv("X=1\n" + text, ".env"));
      FAIL("taken: " << text);
    } catch (const Error& error) {
      CHECK(error.format() ==
            "error: " + what + "\n  where: .env:2\n  fix:   write KEY=value, one a line\n");
    }
  }
}

TEST_CASE("a key's variable is QUILL_ and the key in capitals", "[core]") {
  CHECK(environment_name("llm.provider") == "QUILL_LLM_PROVIDER");
  CHECK(environment_name("restem.few-shot") == "QUILL_RESTEM_FEW_SHOT");
}

TEST_CASE("flags come from names with dashes, and a field without help is a bug", "[core]") {
  Config config;
  CHECK(config.fields.all()[2].flag == "--dry-run");
  CHECK(config.fields.all()[2].key == "restem.dry_run");
  CHECK(config.fields.all()[3].key == "llm.model");
  CHECK(config.fields.all().back().flag == "query");
  CHECK_THROWS_AS(config.fields.add("x", &config.query, ""), Bug);
}
