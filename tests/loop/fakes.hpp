// A proposer, a judge and a stage for the loop that need no world and repeat exactly.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "loop/loop.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "store/quick_scratch.hpp"

namespace quill::loop::test {

inline Example seed(const std::string& id, const std::string& before, const std::string& after) {
  Example example;
  example.id = id;
  example.before = before;
  example.after = after;
  example.type = "redundancy";
  example.rule = "by hand";
  example.fingerprint = sql::pair_fingerprint(before, after, {});
  return example;
}

inline std::vector<Example> three_seeds() {
  return {seed("a", "SELECT a FROM t", "SELECT a FROM t WHERE 1"),
          seed("b", "SELECT b FROM t", "SELECT b FROM t WHERE 1"),
          seed("c", "SELECT c FROM t", "SELECT c FROM t WHERE 1")};
}

/// "kept:x4" is kept at 4 times the speed; other words as their names say.
inline judge::Verdict verdict_of(const std::string& after) {
  const auto says = [&](const char* word) { return after.find(word) != std::string::npos; };
  judge::Verdict verdict;
  verdict.type = "redundancy";
  verdict.measure = "steps";
  verdict.correct = true;
  verdict.verdict = "same";
  verdict.speedup = 1;
  verdict.reward = 0;
  if (says("wrong")) {
    verdict.correct = false;
    verdict.verdict = "different";
  } else if (says("blocked") || says("late")) {
    verdict.status = says("late") ? judge::PairStatus::timeout : judge::PairStatus::blocked;
    verdict.correct = std::nullopt;
    verdict.reward = std::nullopt;
  } else if (!says("slow")) {
    verdict.speedup = 4;
    verdict.reward = 0.5;
    verdict.significant = verdict.kept = true;
  }
  return verdict;
}

inline judge::Verdict fake_judge(const sql::Pair& pair, std::string_view, std::string_view) {
  return verdict_of(pair.after);
}

/// Answers with what `offer` says: one text a candidate; "?" is not parsable.
class FakeProposer final : public Proposer {
 public:
  using Offer = std::function<std::vector<std::string>(const Ask&)>;
  explicit FakeProposer(Offer offer) : offer_(std::move(offer)) {}

  std::vector<Question> questions(const Ask& ask) override {
    return {{.key = "ask " + std::to_string(ask.iteration), .request = "{}"}};
  }
  store::Response answer(const Question&, const Ask& ask) override {
    ++asked;
    return {.body = dump_json(Json(offer_(ask)))};
  }
  Offers read(const store::Response& response) const override {
    Offers offers;
    offers.usage.prompt_tokens = 100;
    offers.usage.completion_tokens = 10;
    for (const Json& text : parse_json(response.body, "fake"))
      if (text == "?")
        offers.candidates.emplace_back(Failure{"no SQL in it"});
      else
        offers.candidates.emplace_back(task::Candidate{
            .after = text, .indexes = {}, .type = "", .rule = "r", .explanation = ""});
    return offers;
  }
  std::string provider() const override { return "fake"; }
  std::string model() const override { return "fake-1"; }

  int asked = 0;

 private:
  Offer offer_;
};

/// Depends on iteration, problem and what was learned, so that a resume that forgets shows.
inline std::vector<std::string> offer_by_experience(const Ask& ask) {
  std::vector<std::string> offers;
  const std::size_t known = ask.tried.size() + ask.pool.examples().size();
  for (std::int64_t k = 0; k < ask.count; ++k) {
    const std::uint64_t draw = (static_cast<std::uint64_t>(k) * 7 + known) % 5;
    const char* words[] = {"kept", "kept", "slow", "wrong", "kept"};
    offers.push_back("SELECT '" + std::string(words[draw]) + std::to_string(known % 11) + "-" +
                     std::to_string(k) + "'");
  }
  return offers;
}

inline LoopSetup small_setup(std::int64_t iterations = 6, std::int64_t candidates = 2) {
  LoopSetup setup;
  setup.iterations = iterations;
  setup.candidates = candidates;
  setup.checkpoint_every = 2;
  setup.measure = "steps";
  setup.sites = {{.name = "", .schema = "CREATE TABLE t (a, b, c)", .engine = "sqlite 3"}};
  setup.seeds = three_seeds();
  return setup;
}

/// A run folder with everything a loop needs.
struct Stage {
  ScratchFolder folder;
  std::filesystem::path out = folder.path() / "run";
  Cancel cancel;
  ManualClock clock;

  store::Run open() const {
    store::Run run(out, store::Run::Start::resume);
    run.begin({.config = Json{{"a", "1"}}, .command_line = "quill restem", .version = "0.1.0"});
    return run;
  }
};

} // namespace quill::loop::test
