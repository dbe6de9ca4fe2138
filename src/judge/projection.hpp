// Which columns of both answers are compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/engine/value.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge {

/// Positions in before's and after's rows, pairwise. When they cannot be paired, why; and whether
/// that is after's fault (a difference) or the declared need's own.
struct Projection {
  std::vector<std::size_t> before, after;
  std::string reason; ///< "" when they pair
  bool fault_of_after = true;
};

/// All columns by position; or those `needs` names, found in after by name (letter case aside), or
/// by position when both have as many columns.
[[nodiscard]] Projection project(const std::vector<std::string>& before,
                                 const std::vector<std::string>& after, const sql::Needs& needs);

/// The names at `places`, when each is a plain word and the only one of its kind, so that a query
/// around the answer can ask for them; else nothing.
[[nodiscard]] std::vector<std::string> names_from_outside(const std::vector<std::string>& columns,
                                                          const std::vector<std::size_t>& places);

/// SELECT <names> FROM (<statement>), in brackets, since double quotes turn an unknown name into a
/// text; nullopt without names.
[[nodiscard]] std::optional<std::string> projected(const std::string& statement,
                                                   const std::vector<std::string>& names);

/// The cells at `places`, moved out of `row`.
[[nodiscard]] engine::Row take(engine::Row&& row, const std::vector<std::size_t>& places);

} // namespace quill::judge
