// What a statement gives, in a form that two statements can be compared by.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "catch.hpp"
#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"

namespace quill::rewrite::tests {

using Rows = std::vector<std::vector<std::string>>;

/// Numbers to nine digits whatever their type: 1 and 1.0 are the same.
inline std::string text(const engine::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return fmt::format("{:.9g}", static_cast<double>(*integer));
  if (const auto* real = std::get_if<double>(&value))
    return fmt::format("{:.9g}", *real);
  return dump_json(engine::to_json(value));
}

inline Rows rows(engine::Session& session, const std::string& statement, bool ordered) {
  constexpr engine::Limits kLimits{.rows = 0, .timeout_ms = 5000};
  const auto run = session.run(statement, kLimits);
  INFO(statement << "\n" << run.message);
  REQUIRE(run.status == engine::Status::ok);
  Rows out;
  for (const auto& row : run.rows) {
    out.emplace_back();
    for (const auto& value : row)
      out.back().push_back(text(value));
  }
  if (!ordered)
    std::sort(out.begin(), out.end());
  return out;
}

} // namespace quill::rewrite::tests
