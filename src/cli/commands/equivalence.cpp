// quill equivalence — do two queries give the same rows on every database their schema allows?
#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/files.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/judge/proof.hpp"

namespace quill::cli {

namespace {

struct EquivalenceConfig {
  std::filesystem::path schema, before, after, pairs;
  std::string engine = "sqlite";
  std::string db;
  std::string measure = "time";
  std::int64_t budget_ms = 2000;
  std::int64_t databases = 600;
  std::int64_t seed = 42;

  void fields(FieldList& list) {
    list.add("schema", &schema, "script of CREATE TABLE, CREATE INDEX and CREATE VIEW");
    list.add("before", &before, "file with the first query");
    list.add("after", &after, "file with the second query");
    list.add("pairs", &pairs, "JSONL of pairs: id, schema, before, after");
    list.add("engine", &engine, "database engine").one_of({"sqlite", "duckdb", "postgres"});
    list.add("db", &db, "PostgreSQL: connection string of a server to make temporary tables on");
    list.add("budget_ms", &budget_ms, "processor time of the longest proof of one pair")
        .in("ms")
        .range(1, 3'600'000);
    list.add("databases", &databases, "most databases tried for one pair").range(1, 1'000'000);
    list.add("seed", &seed, "seed of the databases").at_least(0);
    list.add("measure", &measure, "steps: the budget is databases alone, so that runs repeat")
        .one_of({"time", "steps"});
  }

  [[nodiscard]] judge::ProofOptions options() const {
    return {.engine = engine::parse_engine(engine),
            .server = db,
            .budget_ms = budget_ms,
            .databases_max = databases,
            .seed = static_cast<std::uint64_t>(seed),
            .use_clock = measure == "time"};
  }
};

[[noreturn]] void refuse(std::string what, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = "command line", .fix = std::move(fix)}};
}

void check(const EquivalenceConfig& config) {
  if (config.engine == "postgres" && config.db.empty())
    refuse("no server to make the databases on",
           "give --db, for example \"host=/run/postgresql dbname=scratch\"");
  if (config.engine != "postgres" && !config.db.empty())
    refuse(fmt::format("--db says nothing to {}", config.engine),
           "leave it out: the databases are made in memory");
  const bool single = !config.before.empty() || !config.after.empty();
  if (single && !config.pairs.empty())
    refuse("--pairs and --before/--after were both given", "give one of them");
  if (!single && config.pairs.empty())
    refuse("no pair: neither --pairs nor --before and --after were given",
           "for example --schema ddl.sql --before slow.sql --after fast.sql");
  if (single && (config.before.empty() || config.after.empty()))
    refuse("a pair needs both --before and --after", "give the other file too");
  if (single && config.schema.empty())
    refuse("no schema for the pair", "give --schema DDL.sql, as `sqlite3 DB .schema` prints it");
}

/// A prover for each schema; pairs over one schema share a worker.
class Provers {
 public:
  Provers(judge::ProofOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  judge::Prover& of(const std::string& schema) {
    if (const auto found = open_.find(schema); found != open_.end())
      return found->second;
    if (open_.size() >= kOpenMax) // each holds a worker
      open_.clear();
    return open_.emplace(schema, judge::Prover(schema, options_, &cancel_)).first->second;
  }

 private:
  static constexpr std::size_t kOpenMax = 8;
  judge::ProofOptions options_;
  const Cancel& cancel_;
  std::map<std::string, judge::Prover> open_;
};

struct Proved {
  std::string id;
  judge::Proof proof;
};

/// In a file of many a schema that does not run is that pair's own trouble.
judge::Proof prove_line(Provers& provers, const judge::PairLine& line) {
  try {
    return provers.of(line.schema).prove(line.pair);
  } catch (const Error& error) {
    if (error.exit() != Exit::usage)
      throw;
    judge::Proof proof;
    proof.reason = error.text().what;
    proof.does_not_run = error.text().what;
    return proof;
  }
}

std::string rows_text(const std::vector<engine::Row>& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += "   ";
    for (const auto& cell : row)
      text += " " + dump_json(engine::to_json(cell));
    text += "\n";
  }
  return rows.empty() ? "    (no row)\n" : text;
}

