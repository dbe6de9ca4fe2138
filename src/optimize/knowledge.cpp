#include "quill/optimize/knowledge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "optimize/gold.hpp"
#include "optimize/shape_index.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/dialect.hpp"

namespace quill::optimize {

namespace {

/// Of text that stands in our own files.
QueryShape shape_of(const KnownRewrite& rewrite) {
  const auto tree =
      sql::parse(engine::dialect_of(rewrite.engine), rewrite.before, sql::local_grammar());
  if (!tree.ok())
    throw Error{
        Exit::usage,
        {fmt::format("before of \"{}\" is not understood: {}", rewrite.id, tree.failure().what),
         "gold", "write one SELECT in the dialect of its engine"}};
  return query_shape(*tree.value());
}

std::vector<QueryShape> shapes_of(const std::vector<KnownRewrite>& rewrites) {
  std::vector<QueryShape> shapes;
  shapes.reserve(rewrites.size());
  for (const auto& rewrite : rewrites)
    shapes.push_back(shape_of(rewrite));
  return shapes;
}

bool holds_on(const KnownRewrite& rewrite, engine::Engine engine) {
  return rewrite.engine == engine || std::ranges::find(rewrite.also, engine) != rewrite.also.end();
}

bool holds_on(const Constraint& constraint, engine::Engine engine) {
  return std::ranges::find(constraint.engines, engine) != constraint.engines.end();
}

} // namespace

struct Knowledge::Room {
  Room(std::vector<KnownRewrite> known, std::vector<Constraint> rules)
      : rewrites(std::move(known)), constraints(std::move(rules)), index(shapes_of(rewrites)) {}

  std::vector<KnownRewrite> rewrites;
  std::vector<Constraint> constraints;
  ShapeIndex index;
};

Knowledge::Knowledge(std::unique_ptr<Room> room) : room_(std::move(room)) {}
Knowledge::~Knowledge() = default;
Knowledge::Knowledge(Knowledge&&) noexcept = default;
Knowledge& Knowledge::operator=(Knowledge&&) noexcept = default;

Knowledge Knowledge::load(const std::filesystem::path& folder) {
  return Knowledge(std::make_unique<Room>(read_rewrites(folder / "gold"),
                                          read_constraints(folder / "constraints.json")));
}

Knowledge Knowledge::load_shipped() {
  return load(shipped_folder());
}

Retrieved Knowledge::retrieve(const sql::Query& query, engine::Engine engine,
                              const Wish& wish) const {
  Retrieved found;
  for (const auto& [number, distance] : room_->index.neighbours(query_shape(query))) {
    const auto& rewrite = room_->rewrites[number];
    auto& matches = rewrite.regression ? found.regressions : found.gold;
    const auto wanted = rewrite.regression ? wish.regressions : wish.gold;
    if (holds_on(rewrite, engine) && rewrite.id != wish.without && matches.size() < wanted &&
        distance <= wish.distance_max)
      matches.push_back({&rewrite, distance});
  }
  return found;
}

Result<Retrieved> Knowledge::retrieve(std::string_view sql, engine::Engine engine,
                                      const sql::Grammar& grammar, const Wish& wish) const {
  const auto tree = sql::parse(engine::dialect_of(engine), sql, grammar);
  if (!tree.ok())
    return tree.failure();
  return retrieve(*tree.value(), engine, wish);
}

const std::vector<KnownRewrite>& Knowledge::rewrites() const {
  return room_->rewrites;
}

const std::vector<Constraint>& Knowledge::constraints() const {
  return room_->constraints;
}

std::vector<const Constraint*> Knowledge::constraints_for_prompt(engine::Engine engine) const {
  using Severity = Constraint::Severity;
  std::vector<const Constraint*> ordered;
  for (const auto severity :
       {Severity::critical, Severity::high, Severity::medium, Severity::critical})
    for (const auto& constraint : room_->constraints)
      if (constraint.severity == severity && holds_on(constraint, engine))
        ordered.push_back(&constraint);
  return ordered;
}

std::string_view to_string(Constraint::Severity severity) {
  switch (severity) {
  case Constraint::Severity::critical:
    return "critical";
  case Constraint::Severity::high:
    return "high";
  case Constraint::Severity::medium:
    break;
  }
  return "medium";
}

Json to_json(const KnownRewrite& rewrite) {
  Json also = Json::array();
  for (const auto engine : rewrite.also)
    also.push_back(engine::to_string(engine));
  return {{"id", rewrite.id},
          {"kind", rewrite.regression ? "regression" : "gold"},
          {"family", rewrite.family},
          {"engine", engine::to_string(rewrite.engine)},
          {"also", std::move(also)},
          {"speedup", rewrite.speedup},
          {"principle", rewrite.principle},
          {"before", rewrite.before},
          {"after", rewrite.after}};
}

std::string schema_script(const std::filesystem::path& folder, const KnownRewrite& rewrite) {
  return read_file(folder / "gold" / "schemas" /
                       fmt::format("{}.{}.sql", rewrite.schema, engine::to_string(rewrite.engine)),
                   1U << 20U);
}

} // namespace quill::optimize
