#include "optimize/brief.hpp"

namespace quill::optimize {

namespace {

/// DDL of these tables; of all when none is known.
std::string schema_text(const sql::Schema& schema, const std::set<std::string>& tables) {
  std::string text;
  for (const std::string& name : tables)
    if (const auto* table = schema.table(name)) {
      text += table->sql + ";\n";
      for (const auto& index : table->indexes)
        text += index.sql.empty() ? "" : index.sql + ";\n";
    }
  return text.empty() ? schema.ddl() : text;
}

} // namespace

std::set<std::string> tables_of(const Understanding& understanding) {
  std::set<std::string> out;
  for (const BlockCost& block : understanding.blocks)
    out.insert(block.tables.begin(), block.tables.end());
  return out;
}

Brief make_brief(const QueryText& query, const sql::Query* tree, const Understanding& understanding,
                 const std::set<std::string>& tables, engine::Session& session,
                 const Journal& journal, const Knowledge* knowledge) {
  const auto engine = session.engine();
  Brief out{.engine = session.version(),
            .before = query.text,
            .schema = schema_text(session.schema(), tables),
            .intent = understanding.intent,
            .blocks = blocks_text(understanding),
            .plan = to_text(understanding.plan),
            .learnings = journal.lessons_for(query.name, engine::to_string(engine),
                                             tree ? sql::features(*tree) : sql::Features{}),
            .indexes = engine == engine::Engine::sqlite};
  if (knowledge != nullptr)
    add_knowledge(out, *knowledge, tree, engine);
  return out;
}

} // namespace quill::optimize
