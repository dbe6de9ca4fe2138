#include "quill/optimize/understanding.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/engine/dialect.hpp"
#include "quill/optimize/intent.hpp"
#include "quill/sql/parse.hpp"

namespace quill::optimize {

namespace {

/// Blocks beyond are not run alone, nor is any of a query that takes longer.
constexpr std::size_t kMeasuredBlocksMax = 8;
constexpr double kMeasuredMsMax = 2'000;

/// A block as a statement of its own: behind the query's CTEs, so that it may read them.
std::string alone(const sql::Query& query, const sql::Block& block) {
  sql::Query out;
  const auto copy = sql::clone(query);
  out.recursive = copy->recursive;
  out.with = std::move(copy->with);
  auto of_block = sql::clone(*block.query);
  out.body = std::move(of_block->body);
  out.windows = std::move(of_block->windows);
  return sql::print(out, sql::Dialect::sqlite);
}

/// VM steps of a block that no outer row is needed for; never more than the query's own.
std::optional<double> steps_of(const sql::Query& query, const sql::Block& block,
                               const engine::Sample& before, engine::Session& session,
                               engine::Limits limits) {
  if (block.kind == sql::Block::Kind::arm || block.recursive)
    return std::nullopt;
  limits.steps = before.steps;
  const auto sample = session.sample(alone(query, block), limits);
  return sample.status == engine::Status::ok ? std::optional(static_cast<double>(sample.steps))
                                             : std::nullopt;
}

/// Time of the plan's nodes that read one of the block's tables.
std::optional<double> scan_ms(const sql::Block& block, const std::vector<PlanNode>& plan) {
  double sum = 0;
  bool found = false;
  for (const PlanNode& node : plan)
    for (const std::string& table : block.tables)
      if (node.ms && node.text.ends_with(" on " + table)) {
        sum += *node.ms;
        found = true;
      }
  return found ? std::optional(sum) : std::nullopt;
}

void measure(Understanding& out, const sql::Query& tree, const sql::BlockGraph& graph,
             const engine::Sample& before, engine::Session& session, const engine::Limits& limits) {
  const bool sqlite = session.engine() == engine::Engine::sqlite;
  const bool runs = before.status == engine::Status::ok && before.elapsed_ms <= kMeasuredMsMax;
  for (std::size_t i = 0; i + 1 < graph.blocks.size() && i < kMeasuredBlocksMax; ++i) {
    if (!sqlite)
      out.blocks[i].cost = scan_ms(graph.blocks[i], out.plan);
    else if (runs)
      out.blocks[i].cost = steps_of(tree, graph.blocks[i], before, session, limits);
  }
  if (before.status == engine::Status::ok)
    out.blocks.back().cost = out.total;
}

std::string cost_text(const BlockCost& block, const Understanding& of) {
  if (!block.cost)
    return "cost not known alone";
  const double share = of.total > 0 ? 100 * *block.cost / of.total : 0;
  return fmt::format("{:.{}f} {} ({:.0f} %)", *block.cost, of.unit == "ms" ? 2 : 0, of.unit, share);
}

} // namespace

std::vector<BlockCost> blocks_of(const sql::BlockGraph& graph) {
  std::vector<BlockCost> out;
  for (const sql::Block& block : graph.blocks) {
    BlockCost made{.name = sql::to_text(block), .tables = block.tables, .blocks = {}};
    for (const std::size_t read : block.reads)
      made.blocks.push_back(sql::to_text(graph.blocks[read]));
    out.push_back(std::move(made));
  }
  return out;
}

Json to_json(const Understanding& understanding) {
  Json blocks = Json::array();
  for (const BlockCost& block : understanding.blocks)
    blocks.push_back({{"block", block.name},
                      {"tables", block.tables},
                      {"reads", block.blocks},
                      {"cost", block.cost ? Json(*block.cost) : Json(nullptr)}});
  Json plan = Json::array();
  for (const PlanNode& node : understanding.plan)
    plan.push_back(to_json(node));
  return {{"intent", understanding.intent},
          {"unit", understanding.unit},
          {"total", understanding.total},
          {"blocks", std::move(blocks)},
          {"plan", std::move(plan)}};
}

Understanding understand(const std::string& statement, const sql::Query* tree,
                         const engine::Sample& before, engine::Session& session,
                         const engine::Limits& limits) {
  const bool sqlite = session.engine() == engine::Engine::sqlite;
  Understanding out;
  out.unit = sqlite ? "VM steps" : "ms";
  out.total = sqlite ? static_cast<double>(before.steps) : before.elapsed_ms;
  const auto plan = before.status == engine::Status::ok ? session.analyze(statement, limits)
                                                        : session.plan(statement);
  out.plan = plan_nodes(plan, session.engine());
  if (tree == nullptr)
    return out;
  out.intent = intent_of(*tree, engine::dialect_of(session.engine()));
  const auto graph = sql::block_graph(*tree);
  out.blocks = blocks_of(graph);
  measure(out, *tree, graph, before, session, limits);
  return out;
}

std::string blocks_text(const Understanding& understanding) {
  std::string out;
  for (const BlockCost& block : understanding.blocks) {
    out += fmt::format("- {}: reads {}", block.name,
                       block.tables.empty() && block.blocks.empty()
                           ? "nothing"
                           : fmt::format("{}", fmt::join(block.tables, ", ")));
    if (!block.blocks.empty())
      out += fmt::format("{}{}", block.tables.empty() ? "" : ", ", fmt::join(block.blocks, ", "));
    out += fmt::format("; {}\n", cost_text(block, understanding));
  }
  return out;
}

} // namespace quill::optimize
