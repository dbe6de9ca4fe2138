// quill judge — which of two queries is easier to read.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/local_model.hpp"
#include "cli/model_judge.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/readability.hpp"

namespace quill::cli {

namespace {

struct ReadabilityConfig {
  std::filesystem::path before, after;
  std::string judge = "offline";
  llm::ModelConfig llm;

  void fields(FieldList& list) {
    list.add("before", &before, "file or pipe with the first query").needed();
    list.add("after", &after, "file with the second query").needed();
    list.add("judge", &judge, "offline: measured structure; llm: a model, asked in both orders")
        .one_of({"offline", "llm"});
    llm.fields(list);
  }
};

judge::Readability measured(Context& context, const std::string& before, const std::string& after) {
  // A worker parses: what crashes a parser costs a worker, not this process.
  const auto session = engine::open_sqlite_script("", &context.cancel);
  return judge::offline_readability(before, after, session->grammar());
}

void show_measured(Context& context, const judge::Readability& verdict) {
  context.out.result(
      {{"judge", "offline"}, {"readability", verdict.score}, {"reason", verdict.reason}},
      fmt::format("{:+.3f}  {}\n", verdict.score, verdict.reason));
}

void show_opinion(Context& context, const judge::ModelOpinion& opinion,
                  const judge::Readability& offline) {
  const judge::Readability& model = *opinion.readability;
  const bool agree = judge::same_opinion(model.score, offline.score);
  context.out.result({{"judge", "llm"},
                      {"readability", model.score},
                      {"reason", model.reason},
                      {"shown_second", opinion.forward},
                      {"shown_first", opinion.backward},
                      {"offline", offline.score},
                      {"agree", agree}},
                     fmt::format("{:+.3f}  {}\noffline {:+.3f}: the two {}\n", model.score,
                                 model.reason, offline.score, agree ? "agree" : "disagree"));
}

Exit judge_readability(Context& context, const ReadabilityConfig& config) {
  const std::string before = read_input(config.before);
  const std::string after = read_input(config.after);
  const judge::Readability offline = measured(context, before, after);
  if (config.judge == "offline") {
    show_measured(context, offline);
    return Exit::ok;
  }
  const judge::ModelOpinion opinion = ModelJudge(config.llm, context).opinion(before, after);
  if (opinion.readability) {
    show_opinion(context, opinion, offline);
    return Exit::ok;
  }
  log_warn(fmt::format("the model gave no opinion: {}; measured instead", opinion.why_not));
  show_measured(context, offline);
  return Exit::negative;
}

} // namespace

Command judge_command() {
  auto config = std::make_shared<ReadabilityConfig>();
  return {
      .name = "judge",
      .group = "judging and looking",
      .summary = "readability of two queries, measured or by a model",
      .details =
          "JSON: {\"judge\": \"offline|llm\", \"readability\": -0.2 to 0.2, \"reason\"}. "
          "Above 0 the second query is the more readable one. A model is asked twice, with "
          "the queries swapped, and its scores are averaged; {\"offline\", \"agree\"} then "
          "tell what the measured structure says. When the model gives no answer the offline "
          "judge stands in, and the exit code is 1. The queries are not run.",
      .examples = {"quill judge --before slow.sql --after fast.sql",
                   "quill judge --before slow.sql --after fast.sql --judge llm --provider openai"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return judge_readability(context, *config); },
      .needs_model = [config] { return config->judge == "llm" && needs_network(config->llm); },
  };
}

} // namespace quill::cli
