// Is a slow query new? Neither a duplicate nor, constants left out, nearly one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace quill::loop {

/// Two queries are near-duplicates when this part of their token triples is shared, constants left
/// out: Jaccard's index, as MinHash estimates it for near-duplicate documents (Broder 1997), here
/// computed exactly.
inline constexpr double kNearDuplicate = 0.9;

/// The triples of neighbouring tokens of a statement, words without case and constants as one;
/// sorted, each once. Text that does not tokenize is one triple of its own.
[[nodiscard]] std::vector<std::uint64_t> token_triples(std::string_view sql);
/// Shared by all, in [0, 1]; 1 for two empty ones.
[[nodiscard]] double jaccard(const std::vector<std::uint64_t>& a,
                             const std::vector<std::uint64_t>& b);

/// The slow queries of a run, database by database. Takes text alone, so that strangers' queries
/// need no parser.
class Novelty {
 public:
  [[nodiscard]] bool is_new(std::string_view database, std::string_view before) const;
  void add(std::string_view database, std::string_view before);

 private:
  std::map<std::string, std::vector<std::vector<std::uint64_t>>, std::less<>> known_;
};

} // namespace quill::loop
