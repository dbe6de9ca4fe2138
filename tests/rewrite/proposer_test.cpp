#include <cmath>
#include <set>

#include "catch.hpp"
#include "quill/sql/text.hpp"
#include "rewrite/belief.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

constexpr const char* kQuery =
    "SELECT u.name FROM users u WHERE u.city = 'Porto' AND (SELECT count(*) FROM orders o WHERE "
    "o.user_id = u.id AND o.status = 'paid') > 0";

std::string fingerprint(const Proposal& one) {
  return sql::pair_fingerprint(kQuery, one.after, one.indexes);
}

Experience outcome(const Subject& subject, const Proposal& one, bool kept) {
  return {sql::fingerprint(subject.text),
          subject.shape,
          one.rule,
          kept,
          kept ? 0.7 : 0.0,
          fingerprint(one)};
}

} // namespace

TEST_CASE("candidates of one call are distinct and as many as asked for", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  const auto proposals = Proposer(shop()).propose(subject, 8, {}, Rng(1));
  std::set<std::string> distinct;
  for (const auto& one : proposals)
    distinct.insert(fingerprint(one));
  CHECK(proposals.size() == 8);
  CHECK(distinct.size() == 8);
}

TEST_CASE("rewrites come alone, composed, and with indexes", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  std::set<std::string> rules;
  for (const auto& one : Proposer(shop()).propose(subject, 80, {}, Rng(1)))
    rules.insert(one.rule);
  CHECK(rules.count("count-to-exists") == 1);
  CHECK(rules.count("count-to-exists+exists-to-in") == 1);
  CHECK(rules.count("index-covering") == 1);
  CHECK(std::any_of(rules.begin(), rules.end(), [](const std::string& rule) {
    return rule.rfind("count-to-exists+index-", 0) == 0;
  }));
}

TEST_CASE("the same inputs give the same proposals, in a new proposer too", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  Proposer first(shop());
  const auto a = first.propose(subject, 6, {}, Rng(7));
  const auto b = first.propose(subject, 6, {}, Rng(7));
  const auto c = Proposer(shop()).propose(subject, 6, {}, Rng(7));
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(fingerprint(a[i]) == fingerprint(b[i]));
    CHECK(fingerprint(a[i]) == fingerprint(c[i]));
  }
}

TEST_CASE("a known failure is not repeated while anything else is left", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  Proposer proposer(shop());
  std::vector<Experience> experience;
  std::set<std::string> failed;
  for (int round = 0; round < 4; ++round)
    for (const auto& one : proposer.propose(subject, 4, experience, Rng(3).child("r", round))) {
      CHECK(failed.insert(fingerprint(one)).second);
      experience.push_back(outcome(subject, one, false));
    }
}

TEST_CASE("known winners are repeated rather than offering what is likely to fail", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  Proposer proposer(shop());
  std::vector<Experience> experience;
  std::string winner;
  const auto all = proposer.propose(subject, 60, {}, Rng(1));
  for (std::size_t i = 0; i < 30; ++i) { // thirty tries, one of them kept
    experience.push_back(outcome(subject, all[i], i == 4));
    if (i == 4)
      winner = fingerprint(all[i]);
  }
  const auto next = proposer.propose(subject, 3, experience, Rng(2));
  CHECK(fingerprint(next[0]) == winner);
}

TEST_CASE("what paid on a similar query is believed to pay here", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  const auto other = make_subject("SELECT u.email FROM users u WHERE u.country = 'Spain' AND "
                                  "(SELECT count(*) FROM orders o WHERE o.user_id = u.id AND "
                                  "o.product = 'pen') > 0",
                                  shop());
  Offer rewrite{{"count-to-exists", "join", "", {}, ""}, "f1", {"rule count-to-exists"}, 1};
  Offer index{{"index-single", "indexing", "", {}, ""}, "f2", {"rule index-single"}, 1};
  std::vector<Experience> experience;
  for (int i = 0; i < 6; ++i) {
    experience.push_back(
        {sql::fingerprint(other.text), other.shape, "count-to-exists", true, 0.8, ""});
    experience.push_back({sql::fingerprint(other.text), other.shape, "index-single", false, 0, ""});
  }
  const Beliefs learned(subject, {}, experience);
  const Beliefs fresh(subject, {}, {});
  CHECK(fresh.of(rewrite).mean() == Approx(fresh.of(index).mean()));
  CHECK(learned.of(rewrite).mean() > fresh.of(rewrite).mean() + 0.1);
  CHECK(learned.of(index).mean() < fresh.of(index).mean() - 0.05);
}

TEST_CASE("what happened on a query of another shape counts little", "[rewrite]") {
  const auto subject = make_subject(kQuery, shop());
  const auto other = make_subject("SELECT max(age) FROM users", shop());
  Offer rewrite{{"count-to-exists", "join", "", {}, ""}, "f1", {"rule count-to-exists"}, 1};
  const std::vector<Experience> experience(
      5, {sql::fingerprint(other.text), other.shape, "count-to-exists", true, 1, ""});
  const double change = Beliefs(subject, {}, experience).of(rewrite).mean() -
                        Beliefs(subject, {}, {}).of(rewrite).mean();
  CHECK(change < 0.05);
}

TEST_CASE("draws from a belief have its mean", "[rewrite]") {
  const Belief belief{6, 2};
  Rng rng(11);
  double sum = 0;
  for (int i = 0; i < 20'000; ++i)
    sum += belief.draw(rng);
  // standard deviation of Beta(6, 2) = sqrt(6*2 / (8*8*9)) = 0.144; of the mean 0.001
  CHECK(std::abs(sum / 20'000 - 0.75) < 0.005);
}
