// How much memory a database of a given size needs: the worker arranges it, the parent caps it.
#pragma once

#include <algorithm>
#include <cstddef>

namespace quill::engine {

/// Pages of the image one connection keeps; the rest is copied again from memory when needed.
inline constexpr std::size_t kCacheBytesMax = 64U << 20U;

[[nodiscard]] constexpr std::size_t cache_bytes(std::size_t image) {
  return std::min(image + image / 8 + (256U << 10U), kCacheBytesMax);
}

/// Room behind the image for indexes; pages that are not touched cost nothing.
[[nodiscard]] constexpr std::size_t index_room(std::size_t image) {
  return image * 4 + (64U << 20U);
}

/// Address space beyond what the worker had before it mapped the image: the image, the view of the
/// base side, that of the indexed side with its room, both caches.
[[nodiscard]] constexpr std::size_t image_address_space(std::size_t image) {
  return image * 3 + index_room(image) + 2 * cache_bytes(image);
}

} // namespace quill::engine
