// CREATE INDEX on a private view of the image, which becomes the indexed side.
#pragma once

#include <optional>

#include "engine/protocol.hpp"
#include "engine/worker/image.hpp"

namespace quill::engine {

struct BuiltImage {
  IndexBuild answer;
  std::optional<Mapping> image; ///< when answer.ok and there was something to build
};

/// Each statement must be one CREATE INDEX; each has the whole time limit. The first that fails
/// ends the build.
[[nodiscard]] BuiltImage build_indexed_image(const Image& image, const IndexRequest& request);

} // namespace quill::engine
