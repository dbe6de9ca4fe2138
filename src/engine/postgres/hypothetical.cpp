#include "engine/postgres/hypothetical.hpp"

#include <fmt/core.h>

#include "engine/postgres/statement.hpp"
#include "quill/core/json.hpp"
#include "quill/sql/index.hpp"

namespace quill::engine::postgres {
namespace {

/// The schema the extension lives in, quoted; "" when the database has none.
std::string schema_of_hypopg(const Connection& connection) {
  const auto found = connection.rows("SELECT pg_catalog.quote_ident(n.nspname) "
                                     "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace "
                                     "n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'");
  return found.empty() ? "" : found[0][0];
}

std::string literal(const Connection& connection, const std::string& text) {
  char* quoted = ::PQescapeLiteral(connection.get(), text.data(), text.size());
  std::string out = quoted ? quoted : "NULL";
  ::PQfreemem(quoted);
  return out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// The indexes of one supposition; gone with it.
class Hypothetical {
 public:
  Hypothetical(const Connection& connection, std::string schema)
      : connection_(connection), schema_(std::move(schema)) {}
  ~Hypothetical() { (void)connection_.execute(fmt::format("SELECT {}.hypopg_reset()", schema_)); }
  Hypothetical(const Hypothetical&) = delete;
  Hypothetical& operator=(const Hypothetical&) = delete;

  /// "" or why there cannot be such an index.
  std::string add(const std::string& create) {
    const auto index = sql::parse_create_index(create);
    if (!index)
      return index.failure().what;
    const auto made = connection_.execute_one(fmt::format(
        "SELECT indexname FROM {}.hypopg_create_index({})", schema_, literal(connection_, create)));
    if (::PQresultStatus(made.get()) != PGRES_TUPLES_OK || ::PQntuples(made.get()) != 1)
      return verdict_of(connection_, made.get()).message;
    names_.emplace_back(::PQgetvalue(made.get(), 0, 0), index.value().name);
    return "";
  }

  /// HypoPG calls an index "<13543>btree_orders_user_id".
  void give_names(Plan& plan) const {
    for (const auto& [made, wanted] : names_) {
      replace_all(plan.json, Json(made).dump(), Json(wanted).dump());
      for (auto& line : plan.lines)
        replace_all(line, made, wanted);
      for (auto& name : plan.indexes_used)
        if (name == made)
          name = wanted;
    }
  }

 private:
  const Connection& connection_;
  std::string schema_;
  std::vector<std::pair<std::string, std::string>> names_; ///< HypoPG's, ours
};

} // namespace

Plan plan_with_indexes(const Connection& connection, const Gate& gate,
                       const Supposition& supposition) {
  Plan refused;
  const auto schema = schema_of_hypopg(connection);
  if (schema.empty()) {
    refused.message = "the database has no extension hypopg (CREATE EXTENSION hypopg makes it)";
    return refused;
  }
  Hypothetical indexes(connection, schema);
  for (const auto& create : supposition.indexes)
    if (refused.message = indexes.add(create); !refused.message.empty())
      return refused;
  auto plan = plan_of(connection, gate, supposition.statement, false);
  indexes.give_names(plan);
  return plan;
}

} // namespace quill::engine::postgres
