// A reward by a program of the user's.
#include <algorithm>

#include <fmt/format.h>

#include "quill/core/json.hpp"
#include "quill/train/reward.hpp"
#include "train/program.hpp"

namespace quill::train {

namespace {

Json question_of(const Attempt& attempt) {
  const Exercise& exercise = *attempt.exercise;
  Json prompt = Json::array();
  for (const llm::Message& message : exercise.prompt)
    prompt.push_back({{"role", message.role}, {"content", message.content}});
  Json databases = Json::array();
  for (const auto& database : exercise.databases)
    databases.push_back(database.string());
  return {{"id", exercise.id},        {"prompt", std::move(prompt)},
          {"answer", attempt.answer}, {"databases", std::move(databases)},
          {"gold", exercise.gold},    {"before", exercise.before}};
}

Score score_of(const std::string& text, const std::string& where) {
  const Json value = parse_json(text, where);
  const JsonObject line(value, where);
  std::optional<double> reward;
  if (!line.at("reward").is_null())
    reward = line.number("reward");
  return {.value = reward, .why = line.text_or("why", ""), .error = line.text_or("error", "")};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin)
      lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

class CommandReward final : public Reward {
 public:
  CommandReward(std::string command, std::int64_t timeout_ms)
      : command_(std::move(command)), timeout_ms_(timeout_ms) {}

  [[nodiscard]] std::string name() const override { return "command"; }
  [[nodiscard]] bool batched() const override { return true; }
  [[nodiscard]] Score of(const Attempt& attempt) override { return of_all({attempt}).front(); }

  [[nodiscard]] std::vector<Score> of_all(const std::vector<Attempt>& attempts) override {
    constexpr std::size_t kLineBytesMax = 65'536;
    std::string input;
    for (const Attempt& each : attempts)
      input += dump_json(question_of(each)) + "\n";
    const auto output = run_program(command_, input, timeout_ms_, kLineBytesMax * attempts.size());
    if (!output)
      return unjudged(attempts.size(), output.failure().what);
    const auto lines = lines_of(output.value());
    if (lines.size() != attempts.size())
      return unjudged(attempts.size(), fmt::format("it wrote {} lines for {} answers", lines.size(),
                                                   attempts.size()));
    try {
      return read(lines);
    } catch (const Error& error) {
      return unjudged(attempts.size(), error.what());
    }
  }

 private:
  [[nodiscard]] std::vector<Score> unjudged(std::size_t count, const std::string& what) const {
    return {count, Score{.value = std::nullopt,
                         .why = fmt::format("not judged: \"{}\": {}", command_, what)}};
  }
  [[nodiscard]] static std::vector<Score> read(const std::vector<std::string>& lines) {
    std::vector<Score> scores;
    for (std::size_t i = 0; i < lines.size(); ++i)
      scores.push_back(score_of(lines[i], fmt::format("line {} of its output", i + 1)));
    return scores;
  }

  std::string command_;
  std::int64_t timeout_ms_;
};

} // namespace

std::shared_ptr<Reward> command_reward(std::string command, std::int64_t timeout_ms) {
  return std::make_shared<CommandReward>(std::move(command), timeout_ms);
}

} // namespace quill::train
