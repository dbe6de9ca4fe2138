#include "cli/after_training.hpp"

#include <fmt/format.h>

#include "cli/torch_rooms.hpp"

namespace quill::cli {

namespace {

std::filesystem::path merged_folder(const std::filesystem::path& out) {
  return out / "merged";
}

} // namespace

void AfterTraining::fields(FieldList& list) {
  list.add("merge", &merge, "then fold the adapter into the model: OUT/merged, a plain checkpoint");
  list.add("set", &set, "key=value: the setting of that key, as its option; may be repeated");
}

void AfterTraining::check(const train::TraineeConfig& trainee,
                          const std::filesystem::path& out) const {
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
  if (!merge)
    return said;
  const auto merged =
      context.torch->merge(trainee.model, summary.path, merged_folder(summary.path.parent_path()));
  said.members["merged"] = merged.out.string();
  said.text = fmt::format("{}: {} maps merged\n", merged.out.string(), merged.maps);
  return said;
}

} // namespace quill::cli
