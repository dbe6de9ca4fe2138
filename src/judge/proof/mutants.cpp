#include "judge/proof/mutants.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <utility>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge::proof {

namespace {

using sql::Expr;
using sql::ExprPtr;

constexpr bool kWeak = true;

/// Counts the places where something can be changed, and changes one of them.
class Mutator {
 public:
  explicit Mutator(std::size_t wanted) : wanted_(wanted) {}

  /// False when there are fewer places.
  bool apply(sql::Query& query) {
    sql::walk_queries(query, [&](sql::Query& block) { change_block(block); });
    sql::walk(query, [&](Expr& expr) {
      change(expr);
      return sql::Descend::yes;
    });
    return done_;
  }
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] bool weak() const { return weak_; }

 private:
  bool here(const char* what, bool weak = false) {
    if (done_ || next_++ != wanted_)
      return false;
    done_ = true;
    what_ = what;
    weak_ = weak;
    return true;
  }

  // ---- clauses ----

  void change_block(sql::Query& query) {
    change_body(query.body);
    for (auto& term : query.order_by)
      if (here("other direction in ORDER BY", kWeak))
        term.descending = !term.descending;
    if (query.order_by.size() > 1 && here("last key of ORDER BY left out", kWeak))
      query.order_by.pop_back();
    if (query.limit && here("LIMIT left out"))
      query.limit.reset(), query.offset.reset();
    else if (query.offset && here("OFFSET left out"))
      query.offset.reset();
  }

  void change_body(sql::Body& body) {
    if (auto* set = std::get_if<sql::SetOperation>(&body.node)) {
      if (here("ALL of a set operation", kWeak)) {
        if (set->kind == sql::SetOperation::Kind::union_)
          set->all = !set->all;
        else
          set->kind = sql::SetOperation::Kind::union_;
      }
      change_body(*set->left);
      change_body(*set->right);
    } else if (auto* select = std::get_if<sql::Select>(&body.node)) {
      change_select(*select);
    }
  }

  void change_select(sql::Select& select) {
    if (here("DISTINCT", kWeak))
      select.distinct = !select.distinct;
    if (select.where && here("WHERE left out"))
      select.where.reset();
    if (select.having && here("HAVING left out"))
      select.having.reset();
    if (select.group_by.size() > 1 && here("last key of GROUP BY left out", kWeak))
      select.group_by.pop_back();
    if (select.from)
      change_from(*select.from);
  }

  void change_from(sql::From& from) {
    auto* join = std::get_if<sql::Join>(&from.node);
    if (join == nullptr)
      return;
    using Of = sql::Join::Kind;
    if (join->kind == Of::left || join->kind == Of::right || join->kind == Of::full) {
      if (here("inner join for an outer one"))
        join->kind = Of::inner;
    } else if (join->kind == Of::inner && (join->on || join->natural) && here("left join", kWeak)) {
      join->kind = Of::left;
    }
    change_from(*join->left);
    change_from(*join->right);
  }

  // ---- expressions ----

  void change(Expr& expr) {
    if (auto* binary = expr.as<sql::Binary>())
      return change_binary(expr, *binary);
    if (auto* literal = expr.as<sql::Literal>())
      return change_literal(*literal);
    if (auto* between = expr.as<sql::Between>())
      return change_between(expr, *between);
    if (auto* call = expr.as<sql::Call>())
      return change_call(expr, *call);
    if (auto* in = expr.as<sql::InQuery>())
      return negate(in->negated, "NOT IN");
    if (auto* exists = expr.as<sql::Exists>())
      return negate(exists->negated, "NOT EXISTS");
    if (auto* null = expr.as<sql::IsNull>())
      return negate(null->negated, "IS NOT NULL");
    if (auto* match = expr.as<sql::Match>())
      return negate(match->negated, "NOT LIKE");
    if (auto* list = expr.as<sql::InList>()) {
      negate(list->negated, "NOT IN");
      if (list->items.size() > 1 && here("an item of IN left out"))
        list->items.erase(list->items.begin());
    }
    if (auto* node = expr.as<sql::Case>();
        node != nullptr && node->otherwise && here("ELSE", kWeak))
      node->otherwise.reset();
  }

  void negate(bool& negated, const char* what) {
    if (here(what))
      negated = !negated;
  }

