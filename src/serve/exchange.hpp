// One chat request on its way: what came, what is being written, what was sent.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "quill/model/chat_completion.hpp"
#include "serve/chat_request.hpp"

struct evhttp_request;

namespace quill::serve {

/// Shared by the thread of the connections and the generator's. The first writes `request` and
/// everything that is sent; the second what it says below.
struct Exchange {
  evhttp_request* request = nullptr; ///< null once the connection is gone; the server's thread's
  std::atomic<bool> gone = false;    ///< nobody waits any more: writing can stop
  bool started = false;              ///< the head of a stream was sent
  ChatRequest asked;
  model::CompletionHead head;
  std::size_t prompt_tokens = 0;
  std::vector<model::Answer> answers; ///< the server's thread's: those that have ended
  std::size_t left = 0;               ///< answers that have not ended

  /// The generator's: how much of each sample was passed on.
  struct Passed {
    std::size_t bytes = 0, tokens = 0;
    bool role = false;
  };
  std::vector<Passed> passed;
};

/// What is new in an answer since the last call, as chunks of a stream.
[[nodiscard]] std::vector<Json> fresh_chunks(Exchange& exchange, std::int64_t sample,
                                             const model::Answer& answer,
                                             const model::Tokenizer& tokenizer);

} // namespace quill::serve
