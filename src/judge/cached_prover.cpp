#include "judge/cached_prover.hpp"

#include "quill/core/json.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

/// More proofs are not kept: the oldest go, all at once.
constexpr std::size_t kProofsMax = 100'000;

std::string key_of(const sql::Pair& pair) {
  return sql::pair_fingerprint(pair.before, pair.after, {}) + dump_json(to_json(pair.needs));
}

bool keeps_the_statement(const sql::Pair& pair) {
  return sql::fingerprint(pair.before) == sql::fingerprint(pair.after);
}

Proof unknown(std::string reason) {
  Proof out;
  out.reason = std::move(reason);
  return out;
}

Proof same_statement() {
  Proof out;
  out.verdict = "same";
  out.reason = "the statement stays as it is";
  return out;
}

} // namespace

Proof CachedProver::prove(const sql::Pair& pair, const sql::Schema& schema) {
  if (!prover_ && why_no_prover_.empty()) {
    try {
      prover_ = std::make_unique<Prover>(schema.ddl(), options_, cancel_);
    } catch (const Error& error) {
      if (error.exit() != Exit::usage)
        throw;
      why_no_prover_ = "no small databases can be made from this schema: " + error.text().what;
    }
  }
  return prover_ ? prover_->prove(pair) : unknown(why_no_prover_);
}

const Proof& CachedProver::proof_of(const sql::Pair& pair, const sql::Schema& schema) {
  auto key = key_of(pair);
  if (const auto found = proofs_.find(key); found != proofs_.end())
    return found->second;
  if (proofs_.size() >= kProofsMax)
    proofs_.clear();
  auto proof = keeps_the_statement(pair) ? same_statement() : prove(pair, schema);
  return proofs_.emplace(std::move(key), std::move(proof)).first->second;
}

} // namespace quill::judge
