#include "quill/sql/diff.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "quill/sql/block_graph.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/similarity.hpp"
#include "sql/names.hpp"
#include "sql/printer.hpp"

namespace quill::sql {
namespace {

using Texts = std::vector<std::string>;

/// A clause of a block as the texts of its parts.
struct Clause {
  std::string name = {};
  Texts parts = {};
  std::string glue = ", ";
  bool ordered = false; ///< moving a part is a change too
};

/// Blocks of the two queries that stand for each other.
struct Counterparts {
  const Block* before;
  const Block* after;
};

/// The clauses of one block, nested queries with a counterpart left out.
class Clauses {
 public:
  explicit Clauses(const std::set<const Query*>& left_out) : left_out_(left_out) {}

  std::vector<Clause> of(const Block& block) {
    if (const auto* select = std::get_if<Select>(&block.body->node))
      of(*select);
    else if (const auto* set = std::get_if<SetOperation>(&block.body->node))
      result_.push_back({"set operation", {set_text(*set)}});
    else if (const auto* rows = std::get_if<Values>(&block.body->node))
      result_.push_back({"VALUES", rows_of(*rows), ", ", true});
    if (block.kind != Block::Kind::arm || !is_shared(block))
      tail(*block.query);
    return std::move(result_);
  }

 private:
  static bool is_shared(const Block& arm) { return arm.body != &arm.query->body; }

  template <class Print> std::string text(const Print& print) {
    Printer printer(false, Dialect::sqlite);
    printer.leave_out(left_out_);
    print(printer);
    return printer.take();
  }
  std::string text(const Expr& expr, int strength = 0) {
    return text([&](Printer& p) { p.expr(expr, strength); });
  }
  Texts texts(const std::vector<ExprPtr>& list) {
    Texts result;
    for (const auto& expr : list)
      result.push_back(text(*expr));
    return result;
  }
  Texts conjunct_texts(const ExprPtr& condition) {
    const auto parts = conjuncts(condition.get());
    Texts result;
    for (const auto* part : parts)
      result.push_back(text(*part, parts.size() > 1 ? 3 : 0)); // OR in parentheses
    return result;
  }

  static std::string set_text(const SetOperation& set) {
    const char* word = set.kind == SetOperation::Kind::union_      ? "UNION"
                       : set.kind == SetOperation::Kind::intersect ? "INTERSECT"
                                                                   : "EXCEPT";
    const auto* inner = std::get_if<SetOperation>(&set.left->node);
    return (inner ? set_text(*inner) + ", " : "") + word + (set.all ? " ALL" : "");
  }

  Texts rows_of(const Values& values) {
    Texts result;
    for (const auto& row : values.rows)
      result.push_back(fmt::format("({})", fmt::join(texts(row), ", ")));
    return result;
  }

  void of(const Select& select) {
    Clause items{"SELECT", {}, ", ", true};
    for (const auto& item : select.items)
      items.parts.push_back(text([&](Printer& p) { p.item(item); }));
    result_.push_back({"DISTINCT", {}});
    if (select.distinct)
      result_.back().parts.push_back(
          select.distinct_on.empty()
              ? "DISTINCT"
              : fmt::format("DISTINCT ON ({})", fmt::join(texts(select.distinct_on), ", ")));
    result_.push_back(std::move(items));
    result_.push_back({"FROM", {}, " ", true});
    if (select.from)
      sources(*select.from, result_.back().parts);
    result_.push_back({"WHERE", conjunct_texts(select.where), " AND "});
    result_.push_back({"GROUP BY", texts(select.group_by)});
    result_.push_back({"HAVING", conjunct_texts(select.having), " AND "});
  }

  void sources(const From& from, Texts& parts) {
    const auto* join = std::get_if<Join>(&from.node);
    if (!join) {
      parts.push_back(text([&](Printer& p) { p.source(from, true); }));
      return;
    }
    sources(*join->left, parts);
    const bool comma = join->kind == Join::Kind::comma && !join->on && !join->natural;
    parts.push_back((comma ? ", " : "") + text([&](Printer& p) {
                      if (!comma)
                        p.join_word(*join);
                      p.source(*join->right, true);
                      p.join_condition(*join);
                    }));
  }

