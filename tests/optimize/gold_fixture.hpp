// Runs what is known of one engine, example by example, on a database of its own.
#pragma once

#include <map>

#include "catch.hpp"

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/optimize/check_rewrite.hpp"

namespace quill::optimize::test {

inline const Knowledge& shipped() {
  static const Knowledge knowledge = Knowledge::load_shipped();
  return knowledge;
}

/// The bar is lower than what was measured: this machine may be busy.
inline bool is_as_said(const KnownRewrite& rewrite, const Checked& checked) {
  return rewrite.regression ? checked.speedup() < 0.95 : checked.speedup() > 1.10;
}

/// Gold gives the same rows and is faster, a regression gives the same rows and is slower.
inline void check_known(engine::Engine engine, std::string_view server = "") {
  std::map<std::string, std::unique_ptr<engine::Session>> sessions;
  for (const auto& rewrite : shipped().rewrites()) {
    if (rewrite.engine != engine)
      continue;
    INFO(rewrite.id);
    auto& session = sessions[rewrite.schema];
    if (!session)
      session = open_schema_of(rewrite, shipped_folder(), server);
    auto checked = check_rewrite(rewrite, *session, 3);
    for (int again = 0; again < 2 && checked.same && !is_as_said(rewrite, checked); ++again)
      checked = check_rewrite(rewrite, *session, 5);
    CHECK(checked.problem == "");
    CHECK(checked.same);
    CHECK(checked.rows > 0);
    if (std::getenv("QUILL_PRINT_SPEEDUPS"))
      fmt::print(stderr, "{} {:.3f} {:.2f} {:.2f} {}\n", rewrite.id, checked.speedup(),
                 checked.before_ms, checked.after_ms, checked.same);
    INFO("speedup " << checked.speedup());
    CHECK(is_as_said(rewrite, checked));
  }
}

} // namespace quill::optimize::test
