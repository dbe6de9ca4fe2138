#include "quill/llm/tape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/llm/wrappers.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

constexpr std::size_t kShownBytes = 60;

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end.first - a.begin());
}

/// A piece of the text from where it begins to differ, as one line.
std::string piece(const std::string& text, std::size_t from) {
  return dump_json(Json(text.substr(std::min(from, text.size()), kShownBytes)));
}

std::string difference(const std::string& name, const Json& asked, const Json& recorded) {
  const std::string a = asked.is_string() ? asked.get<std::string>() : dump_json(asked);
  const std::string r = recorded.is_string() ? recorded.get<std::string>() : dump_json(recorded);
  const std::size_t same = common_prefix(a, r);
  if (same == 0 || std::max(a.size(), r.size()) <= kShownBytes)
    return fmt::format("{}: recorded {}, asked {}", name, piece(r, 0), piece(a, 0));
  return fmt::format("{} differs from byte {}: recorded {}, asked {}", name, same, piece(r, same),
                     piece(a, same));
}

/// Members that differ; those of the messages one by one.
std::vector<std::string> differences(const Json& asked, const Json& recorded) {
  std::vector<std::string> found;
  for (const auto& [key, value] : asked.items()) {
    const Json other = recorded.value(key, Json(nullptr));
    if (value == other)
      continue;
    if (key != "messages" || !other.is_array() || other.size() != value.size()) {
      found.push_back(difference(key, value, other));
      continue;
    }
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] != other[i])
        found.push_back(difference(fmt::format("messages[{}]", i),
                                   value[i].value("content", Json("")),
                                   other[i].value("content", Json(""))));
  }
  return found;
}

/// How like: members that are equal, then how far the text goes along.
std::size_t likeness(const Json& asked, const std::string& text, const std::string& recorded) {
  constexpr std::size_t kMember = 1U << 24U;
  std::size_t equal = 0;
  const Json other = parse_json(recorded, "tape");
  for (const auto& [key, value] : asked.items())
    equal += other.value(key, Json(nullptr)) == value ? 1 : 0;
  return equal * kMember + std::min(common_prefix(text, recorded), kMember - 1);
}

std::string why_not_recorded(Tape& tape, const Request& request) {
  const Json asked = request.json();
  const std::string text = dump_json(asked);
  std::string nearest;
  std::size_t best = 0;
  tape.each_request([&](const std::string& recorded) {
    const std::size_t like = likeness(asked, text, recorded);
    if (nearest.empty() || like > best) {
      nearest = recorded;
      best = like;
    }
    return true;
  });
  if (nearest.empty())
    return "the tape holds no request at all";
  return fmt::format("the tape has no answer to this request; the nearest one differs: {}",
                     fmt::join(differences(asked, parse_json(nearest, "tape")), "; "));
}

class TapedClient final : public Client {
 public:
  TapedClient(Client* inner, Tape& tape, Api api) : inner_(inner), tape_(tape), api_(api) {}

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    if (const auto recorded = tape_.find(request.key()))
      return played(*recorded);
    if (inner_ == nullptr)
      return LlmFailure{Kind::not_recorded, why_not_recorded(tape_, request), std::nullopt, ""};
    auto result = inner_->complete(request, cancel);
    if (result)
      tape_.put(request, {.raw = result.value().raw, .usable = true});
    else if (result.failure().kind == Kind::bad_reply)
      tape_.put(request, {.raw = result.failure().raw, .usable = false});
    return result;
  }

 private:
  Result<Reply, LlmFailure> played(const Recorded& recorded) {
    if (recorded.usable)
      return parse_reply(api_, 200, recorded.raw);
    return LlmFailure{Kind::bad_reply, "the recorded answer is no answer", std::nullopt,
                      recorded.raw};
  }

  Client* inner_;
  Tape& tape_;
  Api api_;
};

} // namespace

std::unique_ptr<Client> with_tape(Client* inner, Tape& tape, Api api) {
  return std::make_unique<TapedClient>(inner, tape, api);
}

} // namespace quill::llm