  void change_binary(Expr& expr, sql::Binary& binary) {
    static const std::vector<std::pair<std::string, std::string>> kOther = {
        {"<", "<="}, {"<=", "<"}, {">", ">="},   {">=", ">"},   {"=", "<>"}, {"<>", "="},
        {"+", "-"},  {"-", "+"},  {"AND", "OR"}, {"OR", "AND"}, {"*", "/"},  {"/", "*"}};
    for (const auto& [op, other] : kOther)
      if (binary.op == op && here("another operator")) {
        binary.op = other;
        return;
      }
    if (binary.op != "AND" && binary.op != "OR")
      return;
    // Out of the node first: assigning to it destroys what it holds.
    if (here("left condition left out")) {
      auto kept = std::move(binary.right);
      expr.node = std::move(kept->node);
    } else if (here("right condition left out")) {
      auto kept = std::move(binary.left);
      expr.node = std::move(kept->node);
    }
  }

  void change_literal(sql::Literal& literal) {
    using Kind = sql::Literal::Kind;
    if (literal.kind == Kind::integer) {
      std::int64_t value = 0;
      const auto& text = literal.text;
      const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
      if (read.ec != std::errc{} || value > (std::int64_t{1} << 60))
        return;
      if (here("a number one larger"))
        literal.text = std::to_string(value + 1);
      else if (value > 0 && here("a number one smaller"))
        literal.text = std::to_string(value - 1);
    } else if (literal.kind == Kind::string && here("another text")) {
      literal.text += literal.text.empty() || literal.text.back() != 'a' ? "a" : "b";
    }
  }

  void change_between(Expr& expr, sql::Between& between) {
    const bool low = here("BETWEEN without its low end");
    if (!low && !here("BETWEEN without its high end"))
      return negate(between.negated, "NOT BETWEEN");
    auto above = sql::binary(low ? ">" : ">=", sql::clone(between.arg), std::move(between.low));
    auto below = sql::binary(low ? "<=" : "<", std::move(between.arg), std::move(between.high));
    auto both = sql::both(std::move(above), std::move(below));
    if (between.negated)
      both = sql::expr(sql::Unary{"NOT", std::move(both)});
    expr.node = std::move(both->node);
  }

  void change_call(Expr& expr, sql::Call& call) {
    if ((call.name == "coalesce" || call.name == "ifnull") && call.args.size() == 2) {
      if (here("no value for NULL"))
        expr.node = std::move(ExprPtr(std::move(call.args[0]))->node);
      return;
    }
    if (call.over && !call.over->partition_by.empty() && here("PARTITION BY left out"))
      call.over->partition_by.clear();
    if (call.over && !call.over->order_by.empty() && here("other direction in a window", kWeak))
      call.over->order_by[0].descending = !call.over->order_by[0].descending;
    if (call.over && !call.over->order_by.empty() && here("another frame", kWeak))
      call.over->frame =
          call.over->frame.empty() ? "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" : "";
    static const std::vector<std::pair<std::string, std::string>> kOther = {
        {"sum", "avg"},         {"avg", "sum"},         {"min", "max"},
        {"max", "min"},         {"count", "sum"},       {"total", "sum"},
        {"row_number", "rank"}, {"rank", "dense_rank"}, {"dense_rank", "row_number"},
        {"lag", "lead"},        {"lead", "lag"},        {"lower", "upper"},
        {"upper", "lower"}};
    for (const auto& [name, other] : kOther)
      if (call.name == name && !call.star && here("another function")) {
        call.name = other;
        return;
      }
    if (call.name == "count" && !call.star && !call.distinct && call.args.size() == 1 &&
        here("count(*)")) {
      call.args.clear();
      call.star = true;
    } else if (!call.over && call.args.size() == 1 &&
               sql::is_aggregate_name(call.name, call.args.size()) && call.name != "min" &&
               call.name != "max" && here("DISTINCT in an aggregate", kWeak)) {
      call.distinct = !call.distinct;
    }
    if (call.filter && here("FILTER left out"))
      call.filter.reset();
  }

  std::size_t wanted_;
  std::size_t next_ = 0;
  bool done_ = false;
  std::string what_;
  bool weak_ = false;
};

} // namespace

std::vector<Mutant> mutants_of(const sql::Query& query, std::size_t most, sql::Dialect dialect) {
  constexpr std::size_t kPlacesMax = 400; // a statement of a megabyte has more
  std::set<std::string> seen{sql::print(query, dialect)};
  std::vector<Mutant> all;
  for (std::size_t place = 0; place < kPlacesMax; ++place) {
    auto tree = sql::clone(query);
    Mutator mutator(place);
    if (!mutator.apply(*tree))
      break;
    auto text = sql::print(*tree, dialect);
    if (seen.insert(text).second)
      all.push_back({std::move(text), mutator.what(), std::move(tree), mutator.weak()});
  }
  if (all.size() <= most)
    return all;
  std::vector<Mutant> some;
  for (std::size_t i = 0; i < most; ++i)
    some.push_back(std::move(all[i * all.size() / most]));
  return some;
}

} // namespace quill::judge::proof
