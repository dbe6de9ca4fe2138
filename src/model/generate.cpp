#include "quill/model/generate.hpp"

#include <algorithm>

#include "quill/core/cancel.hpp"
#include "quill/model/scheduler.hpp"

namespace quill::model {

std::vector<std::vector<Answer>> generate(Decoder& decoder, const Tokenizer& tokenizer,
                                          const std::vector<Generation>& generations,
                                          std::int64_t slots_max, const Cancel& cancel,
                                          const std::function<void()>& on_answer) {
  Scheduler scheduler(decoder, tokenizer, slots_max);
  std::vector<std::vector<Answer>> answers;
  answers.reserve(generations.size());
  for (const Generation& each : generations)
    answers.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(each.samples, 0)));
  for (std::size_t g = 0; g < generations.size(); ++g)
    scheduler.add(generations[g],
                  [&answers, &on_answer, g](std::int64_t sample, const Answer& so_far) {
                    if (so_far.finish_reason.empty())
                      return true;
                    answers[g][static_cast<std::size_t>(sample)] = so_far;
                    if (on_answer)
                      on_answer();
                    return true;
                  });
  while (!cancel.requested() && scheduler.step()) {
  }
  scheduler.cancel();
  return answers;
}

} // namespace quill::model
