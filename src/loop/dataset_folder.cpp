#include "loop/dataset_folder.hpp"

#include <fmt/format.h>

#include "loop/exports.hpp"
#include "loop/tally.hpp"
#include "quill/core/files.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

void write_dataset_folder(const std::filesystem::path& folder, const std::vector<Example>& examples,
                          const Json& origin) {
  if (store::has_run(folder))
    throw Error{Exit::usage,
                {.what = fmt::format("\"{}\" holds a run; its files are exports of run.db",
                                     folder.string()),
                 .where = "--out",
                 .fix = "give another folder"}};
  const std::vector<IterationMetrics> none;
  DiversityCount diversity;
  for (const Example& example : examples)
    diversity.add(example);
  make_folder(folder);
  real_disk().write_atomic(folder / "training_data.json", training_data_bytes(examples));
  real_disk().write_atomic(folder / "metrics.json", metrics_bytes({.settings = origin,
                                                                   .iterations = none,
                                                                   .examples = examples,
                                                                   .diversity = diversity,
                                                                   .iterations_wanted = 0,
                                                                   .finished = true}));
}

} // namespace quill::loop
