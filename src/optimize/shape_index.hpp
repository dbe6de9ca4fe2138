// Nearest shapes by FAISS, on z-scores of unit length.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "optimize/query_shape.hpp"

namespace quill::optimize {

struct Neighbour {
  std::size_t number; ///< of the shape, in the order they were given
  double distance;    ///< Euclidean, of unit vectors: 0 to 2
};

/// Made once; asked by any number of threads.
class ShapeIndex {
 public:
  explicit ShapeIndex(const std::vector<QueryShape>& shapes);
  ~ShapeIndex();
  ShapeIndex(ShapeIndex&&) noexcept;

  /// All shapes, nearest first; ties in their order.
  [[nodiscard]] std::vector<Neighbour> neighbours(const QueryShape& shape) const;

 private:
  struct Room;
  std::unique_ptr<Room> room_;
};

} // namespace quill::optimize
