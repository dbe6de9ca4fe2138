// Calls as text: plain ones, and those the standard writes in words.
#include <algorithm>
#include <array>
#include <string_view>

#include "quill/sql/parse.hpp"
#include "sql/keywords.hpp"
#include "sql/names.hpp"
#include "sql/printer.hpp"
#include "sql/strength.hpp"

namespace quill::sql {
namespace {

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Keywords that the dialects let be functions as they stand.
bool is_bare_name(const std::string& name, Dialect dialect) {
  static constexpr auto kSqlite =
      std::to_array<std::string_view>({"replace", "like", "glob", "match", "regexp", "if"});
  static constexpr auto kOthers = std::to_array<std::string_view>({"substring", "overlay", "trim"});
  if (dialect == Dialect::sqlite)
    return among(kSqlite, name);
  return is_call_of_grammar(name) || among(kOthers, name);
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && is_word_start(text[0]) &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// The set of a GLOB from its "[" on, for a regular expression; "" when it has no end.
std::string set_of_glob(std::string_view glob) {
  const std::size_t first = glob.starts_with("[^") ? 2 : 1;
  const auto end = glob.find(']', first + 1);
  std::string result;
  for (const char c : end == std::string_view::npos ? "" : glob.substr(0, end + 1))
    result += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return result;
}

/// 'a*[0-9]?' as '^a.*[0-9].$'; "" when it cannot be said.
std::string regexp_of_glob(std::string_view glob) {
  static constexpr std::string_view kSpecial = ".\\+*?()[]{}|^$";
  std::string result = "^";
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    if (c == '[') {
      const auto set = set_of_glob(glob.substr(i));
      if (set.empty())
        return {};
      result += set;
      i = glob.find(']', i + (glob.substr(i).starts_with("[^") ? 3 : 2));
    } else if (c == '*' || c == '?') {
      result += c == '*' ? ".*" : ".";
    } else {
      result += (kSpecial.find(c) == std::string_view::npos ? "" : "\\") + std::string(1, c);
    }
  }
  return result + '$';
}

} // namespace

void Printer::call_name(const Call& n) {
  if (!n.schema.empty())
    out_ += quoted(n.schema) + '.';
  const bool bare = is_bare_name(n.name, dialect_);
  // A keyword like left may be a function; quoted() knows only what may be a column.
  const bool plain = !is_sqlite() && n.schema.empty() && is_plain_word(n.name) &&
                     !is_reserved_function(n.name, dialect_);
  out_ += bare || plain ? n.name : quoted(n.name);
}

void Printer::arguments(const Call& n) {
  out_ += '(';
  if (n.star)
    out_ += '*';
  if (n.distinct)
    out_ += "DISTINCT ";
  for (std::size_t i = 0; i < n.args.size(); ++i) {
    out_ += i > 0 ? ", " : "";
    out_ += n.variadic && i + 1 == n.args.size() ? "VARIADIC " : "";
    expr(*n.args[i]);
  }
  if (!n.order_by.empty()) {
    out_ += n.within_group ? ") WITHIN GROUP (ORDER BY " : " ORDER BY ";
    order(n.order_by);
  }
  out_ += ')';
}

void Printer::over(const Window& window) {
  out_ += " OVER ";
  if (!window.base.empty() && window.partition_by.empty() && window.order_by.empty() &&
      window.frame.empty())
    out_ += quoted(window.base);
  else
    this->window(window);
}

void Printer::node(const Call& n) {
  if (n.in_words && in_words(n))
    return;
  call_name(n);
  arguments(n);
  if (n.filter) {
    out_ += " FILTER (WHERE ";
    expr(*n.filter);
    out_ += ')';
  }
  if (n.over)
    over(*n.over);
}

/// False when the dialect writes it as a plain call.
bool Printer::in_words(const Call& n) {
  if (is_bare_call(n.name)) {
    out_ += upper(n.name);
    if (!n.args.empty())
      arguments(n);
    return true;
  }
  if (is_sqlite())
    return false;
  if (n.name == "trim" || n.name == "ltrim" || n.name == "rtrim")
    return trimmed(n), true;
  if (n.name == "substring")
    return joined(n, {" FROM ", " FOR "}), true;
  if (n.name == "overlay")
    return joined(n, {" PLACING ", " FROM ", " FOR "}), true;
  if (n.args.size() < 2)
    return false;
  if (n.name == "extract") {
    const auto* field = n.args[0]->as<Literal>();
    out_ += "EXTRACT(";
    if (field && field->kind == Literal::Kind::string && is_plain_word(field->text) &&
        !is_keyword(field->text, dialect_))
      out_ += upper(field->text);
    else
      expr(*n.args[0]);
    out_ += " FROM ";
    expr(*n.args[1]);
    out_ += ')';
  } else if (n.name == "position") {
    out_ += "POSITION(";
    bound(*n.args[1]);
    out_ += " IN ";
    bound(*n.args[0]);
    out_ += ')';
  } else if (n.name == "timezone") {
    expr(*n.args[1], kZone);
    out_ += " AT TIME ZONE ";
    expr(*n.args[0], kCollate);
  } else if (n.name == "overlaps" && n.args.size() == 4) {
    const std::array<const char*, 4> marks{"(", ", ", ") OVERLAPS (", ", "};
    for (std::size_t i = 0; i < marks.size(); ++i) {
      out_ += marks[i];
      expr(*n.args[i]);
    }
    out_ += ')';
  } else {
    return false;
  }
  return true;
}

void Printer::joined(const Call& n, const std::vector<const char*>& words) {
  out_ += upper(n.name) + '(';
  for (std::size_t i = 0; i < n.args.size(); ++i) {
    if (i > 0)
      out_ += words[std::min(i, words.size()) - 1];
    expr(*n.args[i]);
  }
  out_ += ')';
}

void Printer::trimmed(const Call& n) {
  if (n.name == "trim" && n.args.size() == 1)
    return joined(n, {""});
  out_ += n.name == "ltrim" ? "TRIM(LEADING " : n.name == "rtrim" ? "TRIM(TRAILING " : "TRIM(BOTH ";
  if (n.args.size() == 2) {
    expr(*n.args[1]);
    out_ += " FROM ";
    expr(*n.args[0]);
  } else {
    out_ += "FROM ";
    list(n.args);
  }
  out_ += ')';
}

/// PostgreSQL has no GLOB. False when the pattern is not known here.
bool Printer::glob(const Match& n) {
  const auto* pattern = n.pattern->as<Literal>();
  if (!pattern || pattern->kind != Literal::Kind::string)
    return false;
  const auto text = regexp_of_glob(pattern->text);
  if (text.empty())
    return false;
  expr(*n.arg, kOperandOfTest);
  out_ += (n.negated ? " !~ " : " ~ ") + quoted_text(text);
  return true;
}

// PostgreSQL's ~ finds, DuckDB's wants the whole text.
void Printer::regexp(const Match& n) {
  if (dialect_ == Dialect::duckdb) {
    out_ += n.negated ? "(NOT regexp_matches(" : "regexp_matches(";
    expr(*n.arg);
    out_ += ", ";
    expr(*n.pattern);
    out_ += n.negated ? "))" : ")";
    return;
  }
  expr(*n.arg, kOperandOfTest);
  out_ += n.negated ? " !~ " : " ~ ";
  expr(*n.pattern, kSum);
}

} // namespace quill::sql
