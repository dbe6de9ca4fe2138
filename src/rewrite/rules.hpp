// The rules, one a file in rules/, as the table in rules.cpp lists them.
#pragma once

#include <memory>

#include "quill/rewrite/rule.hpp"

namespace quill::rewrite {

using RulePtr = std::unique_ptr<Rule>;

// predicates
RulePtr or_chain_to_in();
RulePtr date_function_to_range();
RulePtr prefix_to_range();
RulePtr arithmetic_off_column();
RulePtr coalesce_off_column();
RulePtr constant_condition();
RulePtr having_to_where();
// sub-queries
RulePtr count_to_exists();
RulePtr exists_to_in();
RulePtr in_to_exists();
RulePtr in_to_join();
RulePtr correlated_in_to_row_in();
RulePtr not_exists_to_anti_join();
RulePtr scalar_aggregate_to_join();
RulePtr greatest_per_group_to_in();
RulePtr scalar_scans_to_one();
RulePtr repeated_subquery_to_cte();
RulePtr filter_into_cte();
RulePtr cte_self_join_to_pivot();
RulePtr min_max_split();
// joins
RulePtr anti_join_to_not_in();
RulePtr distinct_join_to_in();
RulePtr distinct_join_to_exists();
RulePtr distinct_joins_to_exists();
RulePtr unused_left_join();
RulePtr foreign_key_join();
RulePtr aggregate_before_join();
RulePtr partial_aggregates_first();
RulePtr needed_groups_only();
RulePtr late_materialisation();
RulePtr offset_to_keyset();
// windows
RulePtr scalar_aggregate_to_window();
RulePtr running_aggregate_to_window();
RulePtr newer_row_to_window();
RulePtr self_join_to_window();
RulePtr self_pairs_to_groups();
// sets and order
RulePtr redundant_distinct();
RulePtr inner_order_by();
RulePtr union_to_union_all();
RulePtr set_operation_to_predicate();
RulePtr or_to_union_all();
// what the user said is enough
RulePtr unused_inner_columns();
RulePtr unneeded_columns();
RulePtr unneeded_rows();

} // namespace quill::rewrite
