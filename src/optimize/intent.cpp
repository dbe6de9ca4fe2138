#include "quill/optimize/intent.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::optimize {

namespace {

constexpr std::size_t kItemsMax = 8;
constexpr std::size_t kTextMax = 160;

std::string cut(std::string text) {
  if (text.size() <= kTextMax)
    return text;
  text.resize(kTextMax);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U)
    text.pop_back(); // at a character's boundary
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0)
    text.pop_back();
  return text + " …";
}

std::string listed(std::vector<std::string> words) {
  const std::size_t more = words.size() > kItemsMax ? words.size() - kItemsMax : 0;
  words.resize(words.size() - more);
  auto text = fmt::format("{}", fmt::join(words, ", "));
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

class Sentence {
 public:
  explicit Sentence(sql::Dialect dialect) : dialect_(dialect) {}

  [[nodiscard]] std::string of(const sql::Query& query) const {
    std::string text = of(query.body);
    if (!query.order_by.empty())
      text += "; in order of " + listed(order(query.order_by));
    if (query.limit)
      text += "; the first " + word(*query.limit);
    if (query.offset)
      text += " after " + word(*query.offset);
    return text;
  }

 private:
  [[nodiscard]] std::string word(const sql::Expr& expr) const {
    return cut(sql::print(expr, dialect_));
  }

  [[nodiscard]] std::vector<std::string> order(const std::vector<sql::OrderTerm>& terms) const {
    std::vector<std::string> out;
    for (const auto& term : terms)
      out.push_back(word(*term.expr) + (term.descending ? " descending" : ""));
    return out;
  }

  [[nodiscard]] std::string of(const sql::Body& body) const {
    if (const auto* select = std::get_if<sql::Select>(&body.node))
      return of(*select);
    if (const auto* set = std::get_if<sql::SetOperation>(&body.node))
      return of(*set);
    if (const auto* arm = std::get_if<sql::Arm>(&body.node))
      return of(*arm->query);
    return "given rows";
  }

  [[nodiscard]] std::string of(const sql::SetOperation& set) const {
    constexpr const char* kJoined[] = {"together with", "that are also in",
                                       "that are not in"}; // as SetOperation::Kind
    return fmt::format("({}) {} ({})", of(*set.left), kJoined[static_cast<int>(set.kind)],
                       of(*set.right));
  }

  [[nodiscard]] std::string of(const sql::Select& select) const {
    std::string text = what(select);
    if (select.from)
      text += "; from " + listed(sources(*select.from));
    if (select.where)
      text += "; where " + word(*select.where);
    if (select.having)
      text += "; groups having " + word(*select.having);
    return text;
  }

  [[nodiscard]] std::string what(const sql::Select& select) const {
    std::vector<std::string> keys, items;
    for (const auto& key : select.group_by)
      keys.push_back(word(*key));
    for (const auto& item : select.items) {
      const auto text = word(*item.expr);
      if (std::find(keys.begin(), keys.end(), text) == keys.end())
        items.push_back(item.alias.empty() ? text : fmt::format("{} ({})", item.alias, text));
    }
    if (!keys.empty())
      return fmt::format("for each {}: {}", listed(keys),
                         items.empty() ? "its key" : listed(items));
    const bool sums_up =
        std::any_of(select.items.begin(), select.items.end(),
                    [](const auto& item) { return sql::has_aggregate(*item.expr); });
    return (sums_up           ? "over all rows: "
            : select.distinct ? "different values of "
                              : "a list of ") +
           listed(items);
  }

  [[nodiscard]] std::vector<std::string> sources(const sql::From& from) const {
    std::vector<std::string> out;
    sql::walk_from(from, [&](const sql::From& leaf) {
      if (const auto* table = std::get_if<sql::TableName>(&leaf.node))
        out.push_back(table->name);
      else if (const auto* derived = std::get_if<sql::Derived>(&leaf.node))
        out.push_back(fmt::format("({})", of(*derived->query)));
    });
    return out;
  }

  sql::Dialect dialect_;
};

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text + ".";
}

} // namespace

std::string intent_of(const sql::Query& query, sql::Dialect dialect) {
  const Sentence sentence(dialect);
  std::string text;
  for (const auto& cte : query.with)
    text += fmt::format("{} is {}. ", cte.name, sentence.of(*cte.query));
  return text + capitalised(sentence.of(query));
}

} // namespace quill::optimize
