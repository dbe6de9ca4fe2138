#include "quill/optimize/plan_nodes.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace quill::optimize {

namespace {

constexpr int kPlanDepthMax = 2000;

std::string text_at(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_at(const Json& node, const char* key, double fallback) {
  const auto found = node.find(key);
  return found != node.end() && found->is_number() ? found->get<double>() : fallback;
}

// ---- PostgreSQL ----

/// EXPLAIN gives time and rows of one loop.
double total_ms(const Json& node) {
  return number_at(node, "Actual Total Time", 0) * number_at(node, "Actual Loops", 1);
}

std::string postgres_text(const Json& node) {
  std::string text = text_at(node, "Node Type");
  if (const auto index = text_at(node, "Index Name"); !index.empty())
    text += " using " + index;
  if (const auto table = text_at(node, "Relation Name"); !table.empty())
    text += " on " + table;
  else if (const auto cte = text_at(node, "CTE Name"); !cte.empty())
    text += " on " + cte;
  return text;
}

void add_postgres(const Json& node, int depth, std::vector<PlanNode>& out) {
  PlanNode made{.depth = depth, .text = postgres_text(node)};
  const auto children = node.find("Plans");
  if (node.contains("Actual Total Time")) {
    double own = total_ms(node);
    if (children != node.end())
      for (const Json& child : *children)
        own -= total_ms(child);
    made.ms = std::max(own, 0.0);
    made.rows = number_at(node, "Actual Rows", 0) * number_at(node, "Actual Loops", 1);
  }
  out.push_back(std::move(made));
  if (children != node.end())
    for (const Json& child : *children)
      add_postgres(child, depth + 1, out);
}

// ---- DuckDB ----

std::string duckdb_text(const Json& node) {
  std::string text = text_at(node, "operator_name");
  if (text.empty())
    text = text_at(node, "name");
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  const auto extra = node.find("extra_info");
  if (extra != node.end() && extra->is_object())
    if (const auto table = text_at(*extra, "Table"); !table.empty())
      text += " on " + table.substr(table.rfind('.') + 1);
  return text;
}

void add_duckdb(const Json& node, int depth, std::vector<PlanNode>& out) {
  PlanNode made{.depth = depth, .text = duckdb_text(node)};
  const bool shown = !made.text.empty() && made.text != "EXPLAIN_ANALYZE";
  if (node.contains("operator_timing")) {
    made.ms = 1000 * number_at(node, "operator_timing", 0);
    made.rows = number_at(node, "operator_cardinality", 0);
  }
  if (shown)
    out.push_back(std::move(made));
  const auto children = node.find("children");
  if (children != node.end() && children->is_array())
    for (const Json& child : *children)
      add_duckdb(child, depth + (shown ? 1 : 0), out);
}

// ---- SQLite ----

PlanNode sqlite_node(const std::string& line) {
  const auto indent = std::min(line.find_first_not_of(" |`-"), line.size());
  return {.depth = static_cast<int>(indent / 2), .text = line.substr(indent)};
}

/// Time of all nodes of a text.
std::map<std::string, double> by_text(const std::vector<PlanNode>& nodes) {
  std::map<std::string, double> out;
  for (const PlanNode& node : nodes)
    out[node.text] += node.ms.value_or(0);
  return out;
}

std::string largest_loss(const std::vector<PlanNode>& before, const std::vector<PlanNode>& after) {
  const auto times = by_text(after);
  std::string best;
  double best_loss = 0;
  for (const auto& [text, ms] : by_text(before)) {
    const auto found = times.find(text);
    const double loss = ms - (found == times.end() ? 0 : found->second);
    if (loss <= best_loss)
      continue;
    best_loss = loss;
    best = fmt::format("{}: {:.3f} ms {}", text, ms,
                       found == times.end() ? "are gone"
                                            : fmt::format("became {:.3f} ms", found->second));
  }
  return best;
}

std::string first_gone(const std::vector<PlanNode>& before, const std::vector<PlanNode>& after) {
  const auto gone = [&](const PlanNode& node) {
    return std::none_of(after.begin(), after.end(),
                        [&](const PlanNode& other) { return other.text == node.text; });
  };
  for (const std::string_view kind : {"SCAN", "CORRELATED", "USE TEMP", ""})
    for (const PlanNode& node : before)
      if (node.text.starts_with(kind) && gone(node))
        return node.text + " is gone";
  return "";
}

} // namespace

Json to_json(const PlanNode& node) {
  return {{"depth", node.depth},
          {"node", node.text},
          {"ms", node.ms ? Json(*node.ms) : Json(nullptr)},
          {"rows", node.rows ? Json(*node.rows) : Json(nullptr)}};
}

std::vector<PlanNode> plan_nodes(const engine::Plan& plan, engine::Engine engine) {
  std::vector<PlanNode> out;
  if (!plan.ok)
    return out;
  if (engine == engine::Engine::sqlite) {
    for (const std::string& line : plan.lines)
      out.push_back(sqlite_node(line));
    return out;
  }
  const Json tree = parse_json(plan.json, "plan", kPlanDepthMax);
  for (const Json& root : tree.is_array() ? tree : Json::array({tree})) {
    if (engine == engine::Engine::duckdb)
      add_duckdb(root, 0, out);
    else if (const auto found = root.find("Plan"); found != root.end())
      add_postgres(*found, 0, out);
  }
  return out;
}

std::string to_text(const std::vector<PlanNode>& nodes) {
  std::string out;
  for (const PlanNode& node : nodes) {
    out += std::string(2 * static_cast<std::size_t>(node.depth), ' ') + node.text;
    if (node.ms)
      out += fmt::format("  ({:.3f} ms, {:.0f} rows)", *node.ms, node.rows.value_or(0));
    out += "\n";
  }
  return out;
}

std::string what_shrank(const std::vector<PlanNode>& before, const std::vector<PlanNode>& after) {
  const bool timed = std::any_of(before.begin(), before.end(),
                                 [](const PlanNode& node) { return node.ms.has_value(); });
  return timed ? largest_loss(before, after) : first_gone(before, after);
}

} // namespace quill::optimize
