#include "quill/rewrite/optimisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "quill/rewrite/rule.hpp"
#include "quill/sql/index.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"
#include "rewrite/marks.hpp"

namespace quill::rewrite {

namespace {

constexpr double kMuchCloser = 0.5; // of the distance from before to after

std::string kind_of(const sql::CreateIndex& index, const engine::Plan& plan) {
  if (!index.where.empty())
    return "index-partial";
  const auto& terms = index.terms;
  if (std::any_of(terms.begin(), terms.end(),
                  [](const std::string& term) { return sql::column_of_term(term).empty(); }))
    return "index-expression";
  const auto covering = "COVERING INDEX " + index.name;
  if (std::any_of(plan.lines.begin(), plan.lines.end(),
                  [&](const std::string& line) { return line.find(covering) != line.npos; }))
    return "index-covering";
  return terms.size() > 1 ? "index-composite" : "index-single";
}

/// "index-covering+index-single": the kinds of the indexes that the plan of `after` uses.
std::string index_rules(const sql::Pair& pair, engine::Session& session) {
  constexpr engine::Limits kLimits{.rows = 1, .timeout_ms = 10'000};
  if (pair.indexes.empty() || !session.build_indexes(pair.indexes, kLimits).ok)
    return "";
  const auto plan = session.plan(pair.after, engine::Side::indexed);
  std::string rules;
  for (const auto& create : pair.indexes) {
    const auto index = sql::parse_create_index(create);
    if (index.ok() &&
        std::count(plan.indexes_used.begin(), plan.indexes_used.end(), index.value().name))
      rules += (rules.empty() ? "" : "+") + kind_of(index.value(), plan);
  }
  return rules;
}

/// A rule's result beside the `after` that is to be explained.
struct Guess {
  std::string rule, type;
  double distance = 0;
  bool exact = false;
};

class Guesses {
 public:
  Guesses(const sql::Pair& pair, const sql::Query& after, engine::Session& session)
      : pair_(pair), session_(session), after_text_(normal(after)), after_marks_(marks(after)) {}

  /// The best guess; `rule` is empty when no rule leads near.
  Guess best() {
    const auto before = make_subject(pair_.before, session_, pair_.needs);
    if (!before.tree)
      return {};
    const double start = distance(marks(*before.tree), after_marks_);
    Guess best{"", "", start * kMuchCloser, false};
    std::vector<Proposal> firsts;
    look(before, "", "", best, &firsts);
    if (!best.exact && (best.rule.empty() || best.distance > 1))
      for (const auto& first : firsts) {
        const auto next = make_subject(first.after, session_, pair_.needs);
        if (next.tree)
          look(next, first.rule + "+", first.type, best, nullptr);
      }
    return best;
  }

 private:
  static std::string normal(const sql::Query& query) {
    return sql::fingerprint(sql::print_sqlite(query));
  }

  void look(const Subject& subject, const std::string& chain, const std::string& type, Guess& best,
            std::vector<Proposal>* firsts) {
    for (const auto& rule : all_rules())
      for (auto& proposal : rule->apply(subject)) {
        if (chain == proposal.rule + "+" || best.exact)
          continue;
        const auto parsed = sql::parse(proposal.after, session_.grammar());
        if (!parsed.ok())
          continue;
        Guess guess{chain + proposal.rule, type.empty() ? proposal.type : type,
                    distance(marks(*parsed.value()), after_marks_),
                    normal(*parsed.value()) == after_text_};
        if (guess.exact || guess.distance < best.distance)
          best = std::move(guess);
        if (firsts != nullptr)
          firsts->push_back(std::move(proposal));
      }
  }

  const sql::Pair& pair_;
  engine::Session& session_;
  std::string after_text_;
  Marks after_marks_;
};

Optimisation with_indexes(Optimisation found, const std::string& indexes) {
  if (!indexes.empty())
    found.rule += "+" + indexes;
  return found;
}

/// What appeared and went, when no rule of ours leads near.
Optimisation from_marks(const sql::Pair& pair, const sql::Query& before, const sql::Query& after,
                        engine::Session& session) {
  const auto change = told_by(marks(before), marks(after));
  if (change.rule.empty())
    return {sql::optimisation_type(pair, session.grammar()), "other", false,
            "No rule leads from the one to the other; the type is told from the trees."};
  return {change.type, change.rule, false, change.evidence};
}

} // namespace

Optimisation find_optimisation(const sql::Pair& pair, engine::Session& session) {
  const auto indexes = index_rules(pair, session);
  if (sql::fingerprint(pair.before) == sql::fingerprint(pair.after))
    return pair.indexes.empty()
               ? Optimisation{"redundancy", "other", false, "The statement did not change."}
               : Optimisation{"indexing", indexes.empty() ? "other" : indexes, !indexes.empty(),
                              indexes.empty() ? "The plan uses none of the indexes."
                                              : "The statement stayed; the plan uses the indexes."};
  const auto before = sql::parse(pair.before, session.grammar());
  const auto after = sql::parse(pair.after, session.grammar());
  if (!before.ok() || !after.ok())
    return with_indexes({sql::optimisation_type(pair, session.grammar()), "other", false,
                         "One of the statements is not understood."},
                        indexes);
  auto guess = Guesses(pair, *after.value(), session).best();
  if (guess.exact)
    return with_indexes({guess.type, guess.rule, true, "The rule, applied to before, gives after."},
                        indexes);
  const auto told = from_marks(pair, *before.value(), *after.value(), session);
  if (guess.rule.empty() || (told.rule != "other" && guess.distance > 2))
    return with_indexes(told, indexes);
  return with_indexes({guess.type, guess.rule, false,
                       "The rule, applied to before, gives a statement of the same structure."},
                      indexes);
}

} // namespace quill::rewrite
