// Clients around a client. Each does one thing; `inner` and the clock must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "quill/llm/client.hpp"
#include "quill/llm/tape.hpp"

namespace quill::llm {

/// Retries 408, 409, 429 (not quota), 5xx, resets; obeys retry-after up to two minutes; exponential
/// with jitter.
[[nodiscard]] std::unique_ptr<Client> with_retry(Client& inner, Clock& clock, int attempts_max,
                                                 std::uint64_t jitter_seed);

/// How fast one key may be used.
struct Pace {
  std::int64_t in_flight_max = 8;
  std::optional<std::int64_t> requests_per_minute = {}, tokens_per_minute = {};
};
/// Requests start evenly spaced, and after a 429 nobody asks before the time the server named
/// (without one 1, 2, 4 … 30 s): a cool-down is the key's, not the request's.
[[nodiscard]] std::unique_ptr<Client> with_throttle(Client& inner, Clock& clock, Pace pace);

/// The user's own limits; nothing passes them.
struct Budget {
  std::optional<double> usd = {};
  std::optional<std::int64_t> tokens = {}, calls = {};
  [[nodiscard]] bool limits() const noexcept { return usd || tokens || calls; }
};
struct Spent {
  double usd = 0;
  std::int64_t tokens = 0, calls = 0;
};
/// Price of a usage in USD; nullopt when unknown.
using CostFunction = std::function<std::optional<double>(const Usage& usage)>;
/// Before a request is sent, what it may cost at most is put aside (its prompt, three bytes a
/// token, and all the tokens it may write), and given back when its usage is known; what told no
/// usage counts in full. When that does not fit any more the request fails with Kind::budget.
/// `spent`: before this start of the run.
[[nodiscard]] std::unique_ptr<Client> with_budget(Client& inner, const Budget& budget,
                                                  const Spent& spent, CostFunction cost);
/// What a request may use at most, as with_budget() puts it aside.
[[nodiscard]] Usage usage_at_most(const Request& request);

/// Answers what is on the tape from there. What is not: asked of `inner`, answered, and put on the
/// tape before anybody reads it; when `inner` is null it fails with Kind::not_recorded, saying how
/// the nearest recorded request differs. `api`: the shape of the bodies.
[[nodiscard]] std::unique_ptr<Client> with_tape(Client* inner, Tape& tape, Api api);

/// Shows every failure to `witness`, also those that with_retry() then mends.
using Witness = std::function<void(const Request& request, const LlmFailure& failure)>;
[[nodiscard]] std::unique_ptr<Client> with_witness(Client& inner, Witness witness);

/// Everything between a command and a model's server, in one piece.
struct StackSetup {
  Endpoint endpoint;
  Pace pace;
  Budget budget;
  Spent spent;
  CostFunction cost;
  Witness witness = {};   ///< may be empty
  Client* wire = nullptr; ///< answers in place of HTTP, when there is one; must outlive the stack
  std::uint64_t jitter_seed = 0;
};
/// retry(throttle(budget(witness(HTTP or wire)))). `http` and `clock` must outlive it.
[[nodiscard]] std::unique_ptr<Client> make_stack(const StackSetup& setup, HttpClient& http,
                                                 Clock& clock);

} // namespace quill::llm
