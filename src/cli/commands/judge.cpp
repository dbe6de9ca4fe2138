// quill judge — which of two queries is easier to read.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/readability.hpp"

namespace quill::cli {

namespace {

struct ReadabilityConfig {
  std::filesystem::path before, after;
};

} // namespace

Command judge_command() {
  auto config = std::make_shared<ReadabilityConfig>();
  return {
      .name = "judge",
      .group = "judging and looking",
      .summary = "readability of two queries, from their measured structure",
      .details = "JSON: {\"judge\": \"offline\", \"readability\": -0.2 to 0.2, \"reason\"}. Above "
                 "0 the second query is the more readable one. Nothing is run and no model is "
                 "asked.",
      .examples = {"quill judge --before slow.sql --after fast.sql"},
      .formats = Formats::any,
      .fields =
          [config](FieldList& list) {
            list.add("before", &config->before, "file or pipe with the first query").needed();
            list.add("after", &config->after, "file with the second query").needed();
          },
      .run =
          [config](Context& context) {
            const std::string before = read_input(config->before);
            const std::string after = read_input(config->after);
            // A worker parses: what crashes a parser costs a worker, not this process.
            const auto session = engine::open_sqlite_script("", &context.cancel);
            const auto verdict = judge::offline_readability(before, after, session->grammar());
            context.out.result(
                {{"judge", "offline"}, {"readability", verdict.score}, {"reason", verdict.reason}},
                fmt::format("{:+.3f}  {}\n", verdict.score, verdict.reason));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
