#include <fmt/format.h>

#include <map>

#include "loop/author.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/rewrite/pessimise.hpp"

namespace quill::loop {

namespace {

constexpr const char* kWhere = "answer of the pessimiser";

Json to_json(const rewrite::SlowQuery& query) {
  return Json{{"before", query.before},   {"needs", sql::to_json(query.needs)},
              {"after", query.after},     {"indexes", query.indexes},
              {"type", query.type},       {"rule", query.rule},
              {"speedup", query.speedup}, {"explanation", query.explanation}};
}

class PessimiserAuthor final : public Author {
 public:
  PessimiserAuthor(SessionOf sessions, bool steps, const Cancel& cancel)
      : sessions_(std::move(sessions)), steps_(steps), cancel_(cancel) {}

  Question question(const WriteAsk& ask) override {
    const std::string request = dump_json(Json{{"author", "pessimiser"},
                                               {"iteration", ask.iteration},
                                               {"attempt", ask.attempt},
                                               {"database", ask.database},
                                               {"band", std::string(ask.wish.name)},
                                               {"pathological", ask.pathological}});
    return {.key = sha256_hex(request), .request = request};
  }

  store::Response answer(const Question&, const WriteAsk& ask) override {
    const auto query = of(ask.database)
                           .write({.low = ask.wish.low,
                                   .high = ask.wish.high,
                                   .steps = steps_,
                                   .pathological = ask.pathological},
                                  ask.rng);
    if (cancel_.requested()) // a run that was cut short says nothing about the query
      throw Error{cancel_.exit(), {.what = "interrupted", .where = {}, .fix = {}}};
    return {.body = dump_json(query ? to_json(*query) : Json(nullptr)),
            .usable = query.has_value()};
  }

  Result<Written> read(const store::Response& response, const WriteAsk&) override {
    if (!response.usable)
      return Failure{"no slow query came to mind"};
    const Json value = parse_json(response.body, kWhere);
    const JsonObject object(value, kWhere);
    return Written{.before = object.text("before"),
                   .needs = sql::needs_from_json(object.at("needs"), kWhere),
                   .known = task::Candidate{.after = object.text("after"),
                                            .indexes = object.texts_or_empty("indexes"),
                                            .type = object.text("type"),
                                            .rule = object.text("rule"),
                                            .explanation = object.text("explanation")}};
  }

  Price price(const store::Response&) const override {
    Price price;
    price.usage.prompt_tokens = price.usage.completion_tokens = 0;
    price.cost_usd = 0;
    return price;
  }

 private:
  /// Its samples are taken once a database.
  rewrite::Pessimiser& of(const std::string& database) {
    const auto found = pessimisers_.find(database);
    if (found != pessimisers_.end())
      return found->second;
    return pessimisers_.emplace(database, rewrite::Pessimiser(sessions_(database))).first->second;
  }

  SessionOf sessions_;
  bool steps_;
  const Cancel& cancel_;
  std::map<std::string, rewrite::Pessimiser> pessimisers_;
};

} // namespace

std::unique_ptr<Author> make_pessimiser_author(SessionOf sessions, bool steps,
                                               const Cancel& cancel) {
  return std::make_unique<PessimiserAuthor>(std::move(sessions), steps, cancel);
}

} // namespace quill::loop
