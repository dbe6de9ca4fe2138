// A folder of a model or an adapter to a repository of the Hugging Face Hub, as one commit
// (huggingface_hub, src/huggingface_hub/_commit_api.py, lfs.py): create, pre-upload, large files
// by LFS, commit. What is there already is not sent again, so what was cut goes on.
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

/// One file of the commit.
struct LocalFile {
  std::string name;           ///< in the repository
  std::filesystem::path path; ///< "" for a file that is `text`
  std::string text = {};
  std::int64_t bytes = 0;
};
/// The files of a model's or an adapter's folder that the Hub is to have; when there is no
/// README.md, `card` becomes it. \throws Error{usage} when the folder has neither config.json nor
/// adapter_config.json, or no safetensors
[[nodiscard]] std::vector<LocalFile> files_to_push(const std::filesystem::path& folder,
                                                   const std::string& card);

struct PushTarget {
  model::ModelId repository; ///< its revision is the branch
  std::string tag = {};      ///< set on the commit; "": none
  bool is_private = false;   ///< when it must be created
  std::string message = "Upload with Quill";
};

struct PushSummary {
  std::string url, commit; ///< of the repository; "" when it had everything
  std::int64_t files = 0, bytes = 0;
  std::int64_t sent_files = 0, sent_bytes = 0; ///< those that were not there
};
[[nodiscard]] Json to_json(const PushSummary& summary);

/// `on_bytes` hears how many bytes of large files are there. \throws Error{outside}: the Hub
/// refuses; Error{usage}: no token, an unreadable file; Error{interrupted} by cancel
[[nodiscard]] PushSummary
push(const std::vector<LocalFile>& files, const PushTarget& target, const Endpoint& endpoint,
     HttpClient& http, const Cancel& cancel,
     const std::function<void(std::int64_t done, std::int64_t total)>& on_bytes = {});

} // namespace quill::hub
