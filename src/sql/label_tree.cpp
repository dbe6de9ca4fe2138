#include "sql/label_tree.hpp"

#include <optional>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

const char* word_of(Join::Kind kind) {
  switch (kind) {
  case Join::Kind::inner:
    return "inner";
  case Join::Kind::left:
    return "left";
  case Join::Kind::right:
    return "right";
  case Join::Kind::full:
    return "full";
  case Join::Kind::cross:
    return "cross";
  case Join::Kind::comma:
    return "comma";
  }
  return "";
}

const char* word_of(SetOperation::Kind kind) {
  switch (kind) {
  case SetOperation::Kind::union_:
    return "union";
  case SetOperation::Kind::intersect:
    return "intersect";
  case SetOperation::Kind::except:
    return "except";
  }
  return "";
}

const char* word_of(GroupingSet::Kind kind) {
  switch (kind) {
  case GroupingSet::Kind::empty:
    return "empty";
  case GroupingSet::Kind::rollup:
    return "rollup";
  case GroupingSet::Kind::cube:
    return "cube";
  case GroupingSet::Kind::sets:
    return "sets";
  }
  return "";
}

std::string flag(bool on, const char* word) {
  return on ? std::string(" ") + word : std::string();
}

std::string flag(const std::optional<bool>& choice, const char* yes, const char* no) {
  return choice ? flag(true, *choice ? yes : no) : std::string();
}

class Labeller {
 public:
  Labeller(Detail detail, bool flat) : detail_(detail), flat_(flat) {}

  LabelTree build(const Query& root) {
    query(root);
    return std::move(tree_);
  }

 private:
  /// A node that is open for children while this lives.
  class Open {
   public:
    Open(Labeller& owner, const std::string& label) : owner_(owner) {
      auto& nodes = owner.tree_.nodes;
      const auto at = nodes.size();
      nodes.push_back({hash_text(label)});
      if (!owner.path_.empty())
        nodes[owner.path_.back()].children.push_back(at);
      owner.path_.push_back(at);
    }
    ~Open() { owner_.path_.pop_back(); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    Labeller& owner_;
  };

  void leaf(const std::string& label) { const Open node(*this, label); }

  [[nodiscard]] std::string name(const std::string& text) const {
    return detail_.names && !text.empty() ? " " + lower(text) : std::string();
  }
  /// A name of its own, so that "a b" and "a", "b" differ.
  void names(const std::vector<std::string>& list) {
    if (list.empty())
      return;
    const Open node(*this, "names");
    for (const auto& text : list)
      leaf("name" + name(text));
  }

  // ---- queries
  void query(const Query& q) {
    const Open node(*this, "query" + flag(q.recursive, "recursive") + flag(q.with_ties, "ties"));
    for (const auto& cte : q.with) {
      const Open part(*this,
                      "cte" + name(cte.name) + flag(cte.materialized, "materialized", "inlined"));
      names(cte.columns);
      query(*cte.query);
    }
    body(q.body);
    for (const auto& named : q.windows) {
      const Open part(*this, "named window" + name(named.name));
      window(named.window);
    }
    order(q.order_by, "order by");
    clause("limit", q.limit);
    clause("offset", q.offset);
  }

  void body(const Body& b) {
    if (const auto* s = std::get_if<Select>(&b.node))
      return select(*s);
    if (const auto* rows = std::get_if<Values>(&b.node)) {
      const Open node(*this, "values");
      for (const auto& row : rows->rows)
        clause("row", row, true);
      return;
    }
    if (const auto* set = std::get_if<SetOperation>(&b.node)) {
      const Open node(*this, std::string(word_of(set->kind)) + flag(set->all, "all"));
      body(*set->left);
      body(*set->right);
      return;
    }
    const Open node(*this, "arm");
    query(*std::get<Arm>(b.node).query);
  }

  void select(const Select& s) {
    const Open node(*this, "select" + flag(s.distinct, "distinct"));
    clause("distinct on", s.distinct_on);
    {
      const Open items(*this, "items");
      for (const auto& item : s.items) {
        const Open one(*this, "item" + name(item.alias));
        expr(*item.expr);
      }
    }
    if (s.from) {
      const Open part(*this, "from");
      from(*s.from);
    }
    clause("where", s.where);
    clause("group by", s.group_by);
    clause("having", s.having);
  }

  void from(const From& f) {
    if (const auto* join = std::get_if<Join>(&f.node)) {
      const Open node(*this,
                      std::string("join ") + word_of(join->kind) + flag(join->natural, "natural"));
      from(*join->left);
      from(*join->right);
      clause("on", join->on);
      names(join->using_columns);
    } else if (const auto* table = std::get_if<TableName>(&f.node)) {
      const Open node(*this, "table" + flag(table->only, "only"));
      alias(table->alias, table->columns);
      leaf("name" + name(table->schema) + "." + name(table->name) + "/" + name(table->hint));
    } else if (const auto* derived = std::get_if<Derived>(&f.node)) {
      const Open node(*this, "derived" + flag(derived->lateral, "lateral"));
      alias(derived->alias, derived->columns);
      query(*derived->query);
    } else {
      const auto& function = std::get<TableFunction>(f.node);
      const Open node(*this, "table function" + flag(function.lateral, "lateral") +
                                 flag(function.ordinality, "ordinality"));
      alias(function.alias, function.columns);
      expr(*function.call);
    }
  }

  void alias(const std::string& text, const std::vector<std::string>& columns) {
    if (detail_.names && !text.empty())
      leaf("alias" + name(text));
    names(columns);
  }

