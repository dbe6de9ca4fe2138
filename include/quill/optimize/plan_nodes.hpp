// An engine's plan as a list of nodes with what each took, where the engine tells it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"

namespace quill::optimize {

struct PlanNode {
  int depth = 0;
  std::string text;                ///< "Seq Scan on orders", "SEARCH o USING INDEX i (user_id=?)"
  std::optional<double> ms = {};   ///< of the node itself, its children left out
  std::optional<double> rows = {}; ///< that it gave, over all its loops
};
[[nodiscard]] Json to_json(const PlanNode& node);

/// Root first, children after their parent. Times are there when the plan came from analyze().
[[nodiscard]] std::vector<PlanNode> plan_nodes(const engine::Plan& plan, engine::Engine engine);
/// As indented lines, each with its time and rows.
[[nodiscard]] std::string to_text(const std::vector<PlanNode>& nodes);

/// The node that shrank most, in a sentence: "Seq Scan on orders: 120.3 ms became 2.1 ms". Where no
/// times are told, the first node of `before` that `after` has not, scans first. "" when none did.
[[nodiscard]] std::string what_shrank(const std::vector<PlanNode>& before,
                                      const std::vector<PlanNode>& after);

} // namespace quill::optimize
