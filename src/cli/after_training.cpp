#include "cli/after_training.hpp"

#include <fmt/format.h>

#include "cli/hub_access.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

std::filesystem::path merged_folder(const std::filesystem::path& out) {
  return out / "merged";
}

} // namespace

void AfterTraining::fields(FieldList& list) {
  list.add("merge", &merge, "then fold the adapter into the model: OUT/merged, a plain checkpoint");
  list.add("push", &push, "then upload it to ORG/NAME: OUT/merged, else what was trained");
  list.add("set", &set, "key=value: the setting of that key, as its option; may be repeated");
}

void AfterTraining::check(const train::TraineeConfig& trainee,
                          const std::filesystem::path& out) const {
  if (!push.empty())
    (void)hub_id(push);
  if (!merge)
    return;
  if (trainee.method == "full")
    throw Error{Exit::usage,
                {.what = "--merge and --method full were both given",
                 .where = "command line",
                 .fix = "leave --merge out: every weight is trained, and OUT/model is whole"}};
  if (std::filesystem::exists(merged_folder(out) / "config.json"))
    throw Error{Exit::usage,
                {.what = "--merge was given, and there is a merged model already",
                 .where = merged_folder(out).string(),
                 .fix = "take it away, or give another --out"}};
}

AfterTraining::Said AfterTraining::run(const Context& context, const train::TraineeConfig& trainee,
                                       const train::TrainSummary& summary) const {
  Said said;
  std::filesystem::path folder = summary.path;
  if (merge) {
    const auto merged = context.torch->merge(trainee.model, summary.path,
                                             merged_folder(summary.path.parent_path()));
    folder = merged.out;
    said.members["merged"] = merged.out.string();
    said.text = fmt::format("{}: {} maps merged\n", merged.out.string(), merged.maps);
  }
  if (!push.empty())
    upload(context, folder, said);
  return said;
}

void AfterTraining::upload(const Context& context, const std::filesystem::path& folder,
                           Said& said) const {
  try {
    const auto pushed = push_folder(context, folder, {.repository = hub_id(push)});
    said.members["pushed"] = to_json(pushed);
    said.text += fmt::format("{}: {} files sent\n", pushed.url, pushed.sent_files);
  } catch (const Error& error) {
    said.members["pushed"] = {{"error", error.text().what}};
    log_warn(fmt::format("not uploaded: {} ({}). The training is done and kept; later: quill push "
                         "--model {} --repository {}",
                         error.text().what, error.text().where, folder.string(), push));
  }
}

} // namespace quill::cli
