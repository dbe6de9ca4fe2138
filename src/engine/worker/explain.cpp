#include "engine/worker/explain.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/core.h>

#include "quill/sql/text.hpp"

namespace quill::engine {
namespace {

std::string text_of(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(row, column));
  return text ? std::string(text, static_cast<std::size_t>(::sqlite3_column_bytes(row, column)))
              : std::string();
}

/// The statement has passed the gate; the same text is prepared again behind EXPLAIN.
StatementHandle explained(Connection& connection, std::string_view prefix, std::string_view sql) {
  const auto text = std::string(prefix) + std::string(sql);
  ::sqlite3_limit(connection.handle(), SQLITE_LIMIT_SQL_LENGTH,
                  static_cast<int>(kStatementBytesMax + prefix.size()));
  sqlite3_stmt* raw = nullptr;
  ::sqlite3_prepare_v2(connection.handle(), text.c_str(), static_cast<int>(text.size()), &raw,
                       nullptr);
  ::sqlite3_limit(connection.handle(), SQLITE_LIMIT_SQL_LENGTH,
                  static_cast<int>(kStatementBytesMax));
  return StatementHandle(raw);
}

/// The index named in "SEARCH t USING [COVERING] INDEX name (a=?)"; "" when none is.
std::string index_in(std::string_view detail) {
  constexpr std::string_view kMark = " INDEX ";
  const auto using_at = detail.find(" USING ");
  if (using_at == std::string_view::npos)
    return "";
  const auto how = detail.substr(using_at);
  if (how.starts_with(" USING AUTOMATIC "))
    return "(automatic)";
  const auto at = how.find(kMark);
  if (at == std::string_view::npos)
    return "";
  const auto name = how.substr(at + kMark.size());
  return std::string(name.substr(0, std::min(name.find(" ("), name.size())));
}

/// Doubles and blobs are printed inexactly in p4, so the literals themselves are part of the
/// program's text.
std::vector<std::string> inexact_literals(std::string_view sql) {
  std::vector<std::string> literals;
  const auto tokens = sql::tokenize(sql);
  if (!tokens.ok())
    return {std::string(sql)};
  for (const auto& token : tokens.value()) {
    const bool hexadecimal = token.text.substr(0, 2) == "0x" || token.text.substr(0, 2) == "0X";
    if (token.kind == sql::TokenKind::blob) {
      auto& blob = literals.emplace_back(token.text);
      std::transform(blob.begin(), blob.end(), blob.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    } else if (token.kind == sql::TokenKind::number && !hexadecimal &&
               token.text.find_first_of(".eE") != std::string_view::npos) {
      literals.push_back(
          fmt::format("{:a}", std::strtod(std::string(token.text).c_str(), nullptr)));
    }
  }
  std::sort(literals.begin(), literals.end());
  return literals;
}

bool is_inexact(std::string_view opcode) {
  return opcode == "Real" || opcode == "Blob";
}

} // namespace

Plan plan_of(Connection& connection, const Statement& statement) {
  Plan plan;
  connection.start(statement.limits);
  if (const auto gate = connection.prepare(statement.sql); !gate.statement) {
    plan.message = gate.message;
    return plan;
  }
  const auto rows = explained(connection, "EXPLAIN QUERY PLAN ", statement.sql);
  std::map<int, std::size_t> depth; // by node id; the root is 0
  while (rows && ::sqlite3_step(rows.get()) == SQLITE_ROW) {
    const auto parent = depth.find(::sqlite3_column_int(rows.get(), 1));
    const auto level = parent == depth.end() ? 0 : parent->second + 1;
    depth[::sqlite3_column_int(rows.get(), 0)] = level;
    const auto detail = text_of(rows.get(), 3);
    plan.lines.push_back(std::string(level * 2, ' ') + detail);
    const auto index = index_in(detail);
    const auto& used = plan.indexes_used;
    if (!index.empty() && std::find(used.begin(), used.end(), index) == used.end())
      plan.indexes_used.push_back(index);
  }
  plan.ok = rows != nullptr;
  return plan;
}

TextAnswer program_of(Connection& connection, const Statement& statement) {
  connection.start(statement.limits);
  if (const auto gate = connection.prepare(statement.sql); !gate.statement)
    return {false, gate.message};
  const auto rows = explained(connection, "EXPLAIN ", statement.sql);
  TextAnswer answer;
  bool inexact = false;
  while (rows && ::sqlite3_step(rows.get()) == SQLITE_ROW) {
    constexpr int kOpcode = 1;
    constexpr int kLastOperand = 6; // p5; after it the comment
    inexact = inexact || is_inexact(text_of(rows.get(), kOpcode));
    for (int i = kOpcode; i <= kLastOperand; ++i)
      answer.text += text_of(rows.get(), i) + (i == kLastOperand ? '\n' : ' ');
  }
  if (inexact)
    for (const auto& literal : inexact_literals(statement.sql))
      answer.text += "literal " + literal + '\n';
  answer.ok = rows != nullptr;
  return answer;
}

} // namespace quill::engine
