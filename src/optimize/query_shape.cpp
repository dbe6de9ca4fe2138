#include "optimize/query_shape.hpp"

#include <cmath>
#include <vector>

#include "optimize/shape_marks.hpp"
#include "quill/core/error.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/similarity.hpp"

namespace quill::optimize {

namespace {

float damped(double count) {
  return static_cast<float>(std::log1p(count));
}

} // namespace

QueryShape query_shape(const sql::Query& query) {
  QueryShape shape{};
  const auto counts = sql::features(query).vector();
  const auto marks = shape_marks(query);
  static_assert(kMarks == kShapeMarks);
  QUILL_CHECK(counts.size() == kShapeCounts, "sql::Features have another width");
  std::size_t at = 0;
  for (const double count : counts)
    shape[at++] = damped(count);
  for (const int mark : marks)
    shape[at++] = damped(mark);
  for (const auto gram : sql::gram_profile(query).grams)
    shape[at + gram % kShapeGrams] += 1;
  for (; at < kShapeWidth; ++at)
    shape[at] = damped(shape[at]);
  return shape;
}

} // namespace quill::optimize
