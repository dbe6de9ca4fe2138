#include "rewrite/set_arms.hpp"

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::rewrite {

namespace {

bool add_arms(const sql::Body& body, SetArms& out) {
  const auto* set = std::get_if<sql::SetOperation>(&body.node);
  if (set != nullptr)
    return set->kind == out.kind && set->all == out.all && add_arms(*set->left, out) &&
           add_arms(*set->right, out);
  if (!std::holds_alternative<sql::Select>(body.node))
    return false;
  auto arm = std::make_unique<sql::Query>();
  arm->body = sql::clone(body);
  out.arms.push_back(std::move(arm));
  return true;
}

} // namespace

std::optional<SetArms> set_arms(const sql::Query& query) {
  const auto* set = std::get_if<sql::SetOperation>(&query.body.node);
  if (set == nullptr)
    return std::nullopt;
  SetArms out{set->kind, set->all, {}};
  if (!add_arms(query.body, out) ||
      (out.kind != sql::SetOperation::Kind::union_ && out.arms.size() != 2))
    return std::nullopt;
  return out;
}

sql::Body set_body(SetArms arms) {
  sql::Body body = std::move(arms.arms[0]->body);
  for (std::size_t i = 1; i < arms.arms.size(); ++i) {
    sql::SetOperation set;
    set.kind = arms.kind;
    set.all = arms.all;
    set.left = std::make_unique<sql::Body>(std::move(body));
    set.right = std::make_unique<sql::Body>(std::move(arms.arms[i]->body));
    body = {};
    body.node = std::move(set);
  }
  return body;
}

bool has_ctes(const sql::Query& tree) {
  bool found = false;
  sql::walk_queries(tree, [&](const sql::Query& query) { found |= !query.with.empty(); });
  return found;
}

std::string from_text(const sql::Select& select) {
  if (!select.from)
    return "";
  sql::Query query;
  sql::Select only;
  only.items.push_back({sql::integer(1), ""});
  only.from = sql::clone(*select.from);
  query.body.node = std::move(only);
  return sql::print_sqlite(query);
}

} // namespace quill::rewrite
