#include "rewrite/subject.hpp"

#include "quill/engine/dialect.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/views.hpp"

namespace quill::rewrite {

namespace {

/// SQLite and PostgreSQL's grammar do not always read the same tree out of the same text
/// (2||3*2): the tree is believed only when both texts are the same program to SQLite.
bool is_trusted(const sql::Query& tree, std::string_view statement, engine::Session& session) {
  const auto program = session.program(statement);
  return !program.empty() && program == session.program(sql::print_sqlite(tree));
}

/// Does any rule that reads ranges out of functions or patterns have something to look at?
bool reads_text(const sql::Query& tree) {
  bool found = false;
  sql::walk(tree, [&](const sql::Expr& part) {
    const auto* call = part.as<sql::Call>();
    found |= part.as<sql::Match>() != nullptr ||
             (call != nullptr && !sql::is_aggregate_name(call->name, call->args.size()));
    return found ? sql::Descend::no : sql::Descend::yes;
  });
  return found;
}

bool is_believed(const sql::Query& tree, std::string_view statement, engine::Session& session) {
  return sql::is_common(tree) && is_trusted(tree, statement, session) &&
         (!reads_text(tree) || text_orders_by_code_point(session));
}

/// A parse tree without the places in the text that it came from.
Json without_places(Json tree) {
  if (tree.is_object())
    tree.erase("location");
  for (auto& part : tree)
    if (part.is_structured())
      part = without_places(std::move(part));
  return tree;
}

/// PostgreSQL's own grammar must read the same tree out of both texts.
bool is_same_tree(const std::string& printed, std::string_view statement,
                  const sql::Grammar& read) {
  const auto one = read(statement);
  const auto other = read(printed);
  constexpr int kDepth = 1000; // of trees that libpg_query made of text within the caps
  return one.ok() && other.ok() &&
         without_places(parse_json(one.value(), "parse tree", kDepth).at("stmts")) ==
             without_places(parse_json(other.value(), "parse tree", kDepth).at("stmts"));
}

/// DuckDB tells no tree that leaves spelling out: the plan stands for it.
bool is_same_plan(const std::string& printed, std::string_view statement,
                  engine::Session& session) {
  const auto one = session.plan(statement);
  return one.ok && one.json == session.plan(printed).json;
}

/// Of another engine than SQLite.
sql::QueryPtr foreign_tree(std::string_view statement, engine::Session& session,
                           sql::Dialect dialect) {
  auto parsed = sql::parse(dialect, statement, session.grammar());
  if (!parsed.ok() || !sql::is_common(*parsed.value()))
    return nullptr;
  const auto printed = sql::print(*parsed.value(), dialect);
  const bool trusted = dialect == sql::Dialect::postgres
                           ? is_same_tree(printed, statement, session.grammar())
                           : is_same_plan(printed, statement, session);
  return trusted ? std::move(parsed).value() : nullptr;
}

sql::QueryPtr trusted_tree(std::string_view statement, engine::Session& session) {
  auto parsed = sql::parse(statement, session.grammar());
  if (!parsed.ok())
    return nullptr;
  auto tree = std::move(parsed).value();
  if (auto spelt = with_views_spelt_out(*tree, session)) {
    sql::settle_quoted_names(*spelt, session.schema());
    if (is_believed(*spelt, statement, session))
      return spelt;
  }
  sql::settle_quoted_names(*tree, session.schema());
  return is_believed(*tree, statement, session) ? std::move(tree) : nullptr;
}

} // namespace

Subject make_subject_knowing(std::string_view statement, engine::Session& session, sql::Needs needs,
                             Facts known) {
  const auto dialect = engine::dialect_of(session.engine());
  Subject subject{std::string(statement), nullptr, &session.schema(), std::move(needs), {},
                  std::move(known),       dialect};
  subject.tree = dialect == sql::Dialect::sqlite ? trusted_tree(statement, session)
                                                 : foreign_tree(statement, session, dialect);
  if (!subject.tree)
    return subject;
  subject.shape = sql::features(*subject.tree);
  if (!sql::is_volatile(*subject.tree))
    subject.facts = look_up_facts(*subject.tree, session, std::move(subject.facts));
  return subject;
}

Subject make_subject(std::string_view statement, engine::Session& session, sql::Needs needs) {
  return make_subject_knowing(statement, session, std::move(needs), {});
}

} // namespace quill::rewrite
