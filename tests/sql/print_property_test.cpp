// Random trees: what is printed reads back as the tree, whatever stands in whatever.
#include "catch.hpp"

#include <random>
#include <string>
#include <vector>

#include "quill/sql/parse.hpp"

using namespace quill::sql;

namespace {

/// Expressions of a dialect, as deep as asked.
class Trees {
 public:
  Trees(Dialect dialect, unsigned seed) : dialect_(dialect), random_(seed) {}

  ExprPtr any(int depth) {
    if (depth == 0)
      return leaf();
    const int shared = 13;
    switch (below(is_sqlite() ? shared : shared + 9)) {
    case 0:
      return leaf();
    case 1:
      return unary(depth);
    case 2:
    case 3:
    case 4:
      return operation(depth);
    case 5:
      return expr(Between{any(depth - 1), any(depth - 1), any(depth - 1), coin()});
    case 6:
      return match(depth);
    case 7:
      return expr(InList{any(depth - 1), list(depth - 1), coin()});
    case 8:
      return expr(InQuery{any(depth - 1), query(depth - 1), coin()});
    case 9:
      return expr(IsNull{any(depth - 1), coin()});
    case 10:
      return choice(depth);
    case 11:
      return expr(Collate{any(depth - 1), "nocase"});
    case 12:
      return coin() ? expr(Cast{any(depth - 1), "INTEGER"}) : call("lower", list(depth - 1));
    case 13:
      return expr(Quantified{"=", coin(), any(depth - 1), nullptr, any(depth - 1)});
    case 14:
      return expr(Quantified{"<", coin(), any(depth - 1), query(depth - 1), nullptr});
    case 15:
      return expr(Array{list(depth - 1), nullptr});
    case 16:
      return access(depth);
    case 17:
      return in_words("timezone", depth, 2);
    case 18:
      return in_words(coin() ? "position" : "overlay", depth, coin() ? 2 : 3);
    case 19:
      return in_words("overlaps", depth, 4);
    case 20:
      return in_words(coin() ? "trim" : "ltrim", depth, 1 + below(2));
    default:
      return expr(RowValue{list(depth - 1), true});
    }
  }

 private:
  [[nodiscard]] bool is_sqlite() const { return dialect_ == Dialect::sqlite; }
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool coin() { return below(2) == 0; }
  template <class T> T one_of(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

  ExprPtr leaf() {
    switch (below(7)) {
    case 0:
      return column("t", "a");
    case 1:
      return column("", "b");
    case 2:
      return integer(below(9) - 4);
    case 3:
      return text("it's");
    case 4:
      return null();
    case 5:
      return expr(Literal{Literal::Kind::boolean, coin() ? "true" : "false"});
    default:
      return expr(Literal{Literal::Kind::real, "1.5"});
    }
  }

  ExprPtr operation(int depth) {
    auto word = op();
    auto right = any(depth - 1);
    const auto* literal = right->as<Literal>();
    if (word.starts_with("IS") && literal && literal->kind == Literal::Kind::null)
      word = "="; // IS NULL is a node of its own
    return binary(std::move(word), any(depth - 1), std::move(right));
  }

  ExprPtr unary(int depth) {
    const auto sign = one_of(is_sqlite() ? std::vector<std::string>{"-", "+", "~", "NOT"}
                                         : std::vector<std::string>{"-", "+", "@", "~", "NOT"});
    return expr(Unary{sign, any(depth - 1)});
  }

  std::string op() {
    static const std::vector<std::string> kShared{
        "+", "-",  "*", "/",  "%", "||", "&",   "|",  "<<", ">>",
        "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "IS", "IS NOT"};
    static const std::vector<std::string> kPostgres{"^", "@>", "#", "->", "->>", "&&"};
    static const std::vector<std::string> kDuckdb{"^", "@>", "//", "**", "~"};
    if (is_sqlite() || below(3) > 0)
      return one_of(kShared);
    return one_of(dialect_ == Dialect::postgres ? kPostgres : kDuckdb);
  }

  ExprPtr match(int depth) {
    const auto word = one_of(is_sqlite() ? std::vector<std::string>{"LIKE", "GLOB"}
                             : dialect_ == Dialect::postgres
                                 ? std::vector<std::string>{"LIKE", "ILIKE", "SIMILAR TO", "REGEXP"}
                                 : std::vector<std::string>{"LIKE", "GLOB"});
    Match result{word, any(depth - 1), any(depth - 1), nullptr, coin()};
    if (word != "REGEXP" && word != "GLOB" && coin())
      result.escape = any(depth - 1);
    return expr(std::move(result));
  }

  ExprPtr choice(int depth) {
    Case result;
    result.operand = coin() ? any(depth - 1) : nullptr;
    result.branches.push_back({any(depth - 1), any(depth - 1)});
    result.otherwise = coin() ? any(depth - 1) : nullptr;
    return expr(std::move(result));
  }

  ExprPtr access(int depth) {
    Access result{coin() ? column("t", "a") : any(depth - 1), {}};
    for (int i = below(2); i >= 0; --i) {
      Step step;
      if (coin())
        step.field = "f";
      else
        step.low = any(depth - 1);
      if (step.low && coin()) {
        step.slice = true;
        step.high = coin() ? any(depth - 1) : nullptr;
      }
      result.steps.push_back(std::move(step));
    }
    return expr(std::move(result));
  }

  ExprPtr in_words(const char* name, int depth, int args) {
    Call result;
    result.name = name;
    result.in_words = true;
    for (int i = 0; i < args; ++i)
      result.args.push_back(any(depth - 1));
    if (result.name == "position")
      result.args.resize(2);
    if (result.name == "overlay" && result.args.size() < 3)
      result.args.push_back(integer(1));
    return expr(std::move(result));
  }

  std::vector<ExprPtr> list(int depth) {
    std::vector<ExprPtr> result;
    for (int i = 1 + below(2); i >= 0; --i)
      result.push_back(any(depth));
    return result;
  }

  QueryPtr query(int depth) {
    auto result = std::make_unique<Query>();
    Select select;
    select.items.push_back({any(depth), ""});
    result->body.node = std::move(select);
    return result;
  }

  Dialect dialect_;
  std::mt19937 random_;
};

void check(Dialect dialect, int trees) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(trees); ++seed) {
    Query query;
    Select select;
    select.items.push_back({Trees(dialect, seed).any(1 + static_cast<int>(seed % 4)), ""});
    query.body.node = std::move(select);
    const auto printed = print(query, dialect);
    const auto again = parse(dialect, printed, local_grammar());
    if (!again)
      FAIL(printed << "\n" << again.failure().what);
    if (!equal(*again.value(), query))
      FAIL(printed << "\n" << print(*again.value(), dialect));
  }
}

} // namespace

TEST_CASE("random expressions read back from PostgreSQL's print", "[sql]") {
  check(Dialect::postgres, 1500);
}

TEST_CASE("random expressions read back from DuckDB's print", "[sql]") {
  check(Dialect::duckdb, 1500);
}

TEST_CASE("random expressions read back from SQLite's print", "[sql]") {
  check(Dialect::sqlite, 1500);
}
