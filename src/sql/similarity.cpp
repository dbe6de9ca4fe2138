#include "quill/sql/similarity.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "sql/label_tree.hpp"

namespace quill::sql {
namespace {

/// Children stand after their parents, so from the back every child is known.
std::vector<std::uint64_t> hashes_of_subtrees(const LabelTree& tree) {
  std::vector<std::uint64_t> hashes(tree.nodes.size());
  for (std::size_t i = tree.nodes.size(); i-- > 0;) {
    hashes[i] = hash_join(tree.nodes[i].label, tree.nodes[i].children.size());
    for (const auto child : tree.nodes[i].children)
      hashes[i] = hash_join(hashes[i], hashes[child]);
  }
  return hashes;
}

void sort_unordered(LabelTree& tree) {
  const auto hashes = hashes_of_subtrees(tree);
  const auto logical = {hash_text("binary AND"), hash_text("binary OR")};
  for (auto& node : tree.nodes)
    if (std::ranges::find(logical, node.label) != logical.end())
      std::ranges::sort(node.children, {}, [&](std::size_t child) { return hashes[child]; });
}

/// The grams of one node: its parent, itself, and each three of its children in a row, where two
/// empty places stand before and after them.
void add_grams(const LabelTree& tree, std::size_t node, std::uint64_t parent,
               std::vector<std::uint64_t>& grams) {
  constexpr std::uint64_t kEmpty = 0;
  const auto stem = hash_join(hash_join(parent, tree.nodes[node].label), kEmpty);
  std::array<std::uint64_t, 3> window{kEmpty, kEmpty, kEmpty};
  const auto push = [&](std::uint64_t label) {
    window = {window[1], window[2], label};
    grams.push_back(hash_join(hash_join(hash_join(stem, window[0]), window[1]), window[2]));
  };
  const auto& children = tree.nodes[node].children;
  if (children.empty())
    return push(kEmpty);
  for (const auto child : children)
    push(tree.nodes[child].label);
  push(kEmpty);
  push(kEmpty);
}

} // namespace

// A fingerprint must not collide by chance: SHA-256 over labels in order, each with its arity.
std::string fingerprint(const Query& query, Detail detail) {
  const auto tree = label_tree(query, detail, false);
  std::string text;
  text.reserve(tree.nodes.size() * 20);
  for (const auto& node : tree.nodes)
    text += fmt::format("{:x} {}\n", node.label, node.children.size());
  return sha256_hex(text).substr(0, 16);
}

GramProfile gram_profile(const Query& query, Detail detail) {
  auto tree = label_tree(query, detail, true);
  sort_unordered(tree);
  GramProfile result;
  result.grams.reserve(tree.nodes.size() * 3);
  add_grams(tree, 0, 0, result.grams);
  for (const auto& node : tree.nodes)
    for (const auto child : node.children)
      add_grams(tree, child, node.label, result.grams);
  std::ranges::sort(result.grams);
  return result;
}

double similarity(const GramProfile& a, const GramProfile& b) {
  const auto all = a.grams.size() + b.grams.size();
  if (all == 0)
    return 1;
  std::size_t shared = 0;
  auto x = a.grams.begin();
  auto y = b.grams.begin();
  while (x != a.grams.end() && y != b.grams.end()) {
    if (*x == *y)
      ++shared, ++x, ++y;
    else
      ++(*x < *y ? x : y);
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(all);
}

} // namespace quill::sql
