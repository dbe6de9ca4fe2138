// Proofs on databases of DuckDB.
#include "judge/proof_cases.hpp"

using namespace quill::judge;
using namespace quill::judge::test;

namespace {

const ProofOptions kOptions{.engine = quill::engine::Engine::duckdb};

} // namespace

TEST_CASE("DuckDB: a right rewrite is proved the same, a mistake found", "[judge]") {
  check_is_the_same(kOptions, kRight[0]);
  check_is_found(kOptions, kMistakes[0]);
}

TEST_CASE("DuckDB: all right rewrites are proved the same, all mistakes found", "[judge][slow]") {
  for (const auto& pair : kRight)
    check_is_the_same(kOptions, pair);
  for (const auto& pair : kMistakes)
    check_is_found(kOptions, pair);
}
