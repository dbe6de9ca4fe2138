#include "catch.hpp"

#include <map>

#include "model/files.hpp"
#include "model/sampler.hpp"
#include "quill/core/cancel.hpp"
#include "quill/model/generate.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::refusal;

namespace {

/// A network that knows the alphabet: after letter c comes c + 1, and it remembers each slot's
/// tokens, so that a slot that was mixed up shows.
class Alphabet final : public Decoder {
 public:
  explicit Alphabet(std::int64_t positions = 64) : positions_(positions) {}
  [[nodiscard]] std::int64_t vocabulary() const override { return 300; }
  [[nodiscard]] std::int64_t positions_max() const override { return positions_; }
  std::span<const float> prefill(std::int64_t slot, std::span<const TokenId> ids) override {
    ++prefills;
    slots[slot] = {ids.begin(), ids.end()};
    logits_.clear();
    row(slot);
    return logits_;
  }
  void copy_slot(std::int64_t from, std::int64_t to) override { slots[to] = slots.at(from); }
  std::span<const float> decode(std::span<const TokenId> ids) override {
    widest = std::max(widest, ids.size());
    logits_.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      slots.at(static_cast<std::int64_t>(i)).push_back(ids[i]);
      row(static_cast<std::int64_t>(i));
    }
    return logits_;
  }
  std::map<std::int64_t, std::vector<TokenId>> slots;
  int prefills = 0;
  std::size_t widest = 0;

 private:
  void row(std::int64_t slot) {
    const auto begin = logits_.size();
    logits_.resize(begin + 300, 0.0F);
    logits_[begin + static_cast<std::size_t>(slots.at(slot).back()) + 1] = 9;
    logits_[begin + 'x'] = 8;
  }
  std::int64_t positions_;
  std::vector<float> logits_;
};

Tokenizer bytes_only() {
  return Tokenizer::parse(train_tokenizer("", 257, {"<|end|>"}), "t");
}
Generation after(const std::string& prompt, std::int64_t tokens_max) {
  Generation generation;
  for (const char c : prompt)
    generation.prompt.push_back(static_cast<unsigned char>(c));
  generation.tokens_max = tokens_max;
  return generation;
}
std::vector<std::vector<Answer>> run(Decoder& decoder, const std::vector<Generation>& generations,
                                     std::int64_t slots = 8) {
  const Cancel cancel;
  return generate(decoder, bytes_only(), generations, slots, cancel);
}

} // namespace

TEST_CASE("an answer ends with its tokens, at an end token, or before a stop text", "[model]") {
  Alphabet decoder;
  auto ends = after("a", 20), stops = after("a", 20);
  ends.end_tokens = {'e'};
  stops.stops = {"zz", "ef"};
  const auto answers = run(decoder, {after("a", 3), ends, stops});
  CHECK(answers[0][0].text == "bcd");
  CHECK(answers[0][0].finish_reason == "length");
  CHECK(answers[0][0].ids == std::vector<TokenId>{'b', 'c', 'd'});
  CHECK(answers[1][0].text == "bcd");
  CHECK(answers[1][0].ids == std::vector<TokenId>{'b', 'c', 'd', 'e'});
  CHECK(answers[1][0].finish_reason == "stop");
  CHECK(answers[2][0].text == "bcd");
  CHECK(answers[2][0].finish_reason == "stop");
}

TEST_CASE("answers of different length share the slots and do not mix", "[model]") {
  Alphabet decoder;
  std::vector<Generation> generations;
  for (int i = 0; i < 20; ++i)
    generations.push_back(after(std::string(1, static_cast<char>('A' + i)), 1 + (i * 7) % 5));
  const auto answers = run(decoder, generations, 3);
  CHECK(decoder.widest == 3);
  for (int i = 0; i < 20; ++i) {
    std::string expected;
    for (int k = 1; k <= 1 + (i * 7) % 5; ++k)
      expected += static_cast<char>('A' + i + k);
    CHECK(answers[static_cast<std::size_t>(i)][0].text == expected);
  }
}

TEST_CASE("samples of a group read their prompt once", "[model]") {
  Alphabet decoder;
  auto group = after("a", 4);
  group.samples = 6;
  const auto answers = run(decoder, {group}, 8);
  CHECK(decoder.prefills == 1);
  CHECK(answers[0].size() == 6);
  for (const Answer& answer : answers[0])
    CHECK(answer.text == "bcde");
}

