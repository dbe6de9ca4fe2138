#include "optimize/explains.hpp"

#include <fmt/format.h>

#include "optimize/known_json.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/sql/parse.hpp"

namespace quill::optimize {

namespace {

Explained of_engine(const std::string& json, engine::Engine engine, const std::string& where) {
  engine::Plan plan;
  plan.ok = true;
  plan.json = json;
  Explained out{
      .sha256 = {}, .status = "ok", .message = {}, .ms = {}, .rows = {}, .understanding = {}};
  out.understanding.unit = "ms";
  out.understanding.plan = plan_nodes(plan, engine);
  if (out.understanding.plan.empty())
    throw Error{
        Exit::usage,
        {.what = "this is no plan",
         .where = where,
         .fix = "give explains/ of a suite, or the JSON of EXPLAIN (ANALYZE, FORMAT JSON)"}};
  double total = 0;
  for (const PlanNode& node : out.understanding.plan)
    total += node.ms.value_or(0);
  out.understanding.total = total;
  return out;
}

} // namespace

std::filesystem::path explain_file(const std::filesystem::path& folder, std::string_view id) {
  return folder / fmt::format("{}.json", id);
}

Json to_json(const Explained& explained) {
  return {{"format_version", kFormatVersion},
          {"sha256", explained.sha256},
          {"status", explained.status},
          {"message", explained.message},
          {"ms", explained.ms ? Json(*explained.ms) : Json(nullptr)},
          {"rows", explained.rows ? Json(*explained.rows) : Json(nullptr)},
          {"understanding", to_json(explained.understanding)}};
}

std::optional<Explained> read_explained(const std::filesystem::path& file, engine::Engine engine) {
  if (!std::filesystem::exists(file))
    return std::nullopt;
  const auto where = file.string();
  const std::string bytes = read_file(file);
  const Json document = parse_json(bytes, where);
  if (!document.is_object() || !document.contains("understanding"))
    return of_engine(bytes, engine, where);
  const JsonObject object(document, where);
  Explained out{.sha256 = object.text("sha256"),
                .status = object.text("status"),
                .message = object.text_or("message", ""),
                .ms = number_or_null(document, "ms"),
                .rows = {},
                .understanding = understanding_from(object.at("understanding"), where)};
  if (object.at("rows").is_number())
    out.rows = object.integer("rows");
  return out;
}

Explained explain(const QueryText& query, engine::Session& session, const engine::Limits& limits) {
  const auto before = session.sample(query.text, limits);
  Explained out{.sha256 = sha256_hex(query.text),
                .status = std::string(engine::to_string(before.status)),
                .message = before.message,
                .ms = {},
                .rows = {},
                .understanding = {}};
  if (before.status == engine::Status::ok) {
    out.ms = before.elapsed_ms;
    out.rows = before.row_count;
  }
  auto tree = sql::parse(engine::dialect_of(session.engine()), query.text, session.grammar());
  out.understanding =
      understand(query.text, tree ? tree.value().get() : nullptr, before, session, limits);
  return out;
}

} // namespace quill::optimize
