// Models from the Hugging Face Hub into its cache (huggingface_hub, src/huggingface_hub/hf_api.py,
// file_download.py): what is there is not fetched again, what was cut goes on, hashes are checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/http.hpp"
#include "quill/core/json.hpp"
#include "quill/hub/endpoint.hpp"
#include "quill/model/cache.hpp"

namespace quill::hub {

/// A file of a repository.
struct RemoteFile {
  std::string name; ///< relative, "/" between folders
  std::int64_t bytes = 0;
  std::string hash;   ///< SHA-256 of a large file, git's blob id of another; names its blob
  bool large = false; ///< kept as LFS
};
struct Repository {
  std::string commit;
  std::vector<RemoteFile> files;
};
/// What the Hub says about a repository. Names that lead out of a folder are refused.
/// \throws Error{outside} naming the address
[[nodiscard]] Repository parse_repository(const Json& answer, const std::string& where);

/// Whether Quill reads a file of this name: configuration, tokenizer, safetensors, adapters.
[[nodiscard]] bool is_wanted(const std::string& name);

struct PullSummary {
  std::filesystem::path folder; ///< of the snapshot: a model's folder
  std::string commit;
  std::int64_t files = 0, bytes = 0; ///< in all
  std::int64_t fetched_bytes = 0;    ///< over the network, this time
};
[[nodiscard]] Json to_json(const PullSummary& summary);

/// `on_bytes` hears how many of all bytes are there. \throws Error{outside}: the Hub refuses, a
/// hash is another; Error{storage}; Error{interrupted} by cancel, to be gone on with
[[nodiscard]] PullSummary
pull(const model::ModelId& id, const Endpoint& endpoint, const std::filesystem::path& cache,
     HttpClient& http, const Cancel& cancel,
     const std::function<void(std::int64_t done, std::int64_t total)>& on_bytes = {});

} // namespace quill::hub