  void clause(const char* label, const ExprPtr& e) {
    if (!e)
      return;
    const Open node(*this, label);
    expr(*e);
  }
  void clause(const char* label, const std::vector<ExprPtr>& list, bool always = false) {
    if (list.empty() && !always)
      return;
    const Open node(*this, label);
    for (const auto& e : list)
      expr(*e);
  }
  void order(const std::vector<OrderTerm>& terms, const char* label) {
    if (terms.empty())
      return;
    const Open node(*this, label);
    for (const auto& term : terms) {
      const Open one(*this, "term" + flag(term.descending, "descending") +
                                flag(term.nulls_first, "nulls first", "nulls last"));
      expr(*term.expr);
    }
  }
  void window(const Window& w) {
    const Open node(*this, "window" + name(w.base));
    clause("partition by", w.partition_by);
    order(w.order_by, "order by");
    if (!w.frame.empty())
      leaf(w.frame);
  }

  // ---- expressions
  void expr(const Expr& e) {
    std::visit([this](const auto& n) { node(n); }, e.node);
  }
  void maybe(const ExprPtr& e) {
    if (e)
      expr(*e);
  }

  void node(const Column& n) {
    const bool may_be_text = n.quoted && detail_.names;
    leaf("column" + name(n.schema) + "." + name(n.table) + "." +
         (may_be_text ? "\"" + n.name : name(n.name)));
  }
  void node(const Star& n) { leaf("star" + name(n.table)); }
  void node(const Literal& n) {
    leaf("literal " + std::to_string(static_cast<int>(n.kind)) +
         (detail_.literals ? " " + n.text : ""));
  }
  void node(const Parameter& n) { leaf("parameter" + (detail_.literals ? " " + n.name : "")); }
  void node(const Unary& n) {
    const Open open(*this, "unary " + n.op);
    expr(*n.arg);
  }
  void node(const Binary& n) {
    const Open open(*this, "binary " + n.op);
    operands(n, n.op);
  }
  void operands(const Binary& n, const std::string& op) {
    const bool joins = flat_ && (op == "AND" || op == "OR");
    for (const auto* side : {n.left.get(), n.right.get()}) {
      const auto* inner = side->as<Binary>();
      if (joins && inner && inner->op == op)
        operands(*inner, op);
      else
        expr(*side);
    }
  }
  void node(const Between& n) {
    const Open open(*this, "between" + flag(n.negated, "not") + flag(n.symmetric, "symmetric"));
    expr(*n.arg), expr(*n.low), expr(*n.high);
  }
  void node(const Match& n) {
    const Open open(*this, "match " + n.op + flag(n.negated, "not"));
    expr(*n.arg), expr(*n.pattern), maybe(n.escape);
  }
  void node(const InList& n) {
    const Open open(*this, "in" + flag(n.negated, "not"));
    expr(*n.arg);
    clause("items", n.items, true);
  }
  void node(const InQuery& n) {
    const Open open(*this, "in query" + flag(n.negated, "not"));
    expr(*n.arg), query(*n.query);
  }
  void node(const Quantified& n) {
    const Open open(*this, "quantified " + n.op + flag(n.all, "all"));
    expr(*n.left);
    if (n.query)
      query(*n.query);
    maybe(n.array);
  }
  void node(const Exists& n) {
    const Open open(*this, "exists" + flag(n.negated, "not"));
    query(*n.query);
  }
  void node(const Scalar& n) {
    const Open open(*this, "scalar");
    query(*n.query);
  }
  void node(const IsNull& n) {
    const Open open(*this, "is null" + flag(n.negated, "not"));
    expr(*n.arg);
  }
  void node(const Call& n) {
    const Open open(*this, "call " + lower(n.schema) + "." + lower(n.name) + flag(n.star, "star") +
                               flag(n.distinct, "distinct") + flag(n.in_words, "words") +
                               flag(n.within_group, "within") + flag(n.variadic, "variadic"));
    for (const auto& arg : n.args)
      expr(*arg);
    order(n.order_by, "ordered");
    clause("filter", n.filter);
    if (n.over)
      window(*n.over);
  }
  void node(const Case& n) {
    const Open open(*this, "case");
    clause("operand", n.operand);
    for (const auto& branch : n.branches) {
      const Open when(*this, "when");
      expr(*branch.when), expr(*branch.then);
    }
    clause("else", n.otherwise);
  }
  void node(const Cast& n) {
    const Open open(*this, "cast " + lower(n.type));
    expr(*n.arg);
  }
  void node(const Collate& n) {
    const Open open(*this, "collate " + lower(n.collation));
    expr(*n.arg);
  }
  void node(const RowValue& n) { clause(n.row_word ? "row word" : "row", n.items, true); }
  void node(const Array& n) {
    const Open open(*this, "array");
    clause("items", n.items);
    if (n.query)
      query(*n.query);
  }
  void node(const Access& n) {
    const Open open(*this, "access");
    expr(*n.arg);
    for (const auto& step : n.steps) {
      const Open one(*this, "step" + flag(step.slice, "slice") + name(step.field));
      clause("low", step.low);
      clause("high", step.high);
    }
  }
  void node(const NamedArgument& n) {
    const Open open(*this, "named argument" + name(n.name));
    expr(*n.arg);
  }
  void node(const GroupingSet& n) { clause(word_of(n.kind), n.items, true); }

  Detail detail_;
  bool flat_;
  LabelTree tree_;
  std::vector<std::size_t> path_;
};

} // namespace

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  return hash;
}

std::uint64_t hash_join(std::uint64_t a, std::uint64_t b) {
  for (int i = 0; i < 8; ++i) {
    a ^= b & 0xFFU;
    a *= 0x100000001B3U;
    b >>= 8U;
  }
  return a;
}

LabelTree label_tree(const Query& query, Detail detail, bool flat) {
  return Labeller(detail, flat).build(query);
}

} // namespace quill::sql
