// Large files by Git LFS: what the Hub lacks goes to the addresses that it names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hub/session.hpp"
#include "quill/hub/push.hpp"
#include "quill/model/cache.hpp"

namespace quill::hub {

struct LargeFile {
  const LocalFile* file = nullptr;
  std::string sha256;
};

/// Sends those that are not there; `sent` hears the size of each piece that arrived, and of files
/// that need none. \returns bytes that went over the network
std::int64_t upload_large(Session& session, const model::ModelId& repository,
                          const std::vector<LargeFile>& files,
                          const std::function<void(std::int64_t)>& on_bytes);

} // namespace quill::hub
