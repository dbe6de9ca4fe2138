#include "quill/train/sft.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::train {

void SftConfig::fields(FieldList& list) {
  list.add("data", &data, "file of training lines, JSONL or a JSON array; may be repeated")
      .needed();
  list.add("weights", &weights, "shares of the files, in their order, for --order weighted");
  list.add("order", &order, "shuffled in each epoch, as the files stand, or drawn by weight")
      .one_of({"shuffled", "curriculum", "weighted"});
  list.add("packing", &packing, "several samples a row of --max-length tokens")
      .one_of({"off", "best-fit"});
  list.add("loss_on", &loss_on, "the last answer of a conversation, or all its answers")
      .one_of({"answer", "turns"});
  list.add("max_length", &length_max, "longer samples lose their end")
      .in("tokens")
      .range(2, 1 << 20);
  list.add("batch", &batch, "samples, or packed rows, that go through the network together")
      .range(1, 65'536);
  list.add("accumulate", &accumulate, "batches whose gradients make one step").range(1, 65'536);
  list.add("epochs", &epochs, "times through the data").range(1, 100'000);
  list.add("steps", &steps, "steps, in place of --epochs").range(1, 1e9);
  list.add("eval_data", &eval_data, "lines to evaluate on while training");
  list.add("eval_every", &eval_every, "steps between evaluations, 0 for each epoch's end")
      .range(0, 1e9);
  trainee.fields(list);
  optimizer.fields(list);
  run.fields(list);
}

void SftConfig::check() const {
  trainee.check();
  if ((order == "weighted") != !weights.empty() ||
      (order == "weighted" && weights.size() != data.size()))
    throw Error{Exit::usage,
                {.what = fmt::format("--order is {}, with {} files and {} --weights", order,
                                     data.size(), weights.size()),
                 .where = "command line",
                 .fix = "with --order weighted give one --weights for each --data, else none"}};
}

Json to_json(const TrainSummary& summary) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  return {{"path", summary.path.string()},
          {"steps", summary.steps},
          {"steps_wanted", summary.steps_wanted},
          {"samples", summary.samples},
          {"truncated", summary.truncated},
          {"dropped", summary.dropped},
          {"tokens", summary.tokens},
          {"parameters", summary.parameters},
          {"seconds", summary.seconds},
          {"loss", or_null(summary.loss)},
          {"eval_loss", or_null(summary.eval_loss)},
          {"eval_loss_best", or_null(summary.eval_loss_best)},
          {"stopped", summary.stopped}};
}

} // namespace quill::train
