#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "quill/core/json.hpp"
#include "quill/sql/pair.hpp"
#include "quill/sql/text.hpp"
#include "quill/task/candidate.hpp"
#include "task/answer_text.hpp"

namespace quill::task {

namespace {

constexpr std::size_t kExplanationBytesMax = 4'000;
constexpr std::size_t kIndexesMax = 16;
constexpr int kObjectsTried = 8;

/// Statements of one or more scripts: the indexes, and what remains.
struct Statements {
  std::vector<std::string> indexes, others;
};

/// False (with `why`) when the script cannot be split.
bool gather(std::string_view script, Statements& into, std::string& why) {
  const auto statements = sql::split_statements(script);
  if (!statements) {
    why = statements.failure().what;
    return false;
  }
  for (const std::string& statement : statements.value())
    (sql::is_create_index(statement) ? into.indexes : into.others).push_back(statement);
  return true;
}

void drop_repeats(std::vector<std::string>& texts) {
  std::vector<std::string> seen;
  for (std::string& text : texts)
    if (std::find(seen.begin(), seen.end(), text) == seen.end())
      seen.push_back(std::move(text));
  texts = std::move(seen);
}

/// At a character boundary: a cut letter would not be UTF-8.
std::string shortened(std::string_view text, std::size_t bytes_max) {
  text = trim(text);
  std::size_t end = std::min(text.size(), bytes_max);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;
  return std::string(text.substr(0, end));
}

std::string known_type(std::string_view type) {
  constexpr std::array kTypes{"indexing", "join", "projection", "limit", "redundancy"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end() ? std::string(type) : "";
}

Result<Candidate> make_candidate(Statements statements) {
  drop_repeats(statements.indexes);
  if (statements.others.size() > 1)
    return Failure{fmt::format("the answer holds {} statements besides its indexes, one is allowed",
                               statements.others.size())};
  if (statements.others.empty() && statements.indexes.empty())
    return Failure{"the answer holds no statement"};
  if (statements.indexes.size() > kIndexesMax)
    return Failure{fmt::format("the answer brings {} indexes, at most {} are allowed",
                               statements.indexes.size(), kIndexesMax)};
  Candidate candidate;
  candidate.indexes = std::move(statements.indexes);
  if (!statements.others.empty())
    candidate.after = std::move(statements.others.front());
  return candidate;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Result<Candidate> from_object(const Json& object) {
  Statements statements;
  std::string why;
  if (!gather(text_at(object, "after"), statements, why))
    return Failure{fmt::format("\"after\" is no SQL: {}", why)};
  if (const auto indexes = object.find("indexes"); indexes != object.end())
    for (const Json& index : indexes->is_array() ? *indexes : Json::array({*indexes}))
      if (index.is_string() && !gather(index.get<std::string>(), statements, why))
        return Failure{fmt::format("\"indexes\" is no SQL: {}", why)};
  auto candidate = make_candidate(std::move(statements));
  if (!candidate)
    return candidate;
  Candidate found = std::move(candidate).value();
  found.type = known_type(text_at(object, "type"));
  found.explanation = shortened(text_at(object, "explanation"), kExplanationBytesMax);
  return found;
}

/// The first {…} that is an object with "after" or "indexes".
std::optional<Json> find_object(std::string_view text) {
  std::size_t at = text.find('{');
  for (int tried = 0; at != std::string_view::npos && tried < kObjectsTried; ++tried) {
    const auto bytes = object_at(text, at);
    if (bytes) {
      try {
        Json value = parse_json(*bytes, "answer");
        if (value.contains("after") || value.contains("indexes"))
          return value;
      } catch (const Error&) { // not JSON: look at the next brace
      }
    }
    at = text.find('{', at + 1);
  }
  return std::nullopt;
}

/// Blocks up to the first that holds more than indexes.
Result<Candidate> from_fences(const std::vector<Fence>& blocks, std::string_view text) {
  Statements statements;
  std::string why;
  for (const Fence& block : blocks) {
    if (!is_sql(block))
      continue;
    if (!gather(block.body, statements, why))
      return Failure{fmt::format("the answer's SQL block cannot be read: {}", why)};
    if (!statements.others.empty())
      break;
  }
  auto candidate = make_candidate(std::move(statements));
  if (!candidate)
    return candidate;
  Candidate found = std::move(candidate).value();
  const std::size_t last = text.rfind("```");
  found.explanation = shortened(text.substr(std::min(last + 3, text.size())), kExplanationBytesMax);
  return found;
}

Result<Candidate> from_bare(std::string_view text) {
  Statements statements;
  std::string why;
  if (!begins_like_sql(text))
    return Failure{"the answer holds neither a JSON object with \"after\" nor a ```sql block"};
  if (!gather(text, statements, why))
    return Failure{fmt::format("the answer is no SQL: {}", why)};
  return make_candidate(std::move(statements));
}

} // namespace

Result<Candidate> extract_candidate(std::string_view answer) {
  const auto said = said_in(answer);
  if (!said)
    return said.failure();
  const std::string_view text = said.value();
  if (const auto object = find_object(text))
    return from_object(*object);
  const std::vector<Fence> blocks = fences(text);
  if (std::any_of(blocks.begin(), blocks.end(), is_sql))
    return from_fences(blocks, text);
  return from_bare(text);
}

std::string why_cut_off(const llm::Reply& reply) {
  if (reply.finish_reason == "length" || reply.finish_reason == "content_filter")
    return fmt::format("the answer was cut off (finish_reason \"{}\")", reply.finish_reason);
  return "";
}

Result<Candidate> candidate_of(const llm::Reply& reply) {
  if (auto cut = why_cut_off(reply); !cut.empty())
    return Failure{std::move(cut)};
  return extract_candidate(reply.text);
}

} // namespace quill::task
