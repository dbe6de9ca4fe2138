#include "quill/train/dpo.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill::train {

void DpoLossConfig::fields(FieldList& list) {
  list.add("loss", &loss, "how a pair's difference becomes a loss")
      .one_of({"sigmoid", "ipo", "hinge", "robust", "apo_zero"});
  list.add("beta", &beta, "how much it costs to leave the reference").range(1e-6, 1000);
  list.add("label_smoothing", &label_smoothing,
           "--loss robust: share of the pairs that are the wrong way round")
      .range(0, 0.499);
  list.add("sft_weight", &sft_weight, "of the better answers' cross-entropy, added to the loss")
      .range(0, 1000);
}

void DpoConfig::fields(FieldList& list) {
  list.add("data", &data, "file of pairs, as `quill export --format dpo` writes; may be repeated")
      .needed();
  loss.fields(list);
  list.add("max_length", &length_max, "pairs with a longer prompt and answer are left out")
      .in("tokens")
      .range(2, 1 << 20);
  list.add("batch", &batch, "pairs that go through the network together").range(1, 65'536);
  list.add("accumulate", &accumulate, "batches whose gradients make one step").range(1, 65'536);
  list.add("epochs", &epochs, "times through the data").range(1, 100'000);
  list.add("steps", &steps, "steps, in place of --epochs").range(1, 1e9);
  trainee.fields(list);
  optimizer.fields(list);
  run.fields(list);
}

namespace {

/// A list of messages, or a text as a message of `role`.
std::vector<llm::Message> messages_of(const JsonObject& line, const char* key, const char* role) {
  if (line.at(key).is_string())
    return {{role, line.text(key)}};
  return model::parse_messages(line.at(key), line.where());
}

Sample sample_of(std::vector<llm::Message> prompt, const JsonObject& line, const char* key,
                 const Tokenizing& tokenizing) {
  for (llm::Message& message : messages_of(line, key, "assistant"))
    prompt.push_back(std::move(message));
  if (prompt.back().role != "assistant" || prompt.back().content.empty())
    throw Error{Exit::usage,
                {.what = fmt::format("\"{}\" does not end with an answer", key),
                 .where = line.where(),
                 .fix = "end it with a message of role assistant that has text"}};
  Samples samples = tokenized({{.messages = std::move(prompt), .where = line.where()}}, tokenizing);
  return std::move(samples.samples[0]);
}

} // namespace

PreferencePairs read_pairs(const std::vector<std::string>& files, const Tokenizing& tokenizing) {
  PreferencePairs read;
  Tokenizing whole = tokenizing;
  whole.length_max = std::int64_t{1} << 30U; // an answer without its end is no longer that answer
  const auto longest = static_cast<std::size_t>(tokenizing.length_max);
  for (const std::string& file : files)
    read_jsonl(file, [&](const Json& value, std::size_t number) {
      const JsonObject line(value, fmt::format("{}:{}", file, number));
      const auto prompt = messages_of(line, "prompt", "user");
      PreferencePair pair{.chosen = sample_of(prompt, line, "chosen", whole),
                          .rejected = sample_of(prompt, line, "rejected", whole)};
      if (pair.chosen.ids.size() > longest || pair.rejected.ids.size() > longest)
        ++read.dropped;
      else
        read.pairs.push_back(std::move(pair));
    });
  if (read.pairs.empty())
    throw Error{Exit::usage,
                {.what = fmt::format("no pair is left; {} are longer than --max-length {}",
                                     read.dropped, tokenizing.length_max),
                 .where = files.empty() ? "" : files[0],
                 .fix = "name a file with pairs, or give a larger --max-length"}};
  return read;
}

} // namespace quill::train
