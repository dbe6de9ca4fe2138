#include "rewrite/views.hpp"

#include <algorithm>
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

constexpr int kRoundsMax = 8; // views of views of …
constexpr int kViewsMax = 32; // places in one statement

/// Where a view is read.
struct Place {
  sql::From* leaf;
  std::string view, alias;
};

/// FROM leaves that name neither a table nor a CTE of the statement.
std::vector<Place> unknown_tables(sql::Query& tree, const sql::Schema& schema) {
  std::set<std::string> ctes;
  sql::walk_queries(tree, [&](const sql::Query& query) {
    for (const auto& cte : query.with)
      ctes.insert(lower(cte.name));
  });
  std::vector<Place> places;
  const auto look = [&](const auto& self, sql::Body& body) -> void {
    if (auto* set = std::get_if<sql::SetOperation>(&body.node)) {
      self(self, *set->left);
      self(self, *set->right);
      return;
    }
    auto* select = std::get_if<sql::Select>(&body.node);
    if (select == nullptr || !select->from)
      return;
    sql::walk_from(*select->from, [&](sql::From& leaf) {
      const auto* table = std::get_if<sql::TableName>(&leaf.node);
      if (table != nullptr && table->schema.empty() && schema.table(table->name) == nullptr &&
          !ctes.contains(lower(table->name)))
        places.push_back({&leaf, table->name, table->alias.empty() ? table->name : table->alias});
    });
  };
  sql::walk_queries(tree, [&](sql::Query& query) { look(look, query.body); });
  return places;
}

bool is_word(const sql::Token& token, std::string_view word) {
  return token.kind == sql::TokenKind::word && same_name(token.text, word);
}

/// What stands after AS in "CREATE VIEW name AS SELECT …"; "" when columns are renamed.
std::string definition(const std::string& create) {
  const auto tokens = sql::tokenize(create);
  if (!tokens.ok())
    return "";
  for (const auto& token : tokens.value()) {
    if (token.text == "(")
      return "";
    if (is_word(token, "AS"))
      return create.substr(token.offset + 2);
  }
  return "";
}

class Views {
 public:
  explicit Views(engine::Session& session) : session_(session) {}

  /// The tree behind a view; null when there is no such view or it is not understood.
  const sql::Query* find(const std::string& name) {
    const auto& views = session_.schema().views;
    const auto view = std::find_if(views.begin(), views.end(),
                                   [&](const auto& one) { return same_name(one.name, name); });
    if (view == views.end())
      return nullptr;
    auto known = trees_.find(view->name);
    if (known == trees_.end()) {
      auto parsed = sql::parse(definition(view->sql), session_.grammar());
      known = trees_.emplace(view->name, parsed.ok() ? std::move(parsed).value() : nullptr).first;
    }
    return known->second.get();
  }

 private:
  engine::Session& session_;
  std::map<std::string, sql::QueryPtr> trees_;
};

} // namespace

sql::QueryPtr with_views_spelt_out(const sql::Query& tree, engine::Session& session) {
  auto copy = sql::clone(tree);
  Views views(session);
  int replaced = 0;
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto places = unknown_tables(*copy, session.schema());
    if (places.empty())
      return replaced > 0 ? std::move(copy) : nullptr;
    for (const auto& place : places) {
      const auto* view = views.find(place.view);
      if (view == nullptr || ++replaced > kViewsMax)
        return nullptr;
      place.leaf->node = sql::Derived{sql::clone(*view), place.alias};
    }
  }
  return nullptr;
}

} // namespace quill::rewrite
