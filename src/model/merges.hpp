// The merges of a BPE vocabulary: which pairs of tokens become one, and in what order.
#pragma once

#include <cstdint>
#include <vector>

#include "quill/model/tokenizer.hpp"

namespace quill::model {

/// Pair of tokens → rank and result, in one flat table.
class Merges {
 public:
  struct Merge {
    std::uint32_t rank = 0;
    TokenId result = -1;
  };

  explicit Merges(std::size_t count);
  /// A pair that is there already keeps its place.
  void add(TokenId left, TokenId right, Merge merge);
  /// nullptr when the pair does not merge.
  [[nodiscard]] const Merge* find(TokenId left, TokenId right) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Merges `symbols` in place until no pair merges: the lowest rank first, of equals the leftmost.
  void apply(std::vector<TokenId>& symbols) const;

 private:
  struct Slot {
    std::uint64_t pair = ~0ULL;
    Merge merge = {};
  };
  [[nodiscard]] std::size_t place(std::uint64_t pair) const;
  void apply_to_few(std::vector<TokenId>& symbols) const;
  void apply_to_many(std::vector<TokenId>& symbols) const;

  std::vector<Slot> slots_; ///< a power of two, at most half full
  std::size_t size_ = 0;
};

} // namespace quill::model
