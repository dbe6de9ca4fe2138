#include "optimize/batch_prep.hpp"

#include <fmt/format.h>

#include "optimize/artifacts.hpp"
#include "optimize/asking.hpp"
#include "optimize/brief.hpp"
#include "optimize/known_json.hpp"
#include "optimize/learnings.hpp"
#include "optimize/mode.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/llm/wrappers.hpp"
#include "quill/sql/parse.hpp"

namespace quill::optimize {

namespace {

namespace fs = std::filesystem;

class Prep {
 public:
  Prep(const BatchPlace& at, const PrepConfig& config)
      : at_(at), config_(config), state_(at.suite.state()), session_(at.open_session()),
        intents_(at.suite.intents()), journal_(at.suite.folder() / "learnings.json") {
    batch_.mode = "swarm";
  }

  PrepReport run(const std::function<bool(std::size_t)>& wanted) {
    const auto& ids = at_.suite.ids();
    for (std::size_t i = 0; i < ids.size() && !at_.cancel.requested(); ++i)
      if (wanted(i))
        prepare(ids[i]);
    return std::move(report_);
  }

 private:
  void prepare(const std::string& id) {
    const auto query = at_.suite.baseline(state_, id);
    ++report_.queries;
    if (!fs::exists(steps_file(at_.suite, state_, id)))
      write_brief(query);
    count_prompts(id);
  }

  void write_brief(const QueryText& query) {
    const auto explained = explain_once(query);
    if (at_.cancel.requested())
      return; // what a run that was cut short says is not kept
    if (explained.status != "ok" && explained.status != "timeout") {
      ++report_.failed;
      report_.problems.emplace_back(query.name, explained.message);
    }
    make_folder(at_.suite.query_folder(state_, query.name));
    real_disk().write_atomic(brief_file(at_.suite, state_, query.name),
                             dump_json(to_json(brief_of(query, explained.understanding)), 2));
  }

  /// Once: what is on disk for the same statement is not run again.
  Explained explain_once(const QueryText& query) {
    const auto engine = at_.suite.header().engine;
    if (!config_.explains.empty())
      if (auto given = read_explained(explain_file(config_.explains, query.name), engine)) {
        ++report_.cached;
        return *std::move(given);
      }
    const auto file = explain_file(explains_folder(at_.suite, state_), query.name);
    if (auto kept = read_explained(file, engine);
        kept && (kept->sha256.empty() || kept->sha256 == sha256_hex(query.text))) {
      ++report_.cached;
      return *std::move(kept);
    }
    auto explained = explain(query, *session_, config_.limits);
    if (!at_.cancel.requested()) {
      make_folder(file.parent_path());
      real_disk().write_atomic(file, dump_json(to_json(explained), 2));
      ++report_.explained;
    }
    return explained;
  }

  Brief brief_of(const QueryText& query, Understanding understanding) {
    const auto dialect = engine::dialect_of(session_->engine());
    const auto tree = sql::parse(dialect, query.text, session_->grammar());
    if (const auto intent = intents_.find(query.name); intent != intents_.end())
      understanding.intent = intent->second;
    return make_brief(query, tree ? tree.value().get() : nullptr, understanding,
                      tables_of(understanding), *session_, journal_, at_.knowledge);
  }

  /// The fan-out's, as `batch run` will ask them.
  void count_prompts(const std::string& id) {
    if (at_.cancel.requested())
      return;
    const Prompts prompts(at_.prompt_file, read_brief(at_.suite, state_, id));
    const Artifacts artifacts(at_.suite.query_folder(state_, id));
    for (const Ask& ask : asks_of_model(make_batch_mode(batch_, &prompts)->next({}))) {
      artifacts.prompt(ask);
      const auto usage = llm::usage_at_most(request_of(ask, at_.model, config_.temperature));
      ++report_.requests;
      report_.prompt_tokens += usage.prompt_tokens.value_or(0);
      report_.completion_tokens_at_most += usage.completion_tokens.value_or(0);
    }
  }

  const BatchPlace& at_;
  const PrepConfig& config_;
  int state_;
  std::unique_ptr<engine::Session> session_;
  std::map<std::string, std::string> intents_;
  Journal journal_;
  OptimizeConfig batch_;
  PrepReport report_;
};

/// Each query has a journal of its own, so that shards do not wait for each other.
void collect_learnings(const Suite& suite) {
  std::vector<Learning> all;
  for (int state = 0; state <= suite.state(); ++state)
    for (const std::string& id : suite.ids())
      for (Learning& learning : Journal(learnings_file(suite, state, id)).all())
        all.push_back(std::move(learning));
  Journal(suite.folder() / "learnings.json").add_all(all);
}

} // namespace

fs::path brief_file(const Suite& suite, int state, std::string_view id) {
  return suite.query_folder(state, id) / "brief.json";
}
fs::path steps_file(const Suite& suite, int state, std::string_view id) {
  return suite.query_folder(state, id) / "steps.json";
}
fs::path answer_file(const Suite& suite, int state, std::string_view id) {
  return suite.query_folder(state, id) / "answer.json";
}
fs::path validation_file(const Suite& suite, int state, std::string_view id) {
  return suite.query_folder(state, id) / "validation.json";
}
fs::path learnings_file(const Suite& suite, int state, std::string_view id) {
  return suite.query_folder(state, id) / "learnings.json";
}
fs::path explains_folder(const Suite& suite, int state) {
  return (state == 0 ? suite.folder() : suite.state_folder(state)) / "explains";
}

Brief read_brief(const Suite& suite, int state, std::string_view id) {
  const auto file = brief_file(suite, state, id);
  return brief_from(parse_json(read_file(file), file.string()), file.string());
}

PrepReport prep_queries(const BatchPlace& at, const PrepConfig& config,
                        const std::function<bool(std::size_t)>& wanted) {
  return Prep(at, config).run(wanted);
}

PrepReport prep_batch(const BatchPlace& at, const PrepConfig& config) {
  collect_learnings(at.suite);
  return prep_queries(at, config, [](std::size_t) { return true; });
}

} // namespace quill::optimize
