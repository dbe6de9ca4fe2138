#include "quill/train/sft.hpp"

#include <charconv>

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
  (void)read_weights(weights);
}

std::vector<double> read_weights(const std::vector<std::string>& weights) {
  std::vector<double> numbers;
  double sum = 0;
  for (const std::string& text : weights) {
    double number = -1;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || !(number >= 0 && number <= 1e9))
      throw Error{Exit::usage,
                  {.what = fmt::format("--weights has \"{}\"", text),
                   .where = "command line",
                   .fix = "give numbers from 0 to 1e9, for example --weights 0.3"}};
    numbers.push_back(number);
    sum += number;
  }
  if (!weights.empty() && sum <= 0)
    throw Error{Exit::usage,
                {.what = "every one of --weights is 0",
                 .where = "command line",
                 .fix = "give one file at least a weight above 0"}};
  return numbers;
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
