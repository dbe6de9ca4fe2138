#include "quill/model/generator.hpp"

namespace quill::model {

Generator::Generator(std::unique_ptr<Decoder> decoder, const Tokenizer& tokenizer,
                     std::int64_t slots_max)
    : decoder_(std::move(decoder)), scheduler_(*decoder_, tokenizer, slots_max),
      thread_([this] { run(); }) {}

Generator::~Generator() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Generator::submit(Generation generation, Watch watch) {
  check_generation(generation, *decoder_);
  {
    const std::lock_guard lock(mutex_);
    if (broken_)
      throw Error{broken_->exit(), broken_->text()};
    ++counts_.prompts;
    counts_.prompt_tokens += static_cast<std::int64_t>(generation.prompt.size());
    counts_.waiting += generation.samples;
    submitted_.push_back({std::move(generation), std::move(watch)});
  }
  wake_.notify_one();
}

Generator::Counts Generator::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Generator::run() {
  while (take_submitted())
    write();
  end_all();
}

/// Waits while there is nothing to write. False when it is time to end.
bool Generator::take_submitted() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] {
    return closing_ || !submitted_.empty() || scheduler_.running() + scheduler_.waiting() > 0;
  });
  if (closing_)
    return false;
  std::deque<Submitted> fresh = std::exchange(submitted_, {});
  lock.unlock();
  for (Submitted& each : fresh)
    add(std::move(each));
  return true;
}

void Generator::add(Submitted submitted) {
  auto watch = [this, inner = std::move(submitted.watch)](std::int64_t sample,
                                                          const Answer& answer) {
    if (!answer.finish_reason.empty()) {
      const std::lock_guard lock(mutex_);
      ++counts_.answers;
      counts_.tokens += static_cast<std::int64_t>(answer.ids.size());
    }
    return inner(sample, answer);
  };
  scheduler_.add(std::move(submitted.generation), std::move(watch));
}

void Generator::write() {
  try {
    scheduler_.step();
  } catch (const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      broken_ = error;
    }
    scheduler_.cancel();
  }
  const std::lock_guard lock(mutex_);
  counts_.running = scheduler_.running();
  counts_.waiting = scheduler_.waiting();
  for (const Submitted& each : submitted_)
    counts_.waiting += each.generation.samples;
}

void Generator::end_all() {
  std::deque<Submitted> late;
  {
    const std::lock_guard lock(mutex_);
    late = std::exchange(submitted_, {});
  }
  for (Submitted& each : late)
    add(std::move(each));
  scheduler_.cancel();
}

} // namespace quill::model