std::string single_text(const judge::Proof& proof) {
  auto text = fmt::format("{}: {}\n", proof.verdict, proof.reason);
  text += fmt::format("  {} databases tried, {} of {} mutants told apart\n", proof.databases_tried,
                      proof.mutants_killed, proof.mutants);
  if (proof.counterexample)
    text +=
        fmt::format("  a database that tells them apart:\n\n{}\n  before gives\n{}  after "
                    "gives\n{}",
                    proof.counterexample->database, rows_text(proof.counterexample->before_rows),
                    rows_text(proof.counterexample->after_rows));
  return text;
}

Json line_json(const Proved& proved) {
  Json line = to_json(proved.proof);
  line["id"] = proved.id;
  return line;
}

void print_pairs(Context& context, const std::vector<Proved>& all) {
  Json pairs = Json::array();
  Table table{.columns = {{"id"}, {"verdict"}, {"databases", true}, {"mutants"}, {"reason"}},
              .rows = {}};
  std::map<std::string, int> count{{"same", 0}, {"different", 0}, {"unknown", 0}};
  for (const auto& each : all) {
    pairs.push_back(line_json(each));
    ++count[each.proof.verdict];
    table.rows.push_back(
        {each.id, each.proof.verdict, fmt::format("{}", each.proof.databases_tried),
         fmt::format("{}/{}", each.proof.mutants_killed, each.proof.mutants), each.proof.reason});
  }
  if (context.out.format() == OutputFormat::jsonl)
    return context.out.result(pairs, "");
  context.out.result({{"pairs", std::move(pairs)}, {"summary", count}},
                     format_table(table, context.out.styled()) +
                         fmt::format("{} pairs: {} same, {} different, {} unknown\n", all.size(),
                                     count["same"], count["different"], count["unknown"]));
}

Exit prove_one(Context& context, const EquivalenceConfig& config) {
  sql::Pair pair;
  pair.id = config.before.string();
  pair.before = read_file(config.before);
  judge::take_after(pair, read_file(config.after));
  judge::Prover prover(read_file(config.schema), config.options(), &context.cancel);
  const auto proof = prover.prove(pair);
  context.out.result(to_json(proof), single_text(proof));
  return proof.verdict == "same" ? Exit::ok : Exit::negative;
}

Exit prove_file(Context& context, const EquivalenceConfig& config) {
  auto lines = judge::read_pairs(config.pairs);
  const auto schema = config.schema.empty() ? std::string() : read_file(config.schema);
  for (auto& line : lines)
    if (line.schema.empty())
      line.schema = schema;
  for (const auto& line : lines)
    if (line.schema.empty())
      refuse(fmt::format("no schema for pair \"{}\"", line.pair.id),
             "give --schema DDL.sql, or a \"schema\" in the pair");
  Provers provers(config.options(), context.cancel);
  Progress progress(context.progress, "pairs", static_cast<std::int64_t>(lines.size()));
  std::vector<Proved> all;
  for (const auto& line : lines) {
    if (context.cancel.requested())
      break;
    try {
      all.push_back({line.pair.id, prove_line(provers, line)});
    } catch (const Error& error) {
      if (error.exit() != context.cancel.exit())
        throw;
      break; // asked to stop: what is proved so far is printed
    }
    progress.advance(static_cast<std::int64_t>(all.size()));
  }
  print_pairs(context, all);
  if (context.cancel.requested())
    return context.cancel.exit();
  const bool same = std::all_of(all.begin(), all.end(),
                                [](const Proved& each) { return each.proof.verdict == "same"; });
  return same ? Exit::ok : Exit::negative;
}

} // namespace

Command equivalence_command() {
  auto config = std::make_shared<EquivalenceConfig>();
  return {
      .name = "equivalence",
      .group = "judging and looking",
      .summary = "same or different: two queries on many small databases made to tell them apart",
      .details =
          "JSON: {\"verdict\": \"same|different|unknown\", \"databases_tried\", "
          "\"mutants_killed\", \"mutants\", \"counterexample\": {\"database\": SQL script, "
          "\"before_rows\", \"after_rows\"} or null, \"reason\"}. With --pairs: {\"pairs\": [...], "
          "\"summary\"}; with --format jsonl one line a pair, with its id.\nExit code 0 when "
          "every pair is the same, else 1.",
      .examples = {"quill equivalence --schema ddl.sql --before slow.sql --after fast.sql",
                   "quill equivalence --pairs pairs.jsonl --format jsonl"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            check(*config);
            return config->pairs.empty() ? prove_one(context, *config)
                                         : prove_file(context, *config);
          },
  };
}

} // namespace quill::cli