  void tail(const Query& query) {
    result_.push_back({"WINDOW", {}});
    for (const auto& named : query.windows)
      result_.back().parts.push_back(quoted_name(named.name) + " AS " +
                                     text([&](Printer& p) { p.window(named.window); }));
    result_.push_back({"ORDER BY", {}, ", ", true});
    for (const auto& term : query.order_by) {
      std::vector<OrderTerm> one;
      one.push_back(clone(term));
      result_.back().parts.push_back(text([&](Printer& p) { p.order(one); }));
    }
    result_.push_back({"LIMIT", {}});
    if (query.limit)
      result_.back().parts.push_back(text(*query.limit) + (query.with_ties ? " WITH TIES" : ""));
    result_.push_back({"OFFSET", {}});
    if (query.offset)
      result_.back().parts.push_back(text(*query.offset));
  }

  const std::set<const Query*>& left_out_;
  std::vector<Clause> result_;
};

/// Parts of `a` that `b` lacks, doubles counted.
Texts missing(const Texts& a, const Texts& b) {
  std::map<std::string, int> held;
  for (const auto& text : b)
    ++held[text];
  Texts result;
  for (const auto& text : a)
    if (held[text]-- <= 0)
      result.push_back(text);
  return result;
}

class Differ {
 public:
  Differ(const Query& before, const Query& after)
      : before_(block_graph(before)), after_(block_graph(after)), whole_before_(before),
        whole_after_(after) {}

  std::vector<Change> run() {
    if (equal(whole_before_, whole_after_))
      return {};
    match();
    for (const auto& pair : matches_)
      compare(pair);
    for (const auto* block : unmatched(before_))
      whole(*block, Change::Kind::removed);
    for (const auto* block : unmatched(after_))
      whole(*block, Change::Kind::added);
    with_flags();
    if (changes_.empty()) // told apart by what no clause shows
      changes_.push_back({Change::Kind::changed, "", "query", print(whole_before_, Dialect::sqlite),
                          print(whole_after_, Dialect::sqlite)});
    return std::move(changes_);
  }

 private:
  void match() {
    pair_up(before_.outermost(), after_.outermost());
    for (auto i = before_.blocks.rbegin(); i != before_.blocks.rend(); ++i)
      if (!paired_.contains(&*i))
        if (const auto* other = counterpart(*i))
          pair_up(*i, *other);
  }

  void pair_up(const Block& a, const Block& b) {
    matches_.push_back({&a, &b});
    paired_.insert(&a);
    paired_.insert(&b);
    if (a.body == &a.query->body && b.body == &b.query->body) {
      left_out_.insert(a.query);
      left_out_.insert(b.query);
    }
  }

  /// By name; a sub-query by its likeness, since its number says little.
  const Block* counterpart(const Block& block) {
    const Block* best = nullptr;
    double likeness = 0.3; // less is another query
    for (const auto& other : after_.blocks) {
      if (other.kind != block.kind || paired_.contains(&other))
        continue;
      const bool numbered = block.kind == Block::Kind::subquery || block.name.empty();
      if (!numbered && !same_name(other.name, block.name))
        continue;
      const auto now = numbered ? similarity(profile(block), profile(other)) : 1.0;
      if (now > likeness) {
        likeness = now;
        best = &other;
      }
    }
    return best;
  }

  const GramProfile& profile(const Block& block) {
    auto& known = profiles_[block.query];
    if (known.grams.empty())
      known = gram_profile(*block.query, Detail{});
    return known;
  }

  void compare(const Counterparts& pair) {
    const auto a = Clauses(left_out_).of(*pair.before);
    const auto b = Clauses(left_out_).of(*pair.after);
    const auto block = pair.after->kind == Block::Kind::outermost ? "" : to_text(*pair.after);
    Texts names;
    for (const auto* list : {&a, &b})
      for (const auto& clause : *list)
        if (std::ranges::find(names, clause.name) == names.end())
          names.push_back(clause.name);
    static const Clause kNone{};
    const auto named = [](const std::vector<Clause>& list, const std::string& name) -> auto& {
      const auto found = std::ranges::find(list, name, &Clause::name);
      return found == list.end() ? kNone : *found;
    };
    for (const auto& name : names)
      compare(block, name, named(a, name), named(b, name));
  }

