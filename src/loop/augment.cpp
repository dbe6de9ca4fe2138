#include "quill/loop/augment.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "loop/dataset_folder.hpp"
#include "loop/example_database.hpp"
#include "loop/renaming.hpp"
#include "loop/run_folder.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/progress.hpp"
#include "quill/engine/alter.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/sql/name.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace fs = std::filesystem;

namespace {

/// Rows only: one run of each, compared; neither proof nor clock.
judge::JudgeConfig rows_only(std::int64_t timeout_ms) {
  judge::JudgeConfig config;
  config.timeout_ms = timeout_ms;
  config.trust = "fast";
  config.measure = "steps";
  config.readability = "off";
  return config;
}

/// One database, as it is or under other names, and who compares rows on it.
struct Site {
  std::unique_ptr<engine::Session> session;
  std::unique_ptr<judge::Judge> judge;
  std::optional<Renaming> renaming;
  std::string schema;
  std::set<std::string> index_names; ///< in lower case

  Site(const fs::path& file, const AugmentConfig& config, const Cancel& cancel)
      : session(engine::open_sqlite(file, &cancel)),
        judge(std::make_unique<judge::Judge>(*session, rows_only(config.timeout_ms), &cancel)),
        schema(session->schema().ddl()) {
    for (const sql::Table& table : session->schema().tables)
      for (const sql::IndexInfo& index : table.indexes)
        index_names.insert(sql::lower(index.name));
  }
};

/// Every word of the statements: no new name may be one of them.
std::set<std::string> words_of(const std::vector<const Example*>& examples) {
  std::set<std::string> words;
  for (const Example* example : examples)
    for (const std::string& text : {example->before, example->script()})
      if (const auto tokens = sql::tokenize(text))
        for (const sql::Token& token : tokens.value())
          if (token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name) {
            std::string word(token.text);
            std::erase(word, '"');
            for (char& letter : word)
              letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
            words.insert(std::move(word));
          }
  return words;
}

/// A failure says which text of it is no SQL.
Result<Example> renamed(const Example& example, const Site& site, std::int64_t copy) {
  const Renaming& names = *site.renaming;
  Example other = example;
  other.id = fmt::format("{}/{}", example.id, copy);
  other.renamed_from = example.id;
  other.schema = site.schema;
  const auto before = names.statement(example.before);
  const auto after = names.statement(example.after);
  if (!before || !after)
    return before ? after.failure() : before.failure();
  other.before = before.value();
  other.after = after.value();
  auto taken = site.index_names;
  for (std::string& index : other.indexes) {
    const auto text = names.index(index, taken);
    if (!text)
      return text.failure();
    index = text.value();
  }
  for (std::string& column : other.needs.columns)
    column = names.word(column);
  other.explanation = names.sentence(example.explanation);
  other.fingerprint = sql::pair_fingerprint(other.before, other.after, other.indexes);
  return other;
}

/// nullopt when both give the same rows, else why not.
std::optional<std::string> difference(const Example& example, Site& site) {
  const auto verdict = site.judge->evaluate({.id = example.id,
                                             .before = example.before,
                                             .after = example.after,
                                             .indexes = example.indexes,
                                             .needs = example.needs},
                                            example.type);
  return verdict.correct.value_or(false) ? std::nullopt : std::optional(verdict.reason);
}

/// Examples of one database, under each set of names in turn.
class DatabaseCopies {
 public:
  DatabaseCopies(const AugmentConfig& config, const Cancel& cancel, Progress* progress)
      : config_(config), cancel_(cancel), progress_(progress),
        synonyms_(read_synonyms(shipped_folder() / "synonyms.json")) {}

  void add(const fs::path& file, const std::vector<const Example*>& examples,
           std::vector<Example>& verified) {
    Site original(file, config_, cancel_);
    const sql::Schema schema = original.session->schema();
    verify(original, examples, 0, verified);
    const auto words = words_of(examples);
    for (std::int64_t copy = 1; copy < config_.times; ++copy)
      add_copy(file, schema, words, examples, copy, verified);
  }

