// A local model behind OpenAI's shape of HTTP: /v1/chat/completions, /v1/models, /health, /metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "quill/core/settings.hpp"
#include "quill/model/chat_format.hpp"

namespace quill {
class Cancel;
} // namespace quill

namespace quill::serve {

/// `quill serve`.
struct ServeConfig {
  std::filesystem::path model, adapter;
  std::string name; ///< what clients call the model; "" = the folder's name
  std::string host = "127.0.0.1";
  std::int64_t port = 8000;         ///< 0: one that is free
  std::filesystem::path token_file; ///< clients must send its first line as a bearer token
  std::int64_t batch = 32;          ///< answers written at a time
  std::int64_t queue_max = 4096;    ///< answers that may wait
  std::int64_t tokens_max = 1024;   ///< of an answer, when the request does not say
  std::int64_t body_kb_max = 1024;
  double idle_s = 60;  ///< a connection that sends or takes nothing for so long is closed
  double drain_s = 30; ///< how long a stop waits for answers that are being written
  std::int64_t seed = 42;
  model::Arithmetic arithmetic;

  void fields(FieldList& list);
  /// \throws Error{usage} for an address that others can reach without a token file
  void check() const;
  [[nodiscard]] std::string served_name() const;
};

class Server {
 public:
  /// Binds; a client's connection waits until run(). \throws Error{usage} when the address cannot
  /// be had, or the token file holds no token
  Server(const ServeConfig& config, model::ChatFormat format,
         std::unique_ptr<model::Decoder> decoder);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const;
  /// Serves until `cancel` asks; then takes no more connections and ends when what is being written
  /// is written, or after config.drain_s.
  void run(const Cancel& cancel);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace quill::serve
