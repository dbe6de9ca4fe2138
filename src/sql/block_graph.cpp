#include "quill/sql/block_graph.hpp"

#include <algorithm>
#include <deque>

#include "sql/children.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

/// A CTE that may be read; its block is made when it first is.
struct KnownCte {
  enum class State { unread, open, done };
  const Cte* cte;
  State state = State::unread;
  std::size_t block = 0;
  bool read_while_open = false;
};

/// CTE names of a query and of those around it.
struct Names {
  Names* outer = nullptr;
  std::deque<KnownCte> ctes = {};
};

template <class T> void add_once(std::vector<T>& list, T value) {
  if (std::ranges::find(list, value) == list.end())
    list.push_back(std::move(value));
}

class GraphBuilder {
 public:
  BlockGraph build(const Query& query) {
    add(query, {.kind = Block::Kind::outermost}, nullptr);
    for (auto& block : graph_.blocks)
      std::ranges::sort(block.reads);
    return std::move(graph_);
  }

 private:
  std::size_t add(const Query& query, Block block, Names* outer) {
    Names names{outer};
    for (const auto& cte : query.with)
      names.ctes.push_back({&cte});
    block.query = &query;
    block.body = &query.body;
    read_body(query.body, query, block, names);
    read_tail(query, block, names);
    for (auto& cte : names.ctes)
      if (cte.state == KnownCte::State::unread)
        (void)open(cte, names);
    return put(std::move(block));
  }

  std::size_t put(Block block) {
    graph_.blocks.push_back(std::move(block));
    return graph_.blocks.size() - 1;
  }

  std::size_t open(KnownCte& known, Names& names) {
    known.state = KnownCte::State::open;
    const auto at =
        add(*known.cte->query, {.kind = Block::Kind::cte, .name = known.cte->name}, &names);
    graph_.blocks[at].recursive = known.read_while_open;
    known.state = KnownCte::State::done;
    return known.block = at;
  }

  void read_body(const Body& body, const Query& query, Block& block, Names& names) {
    if (const auto* set = std::get_if<SetOperation>(&body.node)) {
      std::size_t arms = 0;
      read_arms(*set, query, block, names, arms);
    } else if (const auto* arm = std::get_if<Arm>(&body.node)) {
      add_once(block.reads, add(*arm->query, {.kind = Block::Kind::arm, .name = "arm 1"}, &names));
    } else {
      read_rows(body, block, names);
    }
  }

  void read_arms(const SetOperation& set, const Query& query, Block& block, Names& names,
                 std::size_t& arms) {
    for (const auto* side : {set.left.get(), set.right.get()}) {
      if (const auto* inner = std::get_if<SetOperation>(&side->node)) {
        read_arms(*inner, query, block, names, arms);
        continue;
      }
      Block arm{.kind = Block::Kind::arm, .name = "arm " + std::to_string(++arms)};
      if (const auto* wrapped = std::get_if<Arm>(&side->node)) {
        add_once(block.reads, add(*wrapped->query, std::move(arm), &names));
        continue;
      }
      arm.query = &query;
      arm.body = side;
      read_rows(*side, arm, names);
      add_once(block.reads, put(std::move(arm)));
    }
  }

  // A SELECT or VALUES: what stands in it reads for the block.
  void read_rows(const Body& body, Block& block, Names& names) {
    const auto on_expr = [&](const Expr& child) { read(child, block, names); };
    Children children{on_expr, [](const Query&) {}};
    const auto* select = std::get_if<Select>(&body.node);
    if (!select)
      return children.body(body);
    if (select->from)
      read(*select->from, block, names);
    children.clauses(*select);
  }

  void read_tail(const Query& query, Block& block, Names& names) {
    Children children{[&](const Expr& child) { read(child, block, names); }, [](const Query&) {}};
    for (const auto& named : query.windows)
      children.window(named.window);
    children.order(query.order_by);
    children.one(query.limit), children.one(query.offset);
  }

  void read(const From& from, Block& block, Names& names) {
    if (const auto* join = std::get_if<Join>(&from.node)) {
      read(*join->left, block, names);
      read(*join->right, block, names);
      if (join->on)
        read(*join->on, block, names);
    } else if (const auto* derived = std::get_if<Derived>(&from.node)) {
      add_once(block.reads, add(*derived->query,
                                {.kind = Block::Kind::derived, .name = derived->alias}, &names));
    } else if (const auto* table = std::get_if<TableName>(&from.node)) {
      read_table(*table, block, names);
    } else {
      read(*std::get<TableFunction>(from.node).call, block, names);
    }
  }

  void read_table(const TableName& table, Block& block, Names& names) {
    auto* known = table.schema.empty() ? find(table.name, names) : nullptr;
    if (!known)
      return add_once(block.tables, table.name);
    if (known->state == KnownCte::State::open) {
      known->read_while_open = block.recursive = true;
      return;
    }
    // Its own names are those of the query that declares it.
    if (known->state == KnownCte::State::unread)
      (void)open(*known, *owner(known, names));
    add_once(block.reads, known->block);
  }

  static KnownCte* find(std::string_view name, Names& names) {
    for (auto* scope = &names; scope; scope = scope->outer)
      for (auto& known : scope->ctes)
        if (same_name(known.cte->name, name))
          return &known;
    return nullptr;
  }

  static Names* owner(const KnownCte* known, Names& names) {
    auto* scope = &names;
    const auto is_here = [&](const KnownCte& cte) { return &cte == known; };
    while (std::ranges::none_of(scope->ctes, is_here))
      scope = scope->outer;
    return scope;
  }

  void read(const Expr& expr, Block& block, Names& names) {
    for_each_child(
        expr, [&](const Expr& child) { read(child, block, names); },
        [&](const Query& child) {
          const auto name = "subquery " + std::to_string(++subqueries_);
          add_once(block.reads, add(child, {.kind = Block::Kind::subquery, .name = name}, &names));
        });
  }

  BlockGraph graph_;
  std::size_t subqueries_ = 0;
};

} // namespace

BlockGraph block_graph(const Query& query) {
  return GraphBuilder().build(query);
}

std::string to_text(const Block& block) {
  switch (block.kind) {
  case Block::Kind::outermost:
    return "query";
  case Block::Kind::cte:
    return "CTE " + block.name;
  case Block::Kind::derived:
    return block.name.empty() ? "derived table" : "derived table " + block.name;
  case Block::Kind::subquery:
  case Block::Kind::arm:
    break;
  }
  return block.name;
}

} // namespace quill::sql
