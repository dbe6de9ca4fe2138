#include "model/merges.hpp"

#include <bit>
#include <limits>
#include <queue>

namespace quill::model {

namespace {

std::uint64_t pair_key(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U) |
         static_cast<std::uint32_t>(right);
}

constexpr std::size_t kFew = 32; // above this a heap is faster than looking at every pair

} // namespace

Merges::Merges(std::size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

std::size_t Merges::place(std::uint64_t pair) const {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL; // 2^64 over the golden ratio
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>((pair * kGolden) >> 32U) & mask;
  while (slots_[at].pair != pair && slots_[at].merge.result >= 0)
    at = (at + 1) & mask;
  return at;
}

void Merges::add(TokenId left, TokenId right, Merge merge) {
  Slot& slot = slots_[place(pair_key(left, right))];
  if (slot.merge.result >= 0)
    return;
  slot = {pair_key(left, right), merge};
  ++size_;
}

const Merges::Merge* Merges::find(TokenId left, TokenId right) const {
  const Slot& slot = slots_[place(pair_key(left, right))];
  return slot.merge.result >= 0 ? &slot.merge : nullptr;
}

void Merges::apply(std::vector<TokenId>& symbols) const {
  if (symbols.size() <= kFew)
    apply_to_few(symbols);
  else
    apply_to_many(symbols);
}

void Merges::apply_to_few(std::vector<TokenId>& symbols) const {
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  Merge pairs[kFew]; // pairs[i] merges symbols i and i + 1
  const auto look = [&](std::size_t i) {
    const Merge* merge = i + 1 < symbols.size() ? find(symbols[i], symbols[i + 1]) : nullptr;
    pairs[i] = merge == nullptr ? Merge{kNone, -1} : *merge;
  };
  for (std::size_t i = 0; i < symbols.size(); ++i)
    look(i);
  while (symbols.size() > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < symbols.size(); ++i)
      if (pairs[i].rank < pairs[best].rank)
        best = i;
    if (pairs[best].result < 0)
      return;
    symbols[best] = pairs[best].result;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    for (std::size_t i = best + 1; i < symbols.size(); ++i)
      pairs[i] = pairs[i + 1];
    look(best);
    if (best > 0)
      look(best - 1);
  }
}

namespace {

struct Node {
  TokenId token;
  std::int32_t before, after; // -1 at the ends
};

/// A pair that could merge when it was seen; stale once either side changed.
struct Offer {
  std::uint32_t rank;
  std::int32_t left;
  TokenId result, left_token, right_token;
  bool operator<(const Offer& other) const { // the queue's top is the largest
    return rank != other.rank ? rank > other.rank : left > other.left;
  }
};

} // namespace

void Merges::apply_to_many(std::vector<TokenId>& symbols) const {
  const auto count = static_cast<std::int32_t>(symbols.size());
  std::vector<Node> nodes(symbols.size());
  for (std::int32_t i = 0; i < count; ++i)
    nodes[i] = {symbols[i], i - 1, i + 1 < count ? i + 1 : -1};
  std::priority_queue<Offer> offers;
  const auto offer = [&](std::int32_t left) {
    if (left < 0 || nodes[left].after < 0)
      return;
    const TokenId a = nodes[left].token, b = nodes[nodes[left].after].token;
    if (const Merge* merge = find(a, b))
      offers.push({merge->rank, left, merge->result, a, b});
  };
  for (std::int32_t i = 0; i + 1 < count; ++i)
    offer(i);
  while (!offers.empty()) {
    const Offer top = offers.top();
    offers.pop();
    Node& left = nodes[top.left];
    if (left.token != top.left_token || left.after < 0 ||
        nodes[left.after].token != top.right_token)
      continue;
    nodes[left.after].token = -1; // swallowed: offers that begin there are stale
    left.token = top.result;
    left.after = nodes[left.after].after;
    if (left.after >= 0)
      nodes[left.after].before = top.left;
    offer(left.before);
    offer(top.left);
  }
  symbols.clear();
  for (std::int32_t i = 0; i >= 0; i = nodes[i].after)
    symbols.push_back(nodes[i].token);
}

} // namespace quill::model
