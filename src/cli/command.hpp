// What a command is: a door with a name, a list of settings and a few lines into a room.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/progress.hpp"
#include "quill/core/settings.hpp"

namespace quill::cli {

struct Command;
struct TorchRooms;

/// What run() is given. Everything here outlives it.
struct Context {
  const std::vector<Command>& commands; ///< the whole table, for help, completion and config show
  Settings& settings;
  const std::vector<Settings::Line>& resolved; ///< this command's settings, with their origins
  Output& out;
  Cancel& cancel;
  ProgressStyle progress = ProgressStyle::none;
  std::string command_line; ///< as typed, for the run folder and the resume hint
  /// Never null in run() of a command that needs a model.
  const TorchRooms* torch = nullptr;
};

/// How the result can be printed.
enum class Formats {
  none,      ///< fixed text
  any,       ///< --format table|json|jsonl and --json
  json_only, ///< --json; the command has a --format of its own
};

struct Command {
  std::string name; ///< one or two words: "seed", "rules list"
  std::string group;
  std::string summary;               ///< one line, no full stop
  std::string details;               ///< paragraphs for --help: the answer, the exit codes
  std::vector<std::string> examples; ///< whole command lines
  Formats formats = Formats::none;
  std::function<void(FieldList&)> fields = {}; ///< declares; opens no file and does no work
  /// When the settings are read: sets what a preset says; those that were given are stronger.
  std::function<void()> preset = {};
  std::function<Exit(Context&)> run;
  bool hidden = false; ///< left out of the list of commands
  /// Whether the settings, once read, need a network: then it runs in quill-torch.
  std::function<bool()> needs_model = {};
};

/// Settings that every command takes.
struct CommonConfig {
  std::filesystem::path config;
  bool quiet = false, verbose = false, no_progress = false, json = false;
  std::string progress = "auto"; ///< auto | bar | json | none
  std::string color = "auto";    ///< auto | always | never
  std::string format = "table";  ///< table | json | jsonl
  void fields(FieldList& list, Formats formats);
  /// \throws Error{usage} for combinations that contradict each other
  void check() const;
};

/// The settings of a command without the common ones: "rules list" keeps its keys under
/// "rules_list".
[[nodiscard]] FieldList own_fields(const Command& command);
/// The settings every command has; `formats` says which of the printing ones.
[[nodiscard]] FieldList common_fields(CommonConfig& common, Formats formats);

/// The one visible table: every command of `quill`.
[[nodiscard]] std::vector<Command> all_commands();

// One file a command in src/cli/commands.
Command seed_command();
Command sql_command();
Command evaluate_command();
Command equivalence_command();
Command calibrate_command();
Command judge_command();
Command rules_list_command();
Command rules_show_command();
Command optimize_command();
Command batch_prep_command();
Command batch_run_command();
Command batch_validate_command();
Command batch_leaderboard_command();
Command batch_promote_command();
Command suite_prepare_command();
Command suite_init_command();
Command suite_list_command();
Command restem_command();
Command analyze_command();
Command export_command();
Command eval_sql_command();
Command eval_rewrite_command();
Command runs_ls_command();
Command runs_show_command();
Command runs_report_command();
Command model_init_command();
Command model_pull_command();
Command model_info_command();
Command model_tokens_command();
Command generate_command();
Command serve_command();
Command merge_command();
Command push_command();
Command train_sft_command();
Command train_grpo_command();
Command train_dpo_command();
Command train_ppo_command();
Command augment_command();
Command combine_command();
Command data_check_command();
Command data_preview_command();
Command data_import_command();
Command data_grammar_command();
Command knowledge_build_command();
Command knowledge_search_command();
Command knowledge_stats_command();
Command doctor_command();
Command config_show_command();
Command completion_command();
Command help_command();
Command version_command();

} // namespace quill::cli
