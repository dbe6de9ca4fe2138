// The proof of pairs over one database's schema, each asked for once a run.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "quill/judge/proof.hpp"
#include "quill/sql/schema.hpp"

namespace quill::judge {

/// Keeps one prover warm and what it said. Not thread-safe.
class CachedProver {
 public:
  /// Nothing is started before the first pair. `cancel` may be null and must outlive it.
  CachedProver(ProofOptions options, const Cancel* cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  /// Of the same pair (letter case and blanks aside, under the same needs) the same proof. A
  /// statement that stays as it is needs none: indexes change no rows. `unknown` when the schema
  /// cannot be rebuilt. \throws Error{interrupted}
  [[nodiscard]] const Proof& proof_of(const sql::Pair& pair, const sql::Schema& schema);

 private:
  [[nodiscard]] Proof prove(const sql::Pair& pair, const sql::Schema& schema);

  ProofOptions options_;
  const Cancel* cancel_;
  std::unique_ptr<Prover> prover_;
  std::string why_no_prover_;
  std::map<std::string, Proof> proofs_; ///< by pair and needs
};

} // namespace quill::judge