TEST_CASE("each sample has its own stream, whatever runs beside it", "[model]") {
  auto group = after("a", 12);
  group.samples = 5;
  group.sampling = {.temperature = 3, .seed = 11};
  Alphabet wide, narrow;
  const auto together = run(wide, {group}, 8)[0];
  const auto alone = run(narrow, {group}, 1)[0];
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(together[i].ids == alone[i].ids);
  CHECK(together[0].ids != together[1].ids);
}

TEST_CASE("an answer ends where the positions do, and a prompt needs room", "[model]") {
  Alphabet decoder(4);
  CHECK(run(decoder, {after("ab", 50)})[0][0].text == "cd"); // 2 + 2 = 4 positions
  CHECK(refusal([&] { (void)run(decoder, {after("abcd", 5)}); }) ==
        "the prompt has 4 tokens; allowed: at most 3|prompt");
  CHECK(refusal([&] { (void)run(decoder, {after("", 5)}); }) == "the prompt has no token|prompt");
  auto foreign = after("a", 1);
  foreign.prompt = {300};
  CHECK(refusal([&] { (void)run(decoder, {foreign}); }) ==
        "the prompt has token 300; allowed: 0 to 299|prompt");
}

TEST_CASE("a cancelled generation keeps what it has", "[model]") {
  Alphabet decoder;
  Cancel cancel;
  cancel.request();
  const auto answers = generate(decoder, bytes_only(), {after("a", 3)}, 2, cancel);
  CHECK(answers[0][0].finish_reason == "cancelled");
}

TEST_CASE("log-probabilities are those of the softmax at the temperature", "[model]") {
  const std::vector<float> logits = {0, std::log(2.0F), std::log(5.0F)};
  CHECK(logprob(logits, 0, 2) == Approx(std::log(5.0 / 8)));
  CHECK(logprob(logits, 1, 1) == Approx(std::log(2.0 / 8)));
  CHECK(logprob(logits, 0.5, 2) == Approx(std::log(25.0 / 30))); // 1, 4, 25
}

TEST_CASE("sampling follows the probabilities within top_k, top_p and min_p", "[model]") {
  const std::vector<float> logits = {std::log(1.0F), std::log(2.0F), std::log(3.0F),
                                     std::log(4.0F)}; // 10 %, 20 %, 30 %, 40 %
  const auto shares = [&](const Sampling& sampling) {
    Rng rng(5);
    std::vector<double> share(4);
    for (int i = 0; i < 20'000; ++i)
      share[static_cast<std::size_t>(sample(logits, sampling, rng))] += 1.0 / 20'000;
    return share;
  };
  // Deviation of a share of 20,000 draws: at most sqrt(0.25 / 20000) = 0.0035; 4 of them.
  const auto near = [](double expected) { return Approx(expected).margin(0.014); };
  const auto all = shares({.temperature = 1});
  CHECK(all[0] == near(0.1));
  CHECK(all[3] == near(0.4));
  const auto two = shares({.temperature = 1, .top_k = 2});
  CHECK(two[1] == 0);
  CHECK(two[2] == near(3.0 / 7));
  const auto nucleus = shares({.temperature = 1, .top_p = 0.6}); // 40 % is not enough, 70 % is
  CHECK(nucleus[1] == 0);
  CHECK(nucleus[3] == near(4.0 / 7));
  const auto floor = shares({.temperature = 1, .min_p = 0.6}); // 0.6 · 4 = 2.4
  CHECK(floor[1] == 0);
  CHECK(floor[2] == near(3.0 / 7));
  const auto both = shares({.temperature = 1, .top_k = 3, .top_p = 0.7}); // 4/9, 7/9 of 2, 3, 4
  CHECK(both[1] == 0);
  CHECK(shares({.temperature = 1, .top_p = 1e-6})[3] == Approx(1));
}

TEST_CASE("a network that has gone wrong is refused, not sampled from", "[model]") {
  Rng rng(1);
  const std::vector<float> broken = {NAN, NAN};
  CHECK(refusal([&] { (void)sample(broken, {}, rng); }) ==
        "the network's output holds no finite number|logits");
}

TEST_CASE("the first of the most likely tokens is taken, wherever it stands", "[model]") {
  Rng rng(1);
  for (std::size_t size = 1; size < 100; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::vector<float> logits(size, -1);
      logits[at] = 2;
      logits[size - 1] = 2;
      CHECK(sample(logits, {}, rng) == static_cast<TokenId>(at));
    }
}