  void compare(const std::string& block, const std::string& name, const Clause& a,
               const Clause& b) {
    auto gone = missing(a.parts, b.parts);
    auto come = missing(b.parts, a.parts);
    const auto& glue = a.parts.empty() ? b.glue : a.glue;
    if (gone.empty() && come.empty()) {
      const bool moved = (a.ordered || b.ordered) && a.parts != b.parts;
      if (moved)
        add(Change::Kind::changed, block, name, a.parts, b.parts, glue);
      return;
    }
    const auto kind = gone.empty()   ? Change::Kind::added
                      : come.empty() ? Change::Kind::removed
                                     : Change::Kind::changed;
    add(kind, block, name, gone, come, glue);
  }

  void add(Change::Kind kind, const std::string& block, const std::string& clause, const Texts& a,
           const Texts& b, const std::string& glue) {
    changes_.push_back({kind, block, clause, fmt::format("{}", fmt::join(a, glue)),
                        fmt::format("{}", fmt::join(b, glue))});
  }

  /// Outermost of what has no counterpart: what stands in it goes with it.
  std::vector<const Block*> unmatched(const BlockGraph& graph) {
    std::vector<const Block*> result;
    for (const auto& block : graph.blocks) {
      const bool told = block.kind == Block::Kind::cte || block.kind == Block::Kind::arm;
      if (told && !paired_.contains(&block) && !stands_in_unpaired(graph, block))
        result.push_back(&block);
    }
    return result;
  }

  bool stands_in_unpaired(const BlockGraph& graph, const Block& block) const {
    const auto at = static_cast<std::size_t>(&block - graph.blocks.data());
    return block.kind == Block::Kind::arm &&
           std::ranges::any_of(graph.blocks, [&](const Block& reader) {
             return !paired_.contains(&reader) &&
                    std::ranges::find(reader.reads, at) != reader.reads.end();
           });
  }

  void whole(const Block& block, Change::Kind kind) {
    Query only;
    only.body = clone(*block.body);
    auto text = block.body == &block.query->body ? print(*block.query, Dialect::sqlite)
                                                 : print(only, Dialect::sqlite);
    Change change{kind, to_text(block), "", "", ""};
    (kind == Change::Kind::added ? change.after : change.before) = std::move(text);
    changes_.push_back(std::move(change));
  }

  void with_flags() {
    const auto flags = [](const Query& query) {
      Texts result;
      if (query.recursive)
        result.emplace_back("RECURSIVE");
      for (const auto& cte : query.with)
        if (cte.materialized)
          result.push_back(cte.name + (*cte.materialized ? " MATERIALIZED" : " NOT MATERIALIZED"));
      return result;
    };
    compare("", "WITH", {"WITH", flags(whole_before_)}, {"WITH", flags(whole_after_)});
  }

  BlockGraph before_, after_;
  const Query& whole_before_;
  const Query& whole_after_;
  std::vector<Counterparts> matches_;
  std::set<const Block*> paired_;
  std::set<const Query*> left_out_;
  std::map<const Query*, GramProfile> profiles_;
  std::vector<Change> changes_;
};

std::string cut(const std::string& text, std::size_t width) {
  if (text.size() <= width)
    return text;
  auto end = width;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end; // not inside a character
  return text.substr(0, end) + "…";
}

} // namespace

std::vector<Change> diff(const Query& before, const Query& after) {
  return Differ(before, after).run();
}

std::string to_text(const Change& change, std::size_t width) {
  const auto place = change.block.empty()    ? change.clause
                     : change.clause.empty() ? change.block
                                             : change.block + ", " + change.clause;
  switch (change.kind) {
  case Change::Kind::added:
    return fmt::format("{}: {} added", place, cut(change.after, width));
  case Change::Kind::removed:
    return fmt::format("{}: {} removed", place, cut(change.before, width));
  case Change::Kind::changed:
    break;
  }
  return fmt::format("{}: {} became {}", place, cut(change.before, width),
                     cut(change.after, width));
}

} // namespace quill::sql
