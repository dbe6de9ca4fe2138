// What the files of rules/ are made of: the words of a rule, and a change made block by block.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/rewrite/rule.hpp"
#include "rewrite/blocks.hpp"
#include "rewrite/engine_table.hpp"

namespace quill::rewrite {

struct RuleWords {
  std::string_view name, type, summary, pays, hurts;
};

/// A rule whose words are constants.
class WordedRule : public Rule {
 public:
  explicit WordedRule(const RuleWords& words) : words_(words) {}
  [[nodiscard]] std::string_view name() const final { return words_.name; }
  [[nodiscard]] std::string_view type() const final { return words_.type; }
  [[nodiscard]] std::string_view summary() const final { return words_.summary; }
  [[nodiscard]] std::string_view pays() const final { return words_.pays; }
  [[nodiscard]] std::string_view hurts() const final { return words_.hurts; }
  [[nodiscard]] std::vector<std::string> engines() const final { return engines_of(name()); }

 private:
  RuleWords words_;
};

/// May rules look at it: parsed, trusted, and with an answer that is fixed (nothing volatile, no
/// LIMIT without ORDER BY)?
[[nodiscard]] bool is_rewritable(const Subject& subject);

/// Printed in the subject's dialect.
[[nodiscard]] Proposal proposal(const Rule& rule, const Subject& subject, const sql::Query& tree,
                                std::string explanation);

/// Changes a block in place and says what was done and why the rows are the same; nullopt leaves
/// the block as it was.
using Change = std::function<std::optional<std::string>(Block&)>;
/// One proposal with the change made in every block where it can be; none where it cannot.
[[nodiscard]] std::vector<Proposal> change_blocks(const Rule& rule, const Subject& subject,
                                                  const Change& change);
/// The same after every column was given the name of its source.
[[nodiscard]] std::vector<Proposal>
change_qualified_blocks(const Rule& rule, const Subject& subject, const Change& change);

} // namespace quill::rewrite
