#include "engine/scratch_rows.hpp"

namespace quill::engine {

std::string ScratchRows::take(const std::vector<TableRows>& tables) {
  payload_ = encoded(LoadRequest{tables});
  there_ = false;
  if (payload_->size() < kFrameMax)
    return "";
  payload_.reset();
  there_ = true;
  return "too many rows for one load";
}

Loaded ScratchRows::load(Conversation& talk) {
  auto loaded = talk.load(*payload_);
  there_ = loaded.ok;
  return loaded;
}

std::string ScratchRows::restore(Conversation& talk) {
  if (there_)
    return "";
  const auto loaded = load(talk);
  return loaded.ok ? "" : "the rows could not be loaded again: " + loaded.message;
}

std::vector<Sample>
hashes_of(const std::vector<Asked>& statements,
          const std::function<std::vector<Sample>(const std::vector<Asked>&)>& ask) {
  std::vector<Sample> samples(statements.size());
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < statements.size(); ++i)
    if (!is_too_long(statements[i].sql, samples[i]))
      asked.push_back(statements[i]);
  auto answers = ask(asked);
  std::size_t next = 0;
  for (auto& sample : samples)
    if (sample.message.empty())
      sample = std::move(answers[next++]);
  return samples;
}

} // namespace quill::engine