 private:
  void add_copy(const fs::path& file, const sql::Schema& schema, const std::set<std::string>& words,
                const std::vector<const Example*>& examples, std::int64_t copy,
                std::vector<Example>& verified) {
    const auto style = static_cast<NameStyle>((copy - 1) % kNameStyles);
    const Rng rng = Rng(static_cast<std::uint64_t>(config_.seed))
                        .child("names", static_cast<std::uint64_t>(copy))
                        .child(schema.ddl());
    Renaming renaming(schema, style, synonyms_, words, rng);
    const ScratchFolder scratch;
    engine::alter_copy(file, scratch.path() / "renamed.db", renaming.script(schema));
    Site site(scratch.path() / "renamed.db", config_, cancel_);
    site.renaming = std::move(renaming);
    verify(site, examples, copy, verified);
  }

  void verify(Site& site, const std::vector<const Example*>& examples, std::int64_t copy,
              std::vector<Example>& verified) {
    for (const Example* example : examples) {
      if (cancel_.requested())
        throw Error{cancel_.exit(),
                    {.what = "interrupted; nothing was written", .where = {}, .fix = {}}};
      keep(copy == 0 ? Result<Example>(*example) : renamed(*example, site, copy), *example, site,
           verified);
      if (progress_ != nullptr)
        progress_->advance(++done_, fmt::format("{} verified", verified.size()));
    }
  }

  static void keep(const Result<Example>& one, const Example& example, Site& site,
                   std::vector<Example>& verified) {
    const auto why = one ? difference(one.value(), site) : std::optional(one.failure().what);
    if (why)
      log_warn(fmt::format("example {} is left out: {}", one ? one.value().id : example.id, *why));
    else
      verified.push_back(one.value());
  }

  const AugmentConfig& config_;
  const Cancel& cancel_;
  Progress* progress_;
  Synonyms synonyms_;
  std::int64_t done_ = 0;
};

} // namespace

void AugmentConfig::fields(FieldList& list) {
  list.add("run", &run, "run folder whose examples are taken");
  list.add("db", &db, "the examples' database, where the run has one that it did not build");
  list.add("databases", &databases, "folder of the databases by name; default: the run's own");
  list.add("out", &out, "folder to write to");
  list.add("times", &times, "how often each example appears: once as it is, then renamed")
      .range(2, 100);
  list.add("seed", &seed, "seed of the names").at_least(0);
  list.add("timeout_ms", &timeout_ms, "limit of one run of a query").in("ms").at_least(1);
}

AugmentSummary augment(const AugmentConfig& config, const Cancel& cancel, Progress* progress) {
  const RunFolder folder = read_run_folder(config.run);
  std::map<std::string, std::vector<const Example*>> by_database;
  for (const Example& example : folder.examples)
    by_database[example.database].push_back(&example);
  const DatabasePlaces places{config.run, config.db, config.databases};
  DatabaseCopies copies(config, cancel, progress);
  std::vector<Example> verified;
  for (const auto& [name, examples] : by_database)
    copies.add(need_database(places, name), examples, verified);
  write_dataset_folder(config.out, verified,
                       Json{{"command", "augment"},
                            {"source", folder.source.string()},
                            {"times", config.times},
                            {"seed", config.seed}});
  AugmentSummary summary{.source = folder.source, .path = config.out / "training_data.json"};
  summary.examples = static_cast<std::int64_t>(folder.examples.size());
  summary.verified = static_cast<std::int64_t>(verified.size());
  summary.dropped = summary.examples * config.times - summary.verified;
  return summary;
}

Json to_json(const AugmentSummary& summary) {
  return Json{{"format_version", kFormatVersion}, {"source", summary.source.string()},
              {"path", summary.path.string()},    {"examples", summary.examples},
              {"verified", summary.verified},     {"dropped", summary.dropped}};
}

} // namespace quill::loop
