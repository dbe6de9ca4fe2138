// Ids and speed of the tokenizer, for bench/tokenizer.py.
//
//   bench_tokenizer MODEL_FOLDER TEXTS.jsonl IDS.jsonl PASSES
//
// Each line of TEXTS is a JSON string. Writes the ids of each line, checks that decoding gives the
// text's normal form back when encoded again, and prints the processor seconds of the fastest pass.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/model/tokenizer.hpp"

using namespace quill;

namespace {

double seconds_of_a_pass(const model::Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  const std::clock_t begin = std::clock();
  for (const std::string& text : texts)
    (void)tokenizer.encode_alone(text);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5)
    return 2;
  const std::clock_t load = std::clock();
  const auto tokenizer = model::Tokenizer::read(argv[1]);
  const auto load_seconds = static_cast<double>(std::clock() - load) / CLOCKS_PER_SEC;
  std::vector<std::string> texts;
  read_jsonl(argv[2],
             [&](const Json& line, std::size_t) { texts.push_back(line.get<std::string>()); });
  double best = 1e9;
  for (int pass = 0; pass < std::stoi(argv[4]); ++pass)
    best = std::min(best, seconds_of_a_pass(tokenizer, texts));
  std::ofstream out(argv[3]);
  std::size_t unfaithful = 0;
  for (const std::string& text : texts) {
    const auto ids = tokenizer.encode(text);
    const std::string back = tokenizer.decode(ids);
    // Where a space marks the beginning, spaces behind added tokens do not come back alike.
    if (back != text && !tokenizer.strips_first_space() && tokenizer.encode(back) != ids)
      ++unfaithful;
    out << dump_json({{"ids", tokenizer.encode_alone(text)}, {"exact", back == text}}) << '\n';
  }
  std::printf("{\"seconds\": %.6f, \"load_seconds\": %.3f, \"unfaithful\": %zu}\n", best,
              load_seconds, unfaithful);
  return unfaithful == 0 ? 0 : 1;
}
