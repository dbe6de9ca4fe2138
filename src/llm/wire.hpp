// One provider's shape of HTTP: how it is asked, and what its answer means.
#pragma once

#include <string>

#include "quill/core/http.hpp"
#include "quill/llm/client.hpp"

namespace quill::llm {

/// Path, headers and body alone; address, limits and what all share are the client's.
struct WireRequest {
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  Json body;
};

[[nodiscard]] WireRequest openai_request(const Endpoint& endpoint, const Request& request);
[[nodiscard]] WireRequest anthropic_request(const Endpoint& endpoint, const Request& request);
[[nodiscard]] WireRequest ollama_request(const Endpoint& endpoint, const Request& request);

[[nodiscard]] Result<Reply, LlmFailure> read_openai(long status, const std::string& body);
[[nodiscard]] Result<Reply, LlmFailure> read_anthropic(long status, const std::string& body);
[[nodiscard]] Result<Reply, LlmFailure> read_ollama(long status, const std::string& body);

} // namespace quill::llm
