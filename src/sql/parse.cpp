#include "quill/sql/parse.hpp"

#include <cctype>
#include <charconv>

#include "quill/core/json.hpp"
#include "sql/converter.hpp"
#include "sql/spelling.hpp"

namespace quill::sql {
namespace {

// tokenize() bounds the nesting of text; a level of SQL is at most eight of JSON.
constexpr int kJsonDepth = 16'000;

std::string original(const Spelled& spelled, char kind, std::size_t number) {
  if (kind == 'n')
    return number < spelled.names.size() ? spelled.names[number].text : "";
  if (number == 0 || number > spelled.values.size())
    return {};
  const auto& value = spelled.values[number - 1];
  if (const auto* literal = std::get_if<Literal>(&value))
    return literal->kind == Literal::Kind::null ? "NULL" : literal->text;
  const auto* parameter = std::get_if<Parameter>(&value);
  return parameter ? parameter->name : "";
}

/// `syntax error at or near "n12"` with the name that n12 stands for.
std::string explained(const std::string& message, const Spelled& spelled) {
  const auto open = message.find('"');
  const auto close = message.rfind('"');
  if (open == std::string::npos || close < open + 3)
    return message;
  const auto* first = message.data() + open + 2;
  const auto* last = message.data() + close;
  std::size_t number = 0;
  const char kind = message[open + 1];
  if (spelled.dialect != Dialect::sqlite || (kind != 'n' && kind != '$') ||
      std::from_chars(first, last, number).ptr != last)
    return message;
  return message.substr(0, open + 1) + original(spelled, kind, number) + message.substr(close);
}

QueryPtr converted(const std::string& tree, const Spelled& spelled) {
  try {
    return Converter(spelled).document(parse_json(tree, "parse tree", kJsonDepth));
  } catch (const Error& error) {
    throw Refusal{error.text().what};
  } catch (const Json::exception& error) {
    throw Refusal{error.what()};
  }
}

} // namespace

Result<QueryPtr> parse(std::string_view sql, const Grammar& grammar, const TextCaps& caps) {
  return parse(Dialect::sqlite, sql, grammar, caps);
}

Result<QueryPtr> parse(Dialect dialect, std::string_view sql, const Grammar& grammar,
                       const TextCaps& caps) {
  auto tokens = tokenize(dialect, sql, caps);
  if (!tokens)
    return tokens.failure();
  try {
    const auto spelled = dialect == Dialect::sqlite
                             ? spell_for_postgres(std::move(tokens).value(), caps)
                             : respell(dialect, tokens.value(), sql);
    const auto tree = grammar(spelled.text);
    if (!tree)
      return Failure{explained(tree.failure().what, spelled)};
    return converted(tree.value(), spelled);
  } catch (const Refusal& refusal) {
    return Failure{refusal.what};
  }
}

} // namespace quill::sql
