#include "optimize/learnings.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

constexpr std::size_t kShown = 3;
constexpr double kAlikeMin = 0.5;
constexpr std::size_t kReasonMax = 200;
/// The oldest go.
constexpr std::size_t kLearningsMax = 2'000;

/// Cosine of log(1 + count), as sql::similarity() has it.
double alike(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size())
    return 0;
  double product = 0, length_a = 0, length_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = std::log1p(a[i]), y = std::log1p(b[i]);
    product += x * y;
    length_a += x * x;
    length_b += y * y;
  }
  return length_a > 0 && length_b > 0 ? product / std::sqrt(length_a * length_b) : 0;
}

std::string what_was_done(const task::Candidate& candidate) {
  if (!candidate.rule.empty())
    return candidate.rule;
  return candidate.explanation.empty() ? "a rewrite" : candidate.explanation.substr(0, kReasonMax);
}

std::string lesson_of(const Step& step) {
  const auto done = what_was_done(*step.candidate);
  if (step.judged->proven())
    return fmt::format("{}: {} ({:.2f}x)", to_string(step.judged->status), done,
                       step.judged->best());
  return fmt::format("refused: {}: {}", done, step.judged->verdict.reason.substr(0, kReasonMax));
}

Json to_json(const Learning& learning) {
  return {{"at", learning.at},
          {"query", learning.query},
          {"engine", learning.engine},
          {"shape", learning.shape},
          {"lessons", learning.lessons}};
}

Learning learning_from(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Learning out{.at = object.text("at"),
               .query = object.text("query"),
               .engine = object.text("engine"),
               .shape = {},
               .lessons = object.texts_or_empty("lessons")};
  for (const Json& number : object.at("shape"))
    out.shape.push_back(number.is_number() ? number.get<double>() : 0);
  return out;
}

} // namespace

Learning learning_of(const Answer& answer, std::string_view engine, const sql::Features& shape,
                     std::string at) {
  Learning out{.at = std::move(at),
               .query = answer.name,
               .engine = std::string(engine),
               .shape = shape.vector(),
               .lessons = {}};
  for (const Step& step : answer.steps)
    if (step.candidate && step.judged) {
      auto lesson = lesson_of(step);
      if (std::find(out.lessons.begin(), out.lessons.end(), lesson) == out.lessons.end())
        out.lessons.push_back(std::move(lesson));
    }
  return out;
}

std::vector<Learning> Journal::all() const {
  std::vector<Learning> out;
  if (file_.empty() || !std::filesystem::exists(file_))
    return out;
  const Json document = parse_json(read_file(file_), file_.string());
  const Json& learnings = JsonObject(document, file_.string()).at("learnings");
  for (std::size_t i = 0; i < learnings.size(); ++i)
    out.push_back(learning_from(learnings[i], fmt::format("{}: learning {}", file_.string(), i)));
  return out;
}

std::string Journal::lessons_for(std::string_view query, std::string_view engine,
                                 const sql::Features& shape) const {
  struct Near {
    double alike;
    Learning learning;
  };
  std::vector<Near> near;
  for (Learning& learning : all()) {
    const double a = alike(shape.vector(), learning.shape);
    if (learning.engine == engine && learning.query != query && a >= kAlikeMin &&
        !learning.lessons.empty())
      near.push_back({a, std::move(learning)});
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const Near& a, const Near& b) { return a.alike > b.alike; });
  near.resize(std::min(near.size(), kShown));
  std::string text;
  for (const Near& one : near)
    for (const std::string& lesson : one.learning.lessons)
      text += fmt::format("- {}: {}\n", one.learning.query, lesson);
  return text;
}

void Journal::add_all(const std::vector<Learning>& added) const {
  if (file_.empty() || added.empty())
    return;
  const FileLock lock(file_.string() + ".lock", "the journal of learnings");
  auto learnings = all();
  for (const Learning& learning : added) {
    std::erase_if(learnings, [&](const Learning& one) {
      return one.query == learning.query && one.engine == learning.engine;
    });
    learnings.push_back(learning);
  }
  if (learnings.size() > kLearningsMax)
    learnings.erase(learnings.begin(),
                    learnings.end() - static_cast<std::ptrdiff_t>(kLearningsMax));
  Json list = Json::array();
  for (const Learning& one : learnings)
    list.push_back(to_json(one));
  real_disk().write_atomic(
      file_, dump_json({{"format_version", kFormatVersion}, {"learnings", std::move(list)}}, 2));
}

} // namespace quill::optimize
