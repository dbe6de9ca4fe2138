// quill push — a model or an adapter to the Hub.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/hub_access.hpp"

namespace quill::cli {

namespace {

struct PushConfig {
  std::filesystem::path model;
  std::string repository, revision = "main", tag, message = "Upload with Quill";
  bool is_private = false, dry_run = false;

  void fields(FieldList& list) {
    list.add("model", &model, "folder of a model or of an adapter").needed();
    list.add("repository", &repository, "ORG/NAME, created when it is not there").needed();
    list.add("revision", &revision, "branch to commit to");
    list.add("tag", &tag, "tag to set on the commit");
    list.add("message", &message, "first line of the commit");
    list.add("private", &is_private, "a repository that must be created is private");
    list.add("dry_run", &dry_run, "print the files and the card, and send nothing");
  }

  [[nodiscard]] hub::PushTarget target() const {
    (void)hub_id(repository); // so that what is wrong is said of what was written
    if (repository.find('@') != std::string::npos)
      throw Error{Exit::usage,
                  {.what = fmt::format("--repository has a revision: \"{}\"", repository),
                   .where = "command line",
                   .fix = "write ORG/NAME, and the branch with --revision"}};
    return {.repository = hub_id(repository + "@" + revision),
            .tag = tag,
            .is_private = is_private,
            .message = message};
  }
};

Exit show(Context& context, const PushConfig& config, const hub::PushTarget& target) {
  const std::string card = card_of(config.model, target.repository);
  Json files = Json::array();
  std::string text;
  for (const hub::LocalFile& file : hub::files_to_push(config.model, card)) {
    files.push_back({{"name", file.name}, {"bytes", file.bytes}});
    text += fmt::format("{:>12}  {}\n", file.bytes, file.name);
  }
  context.out.result({{"files", files}, {"card", card}}, text + "\n" + card);
  return Exit::ok;
}

Exit run_push(Context& context, const PushConfig& config) {
  const hub::PushTarget target = config.target();
  if (config.dry_run)
    return show(context, config, target);
  const hub::PushSummary summary = push_folder(context, config.model, target);
  context.out.result(to_json(summary),
                     fmt::format("{}\n{} files, {} bytes; {} files sent\n", summary.url,
                                 summary.files, summary.bytes, summary.sent_files));
  return Exit::ok;
}

} // namespace

Command push_command() {
  auto config = std::make_shared<PushConfig>();
  return {
      .name = "push",
      .group = "models",
      .summary = "upload a model or an adapter to the Hugging Face Hub",
      .details =
          "Creates the repository when it is not there, sends what it has not got (large files by "
          "LFS) and commits. What was cut goes on when the command is run again. A folder without "
          "README.md gets a card from the configuration and, inside a training run's folder, from "
          "that run's settings and figures. Needs HF_TOKEN; HF_ENDPOINT names another "
          "Hub.\nJSON: {\"url\", \"commit\", \"files\", \"bytes\", \"sent_files\", "
          "\"sent_bytes\"}; commit is null when everything was there. With --dry-run: {\"files\": "
          "[{\"name\", \"bytes\"}], \"card\"}.",
      .examples = {"quill push --model runs/first/merged --repository me/qwen-sql --dry-run"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_push(context, *config); },
  };
}

} // namespace quill::cli
