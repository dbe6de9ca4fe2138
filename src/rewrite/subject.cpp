#include "rewrite/subject.hpp"

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
  Subject subject{std::string(statement), nullptr, &session.schema(),
                  std::move(needs),       {},      std::move(known)};
  subject.tree = trusted_tree(statement, session);
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
