// Every rule, on random databases: before and after give the same rows.
#include <map>
#include <set>

#include "catch.hpp"
#include "rewrite/property_cases.hpp"
#include "rewrite/property_rows.hpp"
#include "rewrite/random_database.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

/// Does the outermost query order?
bool is_ordered(const Subject& subject) {
  return !subject.tree->order_by.empty();
}

/// The rows with what needs let go taken out.
Rows needed(Rows all, const Case& one, std::string_view rule) {
  if (rule == "unneeded-rows")
    all.resize(std::min(all.size(), static_cast<std::size_t>(*one.needs.top)));
  if (rule == "unneeded-columns")
    for (auto& row : all)
      row = {row[1]}; // "note"
  return all;
}

} // namespace

namespace {

/// Which statements each rule had something to change in.
using Fired = std::map<std::string_view, std::set<std::string_view>>;

void check(const Case& one, engine::Session& session, const std::string& script, Fired& fired) {
  const auto subject = make_subject(one.statement, session, one.needs);
  INFO(one.statement);
  REQUIRE(subject.tree != nullptr);
  const auto before = rows(session, one.statement, is_ordered(subject));
  for (const auto& rule : all_rules())
    for (const auto& proposal : rule->apply(subject)) {
      fired[rule->name()].insert(one.statement);
      INFO(rule->name() << ": " << proposal.after << "\n" << script);
      REQUIRE(needed(before, one, rule->name()) ==
              rows(session, proposal.after, is_ordered(subject)));
    }
}

/// Runs the statements whose number is `part` modulo `parts` over random databases.
Fired check_rules(int databases, std::size_t parts) {
  Fired fired;
  for (int i = 0; i < databases; ++i) {
    const auto script = RandomDatabase(static_cast<std::uint64_t>(i)).script();
    const auto session = engine::open_sqlite_script(script);
    for (std::size_t at = static_cast<std::size_t>(i) % parts; at < cases().size(); at += parts)
      check(cases()[at], *session, script, fired);
  }
  return fired;
}

/// A property over nothing would prove nothing.
void check_that_all_fired(const Fired& fired) {
  for (const auto& rule : all_rules()) {
    INFO(rule->name());
    const auto found = fired.find(rule->name());
    CHECK((found == fired.end() ? 0 : found->second.size()) >= 3);
  }
}

} // namespace

TEST_CASE("on random databases every rule keeps the rows of every statement", "[rewrite]") {
  check_that_all_fired(check_rules(48, 8)); // six databases a statement
}

TEST_CASE("on 200 random databases every rule keeps the rows of every statement",
          "[rewrite][slow]") {
  check_that_all_fired(check_rules(200, 1));
}
