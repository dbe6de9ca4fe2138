#include "rewrite/offers.hpp"

#include <algorithm>

#include "quill/sql/text.hpp"
#include "rewrite/adviser.hpp"
#include "rewrite/subject.hpp"

namespace quill::rewrite {

namespace {

constexpr std::size_t kFormsMax = 40;     // ways to write the statement
constexpr std::size_t kRulesMax = 4;      // rules applied one after another
constexpr std::size_t kAdviceMax = 40;    // index proposals for the statement as it is
constexpr std::size_t kFormsAdvised = 14; // rewritten forms that get index proposals too
constexpr std::size_t kAdvicePerForm = 10;

/// The statement written in another way, and the rules that led there.
struct Form {
  Subject subject;
  std::string rule, type, explanation; ///< "" for the statement as it is
  std::size_t depth = 0;
  double effort = 0;
};

bool holds_part(const std::string& rule, std::string_view part) {
  const auto parts = rule_parts(rule);
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

class Forms {
 public:
  Forms(const Subject& subject, engine::Session& session, Planner& planner)
      : session_(session), planner_(planner) {
    known_.insert(sql::fingerprint(subject.text));
    add(make_subject_knowing(subject.text, session, subject.needs, subject.facts), {}, nullptr);
  }

  /// Breadth first: short chains of rules before long ones.
  std::vector<Form> take() {
    for (std::size_t i = 0; i < forms_.size() && forms_.size() < kFormsMax; ++i)
      if (forms_[i].depth < kRulesMax)
        extend(i);
    return std::move(forms_);
  }

 private:
  void extend(std::size_t i) {
    for (const Rule* rule : rules_for(forms_[i].subject.dialect)) {
      if (holds_part(forms_[i].rule, rule->name()))
        continue;
      for (auto& proposal : rule->apply(forms_[i].subject)) {
        if (forms_.size() >= kFormsMax || !known_.insert(sql::fingerprint(proposal.after)).second)
          continue;
        const Form& from = forms_[i];
        auto subject =
            make_subject_knowing(proposal.after, session_, from.subject.needs, from.subject.facts);
        add(std::move(subject), std::move(proposal), &from);
      }
    }
  }

  void add(Subject subject, Proposal proposal, const Form* from) {
    const auto choice = planner_.choose(subject.text, {});
    if (!choice.ok)
      return;
    Form form{std::move(subject), "", "", "", 0, choice.effort};
    if (from != nullptr) {
      const bool first = from->rule.empty();
      form.rule = (first ? "" : from->rule + "+") + proposal.rule;
      form.type = first ? proposal.type : from->type;
      form.explanation = (first ? "" : from->explanation + " ") + proposal.explanation;
      form.depth = from->depth + 1;
    }
    forms_.push_back(std::move(form));
  }

  engine::Session& session_;
  Planner& planner_;
  std::set<std::string> known_;
  std::vector<Form> forms_;
};

/// "orders(user_id" of "CREATE INDEX i ON orders(user_id, status) WHERE …".
std::string leading_column(const std::string& create) {
  const auto on = create.find(" ON ");
  return create.substr(on + 4, create.find_first_of(",)", on) - on - 4);
}

class Offers {
 public:
  Offers(const std::string& before, double effort) : before_(before), effort_(effort) {}

  void add(Proposal proposal, double effort) {
    auto fingerprint = sql::pair_fingerprint(before_, proposal.after, proposal.indexes);
    if (!known_.insert(fingerprint).second)
      return;
    std::set<std::string> traits;
    for (auto& part : rule_parts(proposal.rule))
      traits.insert("rule " + part);
    traits.insert("after " + sql::fingerprint(proposal.after));
    for (const auto& index : proposal.indexes) {
      traits.insert("lead " + leading_column(index));
      traits.insert("index " + index.substr(index.find(" ON ")));
    }
    offers_.push_back({std::move(proposal), std::move(fingerprint), std::move(traits),
                       effort_ > 0 ? effort / effort_ : 1});
  }

  std::vector<Offer> take() { return std::move(offers_); }

 private:
  std::string before_;
  double effort_;
  std::set<std::string> known_;
  std::vector<Offer> offers_;
};

void add_form(Offers& offers, const Form& form) {
  if (!form.rule.empty())
    offers.add({form.rule, form.type, form.subject.text, {}, form.explanation}, form.effort);
}

void add_advice(Offers& offers, const Form& form, Planner& planner, std::size_t count_max) {
  if (form.subject.dialect != sql::Dialect::sqlite)
    return; // nothing is built elsewhere, so nothing could be tried
  const bool rewritten = !form.rule.empty();
  for (auto& advice : advise(form.subject, planner, count_max))
    offers.add({rewritten ? form.rule + "+" + advice.rule : advice.rule,
                rewritten ? form.type : "indexing", form.subject.text, std::move(advice.indexes),
                rewritten ? form.explanation + " " + advice.reason : advice.reason},
               advice.effort);
}

} // namespace

std::vector<std::string> rule_parts(std::string_view rule) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= rule.size();) {
    const auto end = std::min(rule.find('+', at), rule.size());
    parts.emplace_back(rule.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::vector<Offer> make_offers(const Subject& subject, engine::Session& session, Planner& planner) {
  auto forms = Forms(subject, session, planner).take();
  if (forms.empty())
    return {};
  Offers offers(subject.text, forms[0].effort);
  for (const auto& form : forms)
    add_form(offers, form);
  add_advice(offers, forms[0], planner, kAdviceMax);
  std::stable_sort(forms.begin() + 1, forms.end(),
                   [](const Form& a, const Form& b) { return a.effort < b.effort; });
  for (std::size_t i = 1; i < std::min(forms.size(), kFormsAdvised + 1); ++i)
    add_advice(offers, forms[i], planner, kAdvicePerForm);
  return offers.take();
}

} // namespace quill::rewrite
