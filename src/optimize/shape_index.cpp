#include "optimize/shape_index.hpp"

#include <algorithm>
#include <cmath>

#include <faiss/IndexFlat.h>

namespace quill::optimize {

namespace {

/// What an index is searched by: marks tell families apart better than counts of everything, and
/// hashed grams only break ties.
constexpr float kCountWeight = 0.4F, kMarkWeight = 1.0F, kGramWeight = 0.15F;
constexpr float kSpreadMin = 0.15F; ///< a rare mark must not drown all others

float weight_of(std::size_t dimension) {
  if (dimension < kShapeCounts)
    return kCountWeight;
  return dimension < kShapeCounts + kShapeMarks ? kMarkWeight : kGramWeight;
}

struct Spread {
  QueryShape mean{}, deviation{};
};

Spread spread_of(const std::vector<QueryShape>& shapes) {
  Spread spread;
  const auto n = static_cast<float>(std::max<std::size_t>(shapes.size(), 1));
  for (std::size_t i = 0; i < kShapeWidth; ++i) {
    float sum = 0, squares = 0;
    for (const auto& shape : shapes)
      sum += shape[i];
    spread.mean[i] = sum / n;
    for (const auto& shape : shapes)
      squares += (shape[i] - spread.mean[i]) * (shape[i] - spread.mean[i]);
    spread.deviation[i] = std::max(std::sqrt(squares / n), kSpreadMin);
  }
  return spread;
}

QueryShape unit(const QueryShape& shape, const Spread& spread) {
  QueryShape out{};
  float squares = 0;
  for (std::size_t i = 0; i < kShapeWidth; ++i) {
    out[i] = weight_of(i) * (shape[i] - spread.mean[i]) / spread.deviation[i];
    squares += out[i] * out[i];
  }
  for (float& part : out)
    part /= squares > 0 ? std::sqrt(squares) : 1;
  return out;
}

} // namespace

struct ShapeIndex::Room {
  Spread spread;
  faiss::IndexFlatL2 index{static_cast<faiss::Index::idx_t>(kShapeWidth)};
};

ShapeIndex::ShapeIndex(const std::vector<QueryShape>& shapes) : room_(std::make_unique<Room>()) {
  room_->spread = spread_of(shapes);
  for (const auto& shape : shapes)
    room_->index.add(1, unit(shape, room_->spread).data());
}
ShapeIndex::~ShapeIndex() = default;
ShapeIndex::ShapeIndex(ShapeIndex&&) noexcept = default;

std::vector<Neighbour> ShapeIndex::neighbours(const QueryShape& shape) const {
  const auto count = static_cast<std::size_t>(room_->index.ntotal);
  std::vector<float> squares(count);
  std::vector<faiss::Index::idx_t> numbers(count);
  room_->index.search(1, unit(shape, room_->spread).data(), room_->index.ntotal, squares.data(),
                      numbers.data());
  std::vector<Neighbour> out;
  for (std::size_t i = 0; i < count; ++i)
    if (numbers[i] >= 0)
      out.push_back({static_cast<std::size_t>(numbers[i]),
                     std::sqrt(std::max(0.0, static_cast<double>(squares[i])))});
  std::stable_sort(out.begin(), out.end(), [](const Neighbour& a, const Neighbour& b) {
    return std::pair(a.distance, a.number) < std::pair(b.distance, b.number);
  });
  return out;
}

} // namespace quill::optimize
