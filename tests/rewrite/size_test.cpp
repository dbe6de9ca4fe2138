// No rule may be slow or crash on a statement that is large or deep.
#include <chrono>

#include <fmt/format.h>

#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

/// Longest time of one rule, in s; the subject may be opaque (caps refuse it), then it is 0.
double slowest_rule(const std::string& statement) {
  const auto subject = make_subject(statement, shop());
  double slowest = 0;
  for (const auto& rule : all_rules()) {
    const auto begin = std::chrono::steady_clock::now();
    (void)rule->apply(subject);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    slowest = std::max(slowest, took.count());
  }
  return slowest;
}

std::string repeated(const std::string& part, const std::string& between, int times) {
  std::string out = part;
  for (int i = 1; i < times; ++i)
    out += between + part;
  return out;
}

constexpr double kLimitS = 2; // a hundred times what they take; load must not make it fail

} // namespace

TEST_CASE("rules are quick on a statement of a megabyte", "[rewrite]") {
  const auto list = repeated("'0123456789012345678901234567890123456789'", ", ", 20'000);
  const auto statement = "SELECT id FROM orders WHERE product IN (" + list + ")";
  REQUIRE(statement.size() > 800'000);
  CHECK(slowest_rule(statement) < kLimitS);
  CHECK(slowest_rule("SELECT '" + std::string(1'000'000, 'x') + "' FROM orders") < kLimitS);
}

TEST_CASE("rules are quick on long chains of AND and OR", "[rewrite]") {
  for (const char* logic : {" OR ", " AND "})
    CHECK(slowest_rule("SELECT id FROM orders WHERE " + repeated("quantity = 1", logic, 400)) <
          kLimitS);
}

TEST_CASE("rules are quick on deep sub-queries", "[rewrite]") {
  for (const int depth : {5, 20, 60}) {
    std::string statement = "SELECT id FROM orders WHERE user_id = 1";
    for (int i = 0; i < depth; ++i)
      statement = fmt::format("SELECT id FROM orders WHERE user_id IN ({})", statement);
    CHECK(slowest_rule(statement) < kLimitS);
    std::string derived = "SELECT id, user_id FROM orders";
    for (int i = 0; i < depth; ++i)
      derived = fmt::format("SELECT t{0}.id, t{0}.user_id FROM ({1}) t{0}", i, derived);
    CHECK(slowest_rule(derived) < kLimitS);
  }
}

TEST_CASE("rules are quick on many joins, arms and items", "[rewrite]") {
  std::string joins = "SELECT o0.id FROM orders o0";
  for (int i = 1; i < 60; ++i)
    joins += fmt::format(" JOIN orders o{} ON o{}.user_id = o{}.user_id", i, i, i - 1);
  CHECK(slowest_rule(joins) < kLimitS);
  CHECK(slowest_rule(repeated("SELECT id FROM orders WHERE status = 'a'", " UNION ", 200)) <
        kLimitS);
  CHECK(slowest_rule("SELECT " +
                     repeated("(SELECT count(*) FROM orders p WHERE p.user_id = o.id)", ", ", 150) +
                     " FROM orders o") < kLimitS);
}
