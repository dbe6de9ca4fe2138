// What Quill itself costs a query before anybody is asked: parse, blocks, intent, retrieval,
// prompt. Nothing is run and no database is opened.
//
//   bench_optimize_cost [QUERIES=data/slow_queries]
//
// One line: queries, mean and largest time of one. Exit code 1 when one takes 20 ms or more.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "optimize/prompts.hpp"
#include "quill/core/files.hpp"
#include "quill/optimize/intent.hpp"
#include "quill/optimize/knowledge.hpp"
#include "quill/optimize/understanding.hpp"
#include "quill/sql/block_graph.hpp"
#include "quill/sql/text.hpp"

using namespace quill;
using namespace quill::optimize;

namespace {

constexpr double kMsMax = 20;

/// Characters of the prompt, so that nothing of it is left out by the compiler.
std::size_t prompt_of(const std::string& text, const Knowledge& knowledge) {
  const auto grammar = sql::local_grammar();
  auto tree = sql::parse(text, grammar);
  if (!tree)
    return 0;
  const sql::Query& query = *tree.value();
  Understanding understanding{.intent = intent_of(query, sql::Dialect::sqlite),
                              .blocks = blocks_of(sql::block_graph(query)),
                              .unit = "ms",
                              .total = 0,
                              .plan = {}};
  Brief brief{.engine = "sqlite 3.40.1",
              .before = text,
              .schema = {},
              .intent = understanding.intent,
              .blocks = blocks_text(understanding),
              .plan = {},
              .learnings = {}};
  add_knowledge(brief, knowledge, &query, engine::Engine::sqlite);
  const Prompts prompts([](std::string_view name) { return shipped_folder() / "prompts" / name; },
                        std::move(brief));
  return prompts.worker({}, {}).back().content.size();
}

} // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "data/slow_queries";
  const auto knowledge = Knowledge::load_shipped();
  double sum = 0, largest = 0;
  int count = 0;
  std::size_t characters = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto statements = sql::split_statements(read_file(entry.path()));
    for (const auto& statement : statements.value()) {
      const auto start = std::chrono::steady_clock::now();
      characters += prompt_of(statement, knowledge);
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - start;
      sum += took.count();
      largest = std::max(largest, took.count());
      ++count;
    }
  }
  if (count == 0)
    return 2;
  std::cout << fmt::format("{} queries: {:.2f} ms a query, the longest {:.2f} ms; {} characters a "
                           "prompt\n",
                           count, sum / count, largest, characters / count);
  return largest < kMsMax ? 0 : 1;
}
