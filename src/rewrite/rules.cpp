#include "rewrite/rules.hpp"

#include "rewrite/engine_table.hpp"

namespace quill::rewrite {

namespace {

std::vector<RulePtr> make_rules() {
  std::vector<RulePtr> rules;
  for (RulePtr (*make)() : {
           or_chain_to_in,
           date_function_to_range,
           prefix_to_range,
           arithmetic_off_column,
           coalesce_off_column,
           constant_condition,
           having_to_where,
           count_to_exists,
           exists_to_in,
           in_to_exists,
           in_to_join,
           correlated_in_to_row_in,
           not_exists_to_anti_join,
           scalar_aggregate_to_join,
           greatest_per_group_to_in,
           scalar_aggregate_to_window,
           running_aggregate_to_window,
           newer_row_to_window,
           self_join_to_window,
           self_pairs_to_groups,
           scalar_scans_to_one,
           repeated_subquery_to_cte,
           filter_into_cte,
           cte_self_join_to_pivot,
           min_max_split,
           anti_join_to_not_in,
           distinct_join_to_in,
           distinct_join_to_exists,
           distinct_joins_to_exists,
           unused_left_join,
           foreign_key_join,
           aggregate_before_join,
           partial_aggregates_first,
           needed_groups_only,
           late_materialisation,
           offset_to_keyset,
           redundant_distinct,
           inner_order_by,
           union_to_union_all,
           set_operation_to_predicate,
           or_to_union_all,
           unused_inner_columns,
           unneeded_columns,
           unneeded_rows,
       })
    rules.push_back(make());
  return rules;
}

} // namespace

const std::vector<std::unique_ptr<Rule>>& all_rules() {
  static const std::vector<RulePtr> rules = make_rules();
  return rules;
}

std::vector<const Rule*> rules_for(sql::Dialect dialect) {
  std::vector<const Rule*> rules;
  for (const auto& rule : all_rules())
    if (pays_on(rule->name(), dialect))
      rules.push_back(rule.get());
  return rules;
}

Json rules_json() {
  Json list = Json::array();
  for (const auto& rule : all_rules())
    list.push_back({{"name", rule->name()},
                    {"summary", rule->summary()},
                    {"engines", rule->engines()},
                    {"pays", rule->pays()},
                    {"hurts", rule->hurts()}});
  return list;
}

} // namespace quill::rewrite
