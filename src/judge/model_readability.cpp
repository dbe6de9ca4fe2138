#include "quill/judge/model_readability.hpp"

#include <cmath>
#include <future>

#include <fmt/format.h>

#include "quill/judge/reward.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

constexpr int kScoreMax = 2;
constexpr std::int64_t kAnswerTokensMax = 300;

/// Comments go; what is left keeps its lines. Text that is no SQL stays as it is.
std::string without_comments(std::string_view sql) {
  const auto tokens = sql::tokenize(sql);
  if (!tokens)
    return std::string(sql);
  std::string clean;
  std::size_t end = 0;
  for (const sql::Token& token : tokens.value()) {
    const std::string_view gap = sql.substr(end, token.offset - end);
    const bool blank = gap.find_first_not_of(" \t\r\n") == std::string_view::npos;
    clean += blank ? std::string(gap) : gap.find('\n') != std::string_view::npos ? "\n" : " ";
    clean += token.text;
    end = token.offset + token.text.size();
  }
  return clean;
}

Json answer_schema() {
  return {{"type", "object"},
          {"properties",
           {{"score", {{"type", "integer"}, {"enum", {-2, -1, 0, 1, 2}}}},
            {"reason", {{"type", "string"}}}}},
          {"required", {"score", "reason"}},
          {"additionalProperties", false}};
}

/// `order`: 0 or 1, so that both are asked even when they look the same.
llm::Request question(const ReadabilityModel& model, std::string_view first,
                      std::string_view second, std::int64_t order) {
  llm::Request request{.model = model.model,
                       .messages = model.prompt.render({{"first", without_comments(first)},
                                                        {"second", without_comments(second)}}),
                       .temperature = 0,
                       .tokens_max = kAnswerTokensMax,
                       .sample_index = order};
  if (model.json != llm::JsonAnswers::none)
    request.schema = answer_schema();
  return request;
}

struct Score {
  int value;
  std::string reason;
};

/// Of the JSON object in an answer that may say more around it.
Result<Score> read_score(const llm::Reply& reply) {
  const std::size_t begin = reply.text.find('{'), end = reply.text.rfind('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return Failure{"the answer holds no JSON object"};
  try {
    const Json value = parse_json(reply.text.substr(begin, end - begin + 1), "answer");
    const JsonObject object(value, "answer");
    const std::int64_t score = object.integer("score");
    if (std::abs(score) > kScoreMax)
      return Failure{fmt::format("a score of {} is not between -2 and 2", score)};
    return Score{static_cast<int>(score), object.text_or("reason", "")};
  } catch (const Error& error) {
    return Failure{error.text().what};
  }
}

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& value) {
  if (value)
    sum = sum.value_or(0) + *value;
}

using Answer = Result<llm::Reply, llm::LlmFailure>;

/// `why_not` says so when there is none.
std::optional<Score> take(const Answer& answer, ModelOpinion& opinion) {
  if (!answer) {
    opinion.why_not = answer.failure().what;
    return std::nullopt;
  }
  add(opinion.usage.prompt_tokens, answer.value().usage.prompt_tokens);
  add(opinion.usage.completion_tokens, answer.value().usage.completion_tokens);
  const auto score = read_score(answer.value());
  if (score)
    return score.value();
  opinion.why_not = score.failure().what;
  return std::nullopt;
}

} // namespace

llm::PromptFile load_readability_prompt(const std::filesystem::path& file) {
  return llm::PromptFile::load(file, {"first", "second"});
}

ModelOpinion model_readability(const ReadabilityModel& model, std::string_view before,
                               std::string_view after, const Cancel& cancel) {
  auto swapped = std::async(std::launch::async, [&] {
    return model.client.complete(question(model, after, before, 1), cancel);
  });
  const Answer straight = model.client.complete(question(model, before, after, 0), cancel);
  ModelOpinion opinion;
  const auto forward = take(straight, opinion);
  const auto backward = take(swapped.get(), opinion);
  if (!forward || !backward)
    return opinion;
  opinion.forward = forward->value;
  opinion.backward = -backward->value; // shown first, a low score is for it
  const double mean = (opinion.forward + opinion.backward) / 2.0;
  opinion.readability = {.score = mean / kScoreMax * kReadabilityMax, .reason = forward->reason};
  return opinion;
}

bool same_opinion(double one, double other) {
  constexpr double kAboutTheSame = 0.02;
  const auto side = [](double score) {
    return std::abs(score) <= kAboutTheSame ? 0 : score > 0 ? 1 : -1;
  };
  return side(one) == side(other);
}

} // namespace quill::judge
