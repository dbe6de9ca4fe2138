// Recorded exchanges: what a model answered once need not be asked again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "quill/llm/client.hpp"

namespace quill::llm {

struct Recorded {
  std::string raw;    ///< the body, as it came
  bool usable = true; ///< false: it is no answer; kept for the record
};

/// By Request::key(), so that several equal requests have an answer each. store implements it.
/// Thread-safe.
class Tape {
 public:
  virtual ~Tape() = default;
  [[nodiscard]] virtual std::optional<Recorded> find(const std::string& key) = 0;
  /// Durable when it returns. \throws Error{storage}
  virtual void put(const Request& request, const Recorded& recorded) = 0;
  /// Calls `look` with each recorded request (Request::json() as text) until it returns false.
  virtual void each_request(const std::function<bool(const std::string&)>& look) = 0;
};

} // namespace quill::llm
