#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/alter.hpp"
#include "quill/loop/grammar.hpp"
#include "quill/task/question.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

Json messages_of(const std::vector<llm::Message>& prompt, const std::string& answer) {
  Json messages = Json::array();
  for (const llm::Message& message : prompt)
    messages.push_back({{"role", message.role}, {"content", message.content}});
  messages.push_back({{"role", "assistant"}, {"content", answer}});
  return {{"messages", std::move(messages)}};
}

void stop_when_asked(const Cancel& cancel) {
  if (cancel.requested())
    throw Error{cancel.exit(),
                {.what = "interrupted before all was written",
                 .where = "data grammar",
                 .fix = "run it again"}};
}

class Writer {
 public:
  Writer(const GrammarConfig& config, const Cancel& cancel)
      : config_(config), cancel_(cancel), grammar_(grammar_of(config)),
        prompt_(task::QuestionTemplate::load(
            config.prompt.empty() ? shipped_folder() / "prompts" / "question.md" : config.prompt)) {
  }

  void write_train(const GrammarSummary& summary) {
    const Rng rng = Rng(static_cast<std::uint64_t>(config_.seed)).child("train");
    std::string lines, corpus;
    constexpr std::int64_t kCorpusLines = 2'000; // more change no merge of a small vocabulary
    for (std::int64_t i = 0; i < config_.train; ++i) {
      stop_when_asked(cancel_);
      Rng own = rng.child("line", static_cast<std::uint64_t>(i));
      const GrammarTable table = grammar_.table(own, false);
      const GrammarQuestion asked = grammar_.question(table, own);
      const auto prompt = prompt_.render({.schema = table.ddl(), .question = asked.question});
      lines += dump_json(messages_of(prompt, asked.query)) + "\n";
      if (i >= kCorpusLines)
        continue;
      for (const llm::Message& message : prompt)
        corpus += message.role + "\n" + message.content + "\n";
      corpus += "assistant\n" + asked.query + "\n";
    }
    real_disk().write_atomic(summary.train, lines);
    real_disk().write_atomic(summary.corpus, corpus);
  }

  void write_eval(const GrammarSummary& summary) {
    const Rng rng = Rng(static_cast<std::uint64_t>(config_.seed)).child("eval");
    const ScratchFolder scratch;
    const fs::path empty = scratch.path() / "empty.sqlite";
    real_disk().write_atomic(empty, ""); // an empty file is a database without tables
    std::vector<GrammarTable> tables;
    std::string lines;
    for (std::int64_t i = 0; i < config_.eval; ++i) {
      stop_when_asked(cancel_);
      const std::int64_t number = i % config_.databases;
      const std::string db_id = fmt::format("grammar_{:03}", number);
      if (i < config_.databases) {
        Rng own = rng.child("table", static_cast<std::uint64_t>(i));
        tables.push_back(grammar_.table(own, true));
        const fs::path file = summary.databases / (db_id + ".sqlite");
        fs::remove(file);
        engine::alter_copy(empty, file, tables.back().script());
      }
      Rng own = rng.child("question", static_cast<std::uint64_t>(i));
      const GrammarQuestion asked =
          grammar_.question(tables[static_cast<std::size_t>(number)], own);
      lines += dump_json({{"id", fmt::format("q{:05}", i)},
                          {"db_id", db_id},
                          {"question", asked.question},
                          {"gold", asked.query}}) +
               "\n";
    }
    real_disk().write_atomic(summary.questions, lines);
  }

 private:
  static Grammar grammar_of(const GrammarConfig& config) {
    const fs::path path =
        config.grammar.empty() ? shipped_folder() / "grammars" / "one_table.json" : config.grammar;
    return Grammar::parse(parse_json(read_file(path), path.string()), path.string());
  }

  const GrammarConfig& config_;
  const Cancel& cancel_;
  Grammar grammar_;
  task::QuestionTemplate prompt_;
};

} // namespace

void GrammarConfig::fields(FieldList& list) {
  list.add("out", &out, "folder to write");
  list.add("grammar", &grammar, "file of forms and names; default the shipped one_table.json");
  list.add("prompt", &prompt, "prompt file; default the shipped question.md, as eval sql");
  list.add("train", &train, "lines to train on").range(0, 10'000'000);
  list.add("eval", &eval, "questions to evaluate on").range(1, 1'000'000);
  list.add("databases", &databases, "databases they are about").range(1, 100'000);
  list.add("seed", &seed, "the same seed gives the same bytes").at_least(0);
}

Json to_json(const GrammarSummary& summary) {
  return {{"train", summary.train.string()},
          {"corpus", summary.corpus.string()},
          {"questions", summary.questions.string()},
          {"databases", summary.databases.string()},
          {"lines", summary.lines},
          {"eval_questions", summary.eval_questions},
          {"eval_databases", summary.eval_databases}};
}

GrammarSummary write_grammar_data(const GrammarConfig& config, const Cancel& cancel) {
  const GrammarSummary summary{.train = config.out / "train.jsonl",
                               .corpus = config.out / "corpus.txt",
                               .questions = config.out / "questions.jsonl",
                               .databases = config.out / "databases",
                               .lines = config.train,
                               .eval_questions = config.eval,
                               .eval_databases = std::min(config.databases, config.eval)};
  Writer writer(config, cancel);
  make_folder(summary.databases);
  writer.write_train(summary);
  writer.write_eval(summary);
  return summary;
}

} // namespace quill::loop
