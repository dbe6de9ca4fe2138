#include "cli/command.hpp"

namespace quill::cli {

std::vector<Command> all_commands() {
  return {
      optimize_command(),
      knowledge_build_command(),
      knowledge_search_command(),
      knowledge_stats_command(),
      seed_command(),
      restem_command(),
      analyze_command(),
      runs_ls_command(),
      runs_show_command(),
      runs_report_command(),
      export_command(),
      augment_command(),
      combine_command(),
      data_check_command(),
      data_preview_command(),
      data_import_command(),
      data_grammar_command(),
      eval_sql_command(),
      eval_rewrite_command(),
      evaluate_command(),
      equivalence_command(),
      calibrate_command(),
      judge_command(),
      rules_list_command(),
      rules_show_command(),
      sql_command(),
      model_init_command(),
      model_info_command(),
      model_tokens_command(),
      generate_command(),
      serve_command(),
      merge_command(),
      train_sft_command(),
      train_grpo_command(),
      train_dpo_command(),
      train_ppo_command(),
      doctor_command(),
      config_show_command(),
      completion_command(),
      version_command(),
      help_command(),
  };
}

} // namespace quill::cli
