// What became of a statement before or while it ran, for engines that tell it by words.
#pragma once

#include <string>
#include <utility>

#include "quill/engine/session.hpp"

namespace quill::engine {

struct Verdict {
  Status status = Status::ok;
  Cause cause = Cause::none;
  std::string message;
  [[nodiscard]] bool passed() const noexcept { return status == Status::ok; }
};

[[nodiscard]] inline Verdict blocked(Cause cause, std::string message) {
  return {Status::blocked, cause, std::move(message)};
}

template <class T> void tell(T& outcome, Verdict verdict) {
  outcome.status = verdict.status;
  outcome.cause = verdict.cause;
  outcome.message = std::move(verdict.message);
}

} // namespace quill::engine
