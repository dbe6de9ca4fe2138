#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

std::string Example::script() const {
  std::string text;
  for (const std::string& index : indexes)
    text += index + ";\n";
  return text + after;
}

Json to_json(const Example& example) {
  Json value;
  value["format_version"] = kFormatVersion;
  value["id"] = example.id;
  value["database"] = text_or_null(example.database);
  value["schema"] = example.schema;
  value["before"] = example.before;
  value["after"] = example.script();
  value["indexes"] = example.indexes;
  value["needs"] = example.needs.empty() ? Json(nullptr) : sql::to_json(example.needs);
  value["type"] = example.type;
  value["rule"] = example.rule;
  value["explanation"] = example.explanation;
  value["speedup"] = number_or_null(example.speedup);
  value["reward"] = number_or_null(example.reward);
  value["readability"] = number_or_null(example.readability);
  value["provider"] = example.provider;
  value["model"] = text_or_null(example.model);
  value["iteration"] = example.iteration;
  value["measure"] = example.measure;
  value["engine"] = example.engine;
  value["prompt_sha256"] = text_or_null(example.prompt_sha256);
  value["fingerprint"] = example.fingerprint;
  if (!example.renamed_from.empty())
    value["renamed_from"] = example.renamed_from;
  return value;
}

namespace {

void take_script(Example& example, const std::string& script, const std::string& where) {
  sql::Pair pair;
  const auto taken = sql::set_after(pair, script);
  if (!taken)
    throw Error{Exit::usage,
                {.what = fmt::format("\"after\" cannot be read: {}", taken.failure().what),
                 .where = where,
                 .fix = "\"after\" is one statement, CREATE INDEX statements may stand before it"}};
  example.after = pair.after;
  example.indexes = pair.indexes;
}

} // namespace

Example example_from_json(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Example example;
  example.id = object.text("id");
  example.database = optional_text(object, "database");
  example.schema = object.text("schema");
  example.before = object.text("before");
  take_script(example, object.text("after"), where);
  if (object.has("needs") && !object.at("needs").is_null())
    example.needs = sql::needs_from_json(object.at("needs"), where);
  example.type = object.text("type");
  example.rule = object.text("rule");
  example.explanation = object.text("explanation");
  example.speedup = optional_number(object, "speedup");
  example.reward = optional_number(object, "reward");
  example.readability = optional_number(object, "readability");
  example.provider = object.text("provider");
  example.model = optional_text(object, "model");
  example.iteration = object.integer("iteration");
  example.measure = object.text_or("measure", "time");
  example.engine = object.text_or("engine", "");
  example.prompt_sha256 = optional_text(object, "prompt_sha256");
  example.fingerprint = object.text_or(
      "fingerprint", sql::pair_fingerprint(example.before, example.after, example.indexes));
  example.renamed_from = optional_text(object, "renamed_from");
  return example;
}

} // namespace quill::loop
