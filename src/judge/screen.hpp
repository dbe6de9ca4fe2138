// What one comparison on one database cannot see, read off the texts and what the engine saw. It
// costs no run and stands before the proof, which tries small databases only: a LIMIT of 50,000
// cuts none of those.
#pragma once

#include <string>
#include <vector>

#include "quill/engine/session.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge {

/// A pair whose statements gave the same rows on the database at hand.
struct Screened {
  const std::string& before;
  const std::string& after;
  const engine::Sample& before_sample;
  const engine::Sample& after_sample;
  const sql::Needs& needs;
};

/// Why the same rows here say nothing of other data, in words; "" when there is no such sign:
/// - after reads none of before's tables;
/// - after leaves one of them out and brings constants of its own, as one does who has looked the
///   answer up;
/// - after has a LIMIT that before has not (0 and 1 aside: they are for the proof);
/// - before orders several rows and after does not.
[[nodiscard]] std::string why_doubtful(const Screened& pair);

/// Why the indexes must not be built, "" when they may: a UNIQUE one refuses rows that the schema
/// allows, unless its columns hold a key already.
[[nodiscard]] std::string why_not_built(const std::vector<std::string>& indexes,
                                        const sql::Schema& schema);

} // namespace quill::judge
