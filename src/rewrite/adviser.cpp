#include "rewrite/adviser.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "rewrite/index_shape.hpp"

namespace quill::rewrite {

namespace {

constexpr std::size_t kAdviceMax = 24;
constexpr double kCostCutMin = 2;       // an estimate that promises less is not worth a build
constexpr std::size_t kSinglesMax = 10; // tried two and three at a time
constexpr std::size_t kPartnersMax = 3; // indexes of one table that are tried together with others

bool uses(const Choice& choice, const std::string& name) {
  return choice.ok && std::find(choice.indexes_used.begin(), choice.indexes_used.end(), name) !=
                          choice.indexes_used.end();
}

struct Used {
  const IndexShape* shape;
  double effort;
};

/// What the planner takes when it is the only index there, least effort first.
std::vector<Used> used_alone(const std::vector<IndexShape>& shapes, const std::string& statement,
                             Planner& planner) {
  std::vector<Used> used;
  for (const auto& shape : shapes) {
    const auto choice = planner.choose(statement, {shape.create});
    if (uses(choice, shape.name))
      used.push_back({&shape, choice.effort});
  }
  std::stable_sort(used.begin(), used.end(),
                   [](const Used& a, const Used& b) { return a.effort < b.effort; });
  return used;
}

std::string_view purpose(const std::string& kind) {
  if (kind == "covering")
    return "holds every column the statement reads of the table, so its rows are not visited";
  if (kind == "partial")
    return "holds only the rows that the statement's own condition lets through";
  if (kind == "expression")
    return "holds the computed value that the statement compares or groups by";
  if (kind == "composite")
    return "takes equality, range and order in one search";
  return "is searched instead of scanning the table";
}

Advice alone(const Used& used) {
  return {"index-" + used.shape->kind,
          {used.shape->create},
          fmt::format("The index {} {}.", used.shape->name, purpose(used.shape->kind)),
          used.effort};
}

/// Two indexes of different tables that the planner uses together.
std::vector<Advice> used_together(const std::vector<Used>& used, const std::string& statement,
                                  Planner& planner) {
  std::map<std::string, std::vector<const Used*>> best; // by table
  for (const auto& one : used)
    if (auto& list = best[one.shape->table]; list.size() < kPartnersMax)
      list.push_back(&one);
  std::vector<Advice> out;
  for (auto a = best.begin(); a != best.end(); ++a)
    for (auto b = std::next(a); b != best.end(); ++b)
      for (const auto* x : a->second)
        for (const auto* y : b->second) {
          const auto choice = planner.choose(statement, {x->shape->create, y->shape->create});
          if (!uses(choice, x->shape->name) || !uses(choice, y->shape->name))
            continue;
          out.push_back(
              {fmt::format("index-{}+index-{}", x->shape->kind, y->shape->kind),
               {x->shape->create, y->shape->create},
               fmt::format("The index {} {}, and {} {}.", x->shape->name, purpose(x->shape->kind),
                           y->shape->name, purpose(y->shape->kind)),
               choice.effort});
        }
  return out;
}

Advice together(const std::vector<const IndexShape*>& shapes, double effort) {
  Advice advice;
  advice.effort = effort;
  for (const auto* shape : shapes) {
    const bool first = advice.indexes.empty();
    advice.rule += (first ? "index-" : "+index-") + shape->kind;
    advice.indexes.push_back(shape->create);
    advice.reason +=
        fmt::format("{}{} {}", first ? "The index " : ", and ", shape->name, purpose(shape->kind));
  }
  advice.reason += ".";
  return advice;
}

/// Single-column indexes that the planner takes only side by side: one finds the rows of a table,
/// the other their partners; an OR across tables wants both and more.
class SideBySide {
 public:
  SideBySide(const std::vector<IndexShape>& shapes, const std::string& statement, Planner& planner)
      : statement_(statement), planner_(planner) {
    for (const auto& shape : shapes)
      if (shape.kind == "single" && singles_.size() < kSinglesMax)
        singles_.push_back(&shape);
  }

  std::vector<Advice> find() {
    for (std::size_t a = 0; a < singles_.size(); ++a)
      for (std::size_t b = a + 1; b < singles_.size(); ++b)
        try_set({singles_[a], singles_[b]});
    std::stable_sort(sets_.begin(), sets_.end(),
                     [](const Set& a, const Set& b) { return a.effort < b.effort; });
    const auto pairs = std::vector<Set>(
        sets_.begin(), sets_.begin() + static_cast<std::ptrdiff_t>(
                                           std::min<std::size_t>(sets_.size(), kPartnersMax)));
    for (const auto& pair : pairs)
      for (const auto* third : singles_)
        if (third != pair.shapes[0] && third != pair.shapes[1])
          try_set({pair.shapes[0], pair.shapes[1], third});
    std::vector<Advice> out;
    for (const auto& set : sets_)
      out.push_back(together(set.shapes, set.effort));
    return out;
  }

 private:
  struct Set {
    std::vector<const IndexShape*> shapes;
    double effort = 0;
  };

  void try_set(std::vector<const IndexShape*> shapes) {
    std::vector<std::string> creates;
    for (const auto* shape : shapes)
      creates.push_back(shape->create);
    const auto choice = planner_.choose(statement_, creates);
    if (std::all_of(shapes.begin(), shapes.end(),
                    [&](const IndexShape* shape) { return uses(choice, shape->name); }))
      sets_.push_back({std::move(shapes), choice.effort});
  }

  const std::string& statement_;
  Planner& planner_;
  std::vector<const IndexShape*> singles_;
  std::vector<Set> sets_;
};

} // namespace

std::vector<Advice> advise(const Subject& subject, Planner& planner, std::size_t count_max) {
  if (!subject.tree || !planner.why_blind(subject.text).empty())
    return {};
  const auto shapes = index_shapes(accesses(subject));
  const auto used = used_alone(shapes, subject.text, planner);
  std::vector<Advice> all;
  for (const auto& one : used)
    all.push_back(alone(one));
  for (auto& pair : used_together(used, subject.text, planner))
    all.push_back(std::move(pair));
  for (auto& set : SideBySide(shapes, subject.text, planner).find())
    all.push_back(std::move(set));
  std::stable_sort(all.begin(), all.end(),
                   [](const Advice& a, const Advice& b) { return a.effort < b.effort; });
  if (all.size() > count_max)
    all.resize(count_max);
  return all;
}

std::vector<Proposal> advise_indexes(const Subject& subject, engine::Session& session) {
  Planner planner(session);
  std::vector<Proposal> out;
  for (auto& advice : advise(subject, planner, kAdviceMax))
    out.push_back({std::move(advice.rule), "indexing", subject.text, std::move(advice.indexes),
                   std::move(advice.reason)});
  return out;
}

Result<SupposedIndexes> suppose_indexes(const Subject& subject, engine::Session& session) {
  Planner planner(session);
  if (auto why = planner.why_blind(subject.text); !why.empty())
    return Failure{std::move(why)};
  SupposedIndexes best;
  best.cost_before = best.cost_after = session.suppose(subject.text, {}).cost;
  auto advice = advise(subject, planner, 1);
  if (advice.empty() || advice.front().effort > best.cost_before / kCostCutMin)
    return best;
  best.indexes = std::move(advice.front().indexes);
  best.explanation = std::move(advice.front().reason);
  best.cost_after = advice.front().effort;
  return best;
}

} // namespace quill::rewrite
