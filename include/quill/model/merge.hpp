// An adapter folded into its base: a plain checkpoint that any program reads.
#pragma once

#include <cstdint>
#include <filesystem>

namespace quill::model {

struct MergeSummary {
  std::int64_t maps = 0;   ///< linear maps that changed
  double change_max = 0;   ///< largest |scale · B A| of any weight
  double rounding_max = 0; ///< largest error of a sum in the type of the files
  std::filesystem::path out;
};

/// Writes `out` with weights W + scale · B A, calculated in float32 and kept in each tensor's type
/// (codes of four bits become their values), and copies of configuration and tokenizer. `out` must
/// not hold a model. Only where LibTorch is linked (quill-torch).
/// \throws Error{usage} for folders that do not fit each other; Error{storage}
[[nodiscard]] MergeSummary merge_adapter(const std::filesystem::path& folder,
                                         const std::filesystem::path& adapter,
                                         const std::filesystem::path& out);

} // namespace quill::model
