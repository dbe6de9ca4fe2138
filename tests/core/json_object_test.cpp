#include "catch.hpp"
#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

using namespace quill;

namespace {

const Json kValue = parse_json(R"({
  "name": "shop", "rows": 10, "rows_float": 3.0, "half": 3.9, "minus": -1, "none": null,
  "huge": 18446744073709551615, "beyond": 1e300, "on": true, "tags": ["a", "b"], "mixed": ["a", 1],
  "object": {}
})",
                               "test");

template <class Read> std::string refusal(Read read) {
  const JsonObject object(kValue, "b.json");
  try {
    static_cast<void>(read(object));
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().where == "b.json");
    return error.text().what + " | " + error.text().fix;
  }
  return "taken";
}

} // namespace

TEST_CASE("members come out by name and type", "[core]") {
  const JsonObject object(kValue, "b.json");
  CHECK(object.text("name") == "shop");
  CHECK(object.integer("rows") == 10);
  CHECK(object.integer("minus") == -1);
  CHECK(object.integer("rows_float") == 3); // 3.0 is a whole number
  CHECK(object.number("rows") == 10.0);
  CHECK(object.number("half") == 3.9);
  CHECK(object.boolean_or("on", false));
  CHECK(object.texts_or_empty("tags") == std::vector<std::string>{"a", "b"});
  CHECK(object.has("none"));
  CHECK_FALSE(object.has("nane"));
}

TEST_CASE("an absent or null member gives the fallback", "[core]") {
  const JsonObject object(kValue, "b.json");
  for (const char* key : {"absent", "none"}) {
    CHECK(object.text_or(key, "x") == "x");
    CHECK(object.integer_or(key, 5) == 5);
    CHECK(object.number_or(key, 0.5) == 0.5);
    CHECK(object.boolean_or(key, true));
    CHECK(object.texts_or_empty(key).empty());
  }
}

TEST_CASE("no number is bent to fit a whole number", "[core]") {
  CHECK(refusal([](auto& o) { return o.integer("half"); }) ==
        "\"half\" is 3.9, not a whole number | write a whole number there");
  CHECK(refusal([](auto& o) { return o.integer("huge"); }) ==
        "\"huge\" is 18446744073709551615, not a whole number of 64 bits | write a whole number of "
        "64 bits there");
  CHECK(refusal([](auto& o) { return o.integer("beyond"); }) ==
        "\"beyond\" is 1e+300, not a whole number | write a whole number there");
}

TEST_CASE("a wrong type is refused with what stands there, fallback or not", "[core]") {
  CHECK(refusal([](auto& o) { return o.text("rows"); }) ==
        "\"rows\" is 10, not a text | write a text there");
  CHECK(refusal([](auto& o) { return o.text_or("object", "x"); }) ==
        "\"object\" is an object, not a text | write a text there");
  CHECK(refusal([](auto& o) { return o.number_or("name", 1); }) ==
        "\"name\" is \"shop\", not a number | write a number there");
  CHECK(refusal([](auto& o) { return o.boolean_or("rows", true); }) ==
        "\"rows\" is 10, not true or false | write true or false there");
  CHECK(refusal([](auto& o) { return o.integer("none"); }) ==
        "\"none\" is null, not a whole number | write a whole number there");
  CHECK(refusal([](auto& o) { return o.texts_or_empty("name"); }) ==
        "\"name\" is \"shop\", not a list of texts | write a list of texts there");
  CHECK(refusal([](auto& o) { return o.texts_or_empty("mixed"); }) ==
        "\"mixed\" is a list, not a list of texts only | write a list of texts only there");
}

TEST_CASE("a missing key is named, with the one that may have been meant", "[core]") {
  CHECK(refusal([](auto& o) { return o.at("nme"); }) ==
        "key \"nme\" is missing | is \"name\" meant to be \"nme\"?");
  CHECK(refusal([](auto& o) { return o.at("distribution"); }) ==
        "key \"distribution\" is missing | add \"distribution\"");
}

TEST_CASE("an unknown key is named, with the nearest known one", "[core]") {
  const Json value = {{"iterations", 1}, {"sed", 2}};
  const JsonObject object(value, "c.json");
  CHECK_NOTHROW(object.refuse_unknown({"iterations", "sed"}));
  try {
    object.refuse_unknown({"iterations", "seed"});
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(error.format() == "error: unknown key \"sed\"\n"
                            "  where: c.json\n"
                            "  fix:   did you mean \"seed\"?\n");
  }
}

TEST_CASE("what is not an object is refused at the door", "[core]") {
  const Json list = Json::array();
  CHECK_THROWS_WITH(JsonObject(list, "d.json"), "expected an object, found a list");
  const Json text = "x";
  CHECK_THROWS_WITH(JsonObject(text, "d.json"), "expected an object, found \"x\"");
}
