#include "quill/core/json.hpp"

#include <fstream>

#include "catch.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

using namespace quill;

namespace {

std::string refusal(const std::string& text, int depth_max = kJsonDepthMax) {
  try {
    static_cast<void>(parse_json(text, "f.json", depth_max));
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.text().where + " " + error.text().what;
  }
  return "taken";
}

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::filesystem::path written(const ScratchFolder& folder, const std::string& text) {
  const auto path = folder.path() / "lines.jsonl";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string jsonl_refusal(const std::string& text, std::size_t line_bytes_max = 1000) {
  const ScratchFolder folder;
  const auto path = written(folder, text);
  try {
    read_jsonl(path, [](const Json&, std::size_t) {}, line_bytes_max);
  } catch (const Error& error) {
    std::string where = error.text().where;
    where.replace(where.find(folder.path().string()), folder.path().string().size() + 1, "");
    return where + " " + error.text().what;
  }
  return "taken";
}

} // namespace

TEST_CASE("a document reads back as it was written, keys in their order", "[core]") {
  const std::string text = R"({"z":1,"a":[true,null,-2,2.5,"é\u0000"],"m":{}})";
  CHECK(dump_json(parse_json(text, "t")) == text);
}

TEST_CASE("a syntax error names line and column", "[core]") {
  CHECK(refusal("{\n  \"a\": 1,\n  \"b\" 2\n}") ==
        "f.json:3:7 not valid JSON: syntax error while parsing object separator - unexpected "
        "number literal; expected ':'");
  CHECK(refusal("") == "f.json:1:1 not valid JSON: syntax error while parsing value - unexpected "
                       "end of input; expected '[', '{', or a literal");
  CHECK(refusal("[1] [2]") == "f.json:1:5 not valid JSON: syntax error while parsing value - "
                              "unexpected '['; expected end of input");
}

TEST_CASE("nesting is refused one level above the cap, not at it", "[core]") {
  CHECK(refusal(nested(64)) == "taken");
  CHECK(refusal(nested(65)) == "f.json:1:65 not valid JSON: nested deeper than 64 levels");
  CHECK(refusal(nested(2), 1) == "f.json:1:2 not valid JSON: nested deeper than 1 levels");
  CHECK(refusal("1", 0) == "taken");
}

TEST_CASE("a million brackets end at the cap, not at the stack", "[core]") {
  CHECK(refusal(std::string(1'000'000, '[')) ==
        "f.json:1:65 not valid JSON: nested deeper than 64 levels");
}

TEST_CASE("a duplicate key is refused, among few keys and among many", "[core]") {
  CHECK(refusal(R"({"a":1,"b":{"a":2},"a":3})") ==
        "f.json:1:22 not valid JSON: key \"a\" appears twice");
  std::string many = "{";
  for (int i = 0; i < 40; ++i)
    many += "\"k" + std::to_string(i) + "\":0,";
  CHECK(refusal(many + "\"last\":0}") == "taken");
  CHECK_THAT(refusal(many + "\"k0\":0}"), Catch::EndsWith("key \"k0\" appears twice"));
  CHECK_THAT(refusal(many + "\"k39\":0}"), Catch::EndsWith("key \"k39\" appears twice"));
}

TEST_CASE("100,000 keys of one object take no quadratic time", "[core]") {
  std::string text = "{\"first\":0";
  for (int i = 0; i < 100'000; ++i)
    text += ",\"k" + std::to_string(i) + "\":1";
  CHECK(parse_json(text + "}", "t").size() == 100'001);
}

TEST_CASE("invalid UTF-8, lone surrogates and numbers too large are refused", "[core]") {
  CHECK_THAT(refusal("\"\xff\""), Catch::Contains("ill-formed UTF-8"));
  CHECK_THAT(refusal("\"\\ud800\""), Catch::Contains("surrogate"));
  CHECK_THAT(refusal("[1e400]"), Catch::Contains("number overflow"));
  CHECK_THAT(refusal("[NaN]"), Catch::Contains("invalid literal"));
}

TEST_CASE("a long bad token is quoted in part", "[core]") {
  CHECK(refusal("[\"" + std::string(100'000, 'x')).size() < 400);
}

TEST_CASE("what JSON cannot hold is written in a way that never throws", "[core]") {
  CHECK(dump_json("a\xff") == "\"a\xef\xbf\xbd\""); // U+FFFD
  CHECK(dump_json(1.0 / 0.0) == "null");
  CHECK(dump_json(Json{{"a", 0.1}, {"b", 3.0}}) == R"({"a":0.1,"b":3.0})");
  CHECK(dump_json(Json::array({1, 2}), 1) == "[\n 1,\n 2\n]");
}

TEST_CASE("JSONL lines come one at a time with their numbers, blank ones skipped", "[core]") {
  const ScratchFolder folder;
  const auto path = written(folder, "{\"a\":1}\n\n  \r\n[2]\r\n3");
  std::string seen;
  read_jsonl(path, [&](const Json& value, std::size_t number) {
    seen += std::to_string(number) + "=" + dump_json(value) + " ";
  });
  CHECK(seen == "1={\"a\":1} 4=[2] 5=3 ");
}

TEST_CASE("a bad JSONL line is named by file, line and column", "[core]") {
  CHECK_THAT(jsonl_refusal("{}\n{\"a\" 1}\n"),
             Catch::StartsWith("lines.jsonl:2:6 not valid JSON:"));
}

TEST_CASE("a JSONL line above the cap is refused before it is parsed", "[core]") {
  CHECK(jsonl_refusal("1\n" + std::string(11, ' '), 10) ==
        "lines.jsonl:2 line longer than 10 bytes");
  CHECK(jsonl_refusal("[" + std::string(8, ' ') + "]\n", 10) == "taken");
}

TEST_CASE("lines longer than the read buffer arrive whole", "[core]") {
  const ScratchFolder folder;
  const std::string text(200'000, 'x');
  const auto path = written(folder, "\"" + text + "\"\n\"y\"\n");
  std::vector<std::string> seen;
  read_jsonl(path,
             [&](const Json& value, std::size_t) { seen.push_back(value.get<std::string>()); });
  CHECK(seen == std::vector<std::string>{text, "y"});
}

TEST_CASE("a JSONL file that is not there or is a folder is an input error", "[core]") {
  const ScratchFolder folder;
  const auto ignore = [](const Json&, std::size_t) {};
  CHECK_THROWS_WITH(read_jsonl(folder.path() / "none", ignore),
                    "cannot read the file: No such file or directory");
  CHECK_THROWS_WITH(read_jsonl(folder.path(), ignore), "cannot read the file: it is a folder");
}
