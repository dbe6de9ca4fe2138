// Models that were fetched from the Hub, where its own tools keep them: models--ORG--NAME with
// blobs/HASH, snapshots/COMMIT/FILE (links to blobs) and refs/REVISION (a commit).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace quill::model {

/// "ORG/NAME" or "ORG/NAME@REVISION".
struct ModelId {
  std::string name; ///< ORG/NAME
  std::string revision = "main";
};
/// Nothing for a text that is none.
[[nodiscard]] std::optional<ModelId> parse_model_id(std::string_view text);

/// HF_HUB_CACHE, HF_HOME/hub, or ~/.cache/huggingface/hub.
[[nodiscard]] std::filesystem::path
hub_cache(const std::map<std::string, std::string>& environment);

/// A model's place in the cache.
[[nodiscard]] std::filesystem::path cached_repository(const std::filesystem::path& cache,
                                                      const std::string& name);
/// The folder of its files; nothing when that revision is not there.
[[nodiscard]] std::optional<std::filesystem::path>
cached_snapshot(const std::filesystem::path& cache, const ModelId& id);

/// `named` itself when there is such a folder, or no id of that form; else where the cache has it.
/// \throws Error{usage} for an id that is not in the cache, saying how to fetch it
[[nodiscard]] std::filesystem::path
model_folder(const std::filesystem::path& named,
             const std::map<std::string, std::string>& environment);

} // namespace quill::model
