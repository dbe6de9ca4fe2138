// quill rules show — one rule: what it does, where it pays, where it hurts.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::cli {

namespace {

Json find_rule(const std::string& name) {
  std::vector<std::string> names;
  for (const Json& rule : rewrite::rules_json()) {
    if (rule.at("name") == name)
      return rule;
    names.push_back(rule.at("name"));
  }
  const std::string near = nearest_word(name, names);
  throw Error{Exit::usage,
              {.what = fmt::format("there is no rule \"{}\"", name),
               .where = "command line",
               .fix = near.empty() ? "`quill rules list` names them all"
                                   : fmt::format("did you mean \"{}\"?", near)}};
}

} // namespace

Command rules_show_command() {
  auto name = std::make_shared<std::string>();
  return {
      .name = "rules show",
      .group = "judging and looking",
      .summary = "show one rule: what it does, where it pays, where it hurts",
      .details = "",
      .examples = {"quill rules show or-chain-to-in"},
      .formats = Formats::any,
      .fields =
          [name](FieldList& list) {
            list.add_positional("name", name.get(), "name of the rule").needed();
          },
      .run =
          [name](Context& context) {
            const Json rule = find_rule(*name);
            context.out.result(
                rule, fmt::format(
                          "{}\n  {}\n  engines: {}\n  pays:    {}\n  hurts:   {}\n",
                          rule.at("name").get<std::string>(), rule.at("summary").get<std::string>(),
                          fmt::join(rule.at("engines").get<std::vector<std::string>>(), ", "),
                          rule.at("pays").get<std::string>(), rule.at("hurts").get<std::string>()));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
