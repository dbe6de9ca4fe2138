#include "cli/suite_text.hpp"

#include <fmt/format.h>

#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

Json refused_json(const optimize::SuiteCheck& check) {
  Json out = Json::array();
  for (const auto& [id, message] : check.refused)
    out.push_back({{"id", id}, {"message", message}});
  return out;
}

std::string text_of(const optimize::Suite& suite, const optimize::SuiteCheck& check) {
  std::string text = fmt::format("suite {} in {}: {} queries on {}, {} of them prepare\n",
                                 suite.header().name, suite.folder().string(), suite.ids().size(),
                                 engine::to_string(suite.header().engine),
                                 suite.ids().size() - check.refused.size());
  for (const auto& [id, message] : check.refused)
    text += fmt::format("  {}: {}\n", id, message);
  return text;
}

} // namespace

Exit make_suite(Context& context, const std::filesystem::path& folder, optimize::SuiteHeader header,
                const std::vector<optimize::QueryText>& queries) {
  const auto suite = optimize::Suite::create(folder, std::move(header), queries);
  const auto session =
      engine::open_session(suite.header().engine, suite.database(), &context.cancel);
  const auto check = optimize::check_suite(suite, *session);
  suite.write_intents(check.intents);
  context.out.result({{"suite", suite.folder().string()},
                      {"name", suite.header().name},
                      {"engine", engine::to_string(suite.header().engine)},
                      {"queries", suite.ids().size()},
                      {"intents", check.intents.size()},
                      {"refused", refused_json(check)}},
                     text_of(suite, check));
  return check.refused.empty() ? Exit::ok : Exit::negative;
}

} // namespace quill::cli
