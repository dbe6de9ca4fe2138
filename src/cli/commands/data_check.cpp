// quill data check — is a data set fit to train on?
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/loop/data_check.hpp"

namespace quill::cli {

namespace {

std::string faults_text(const loop::DataCheck& check, bool styled) {
  Table table{.columns = {{"fault"}, {"example"}, {"other"}, {"reason"}}, .rows = {}};
  for (const loop::DataFault& fault : check.faults)
    table.rows.push_back({fault.kind, fault.id, fault.other, fault.reason});
  const std::string head = fmt::format(
      "{} examples of {} schemas to train on, {} of {} to evaluate on; {} ran on their rows\n"
      "{} leaks, {} duplicates, {} broken\n",
      check.examples, check.schemas, check.eval_examples, check.eval_schemas, check.run_on_rows,
      check.count("leak"), check.count("duplicate"), check.count("broken"));
  return check.faults.empty() ? head : format_table(table, styled) + head;
}

} // namespace

Command data_check_command() {
  auto config = std::make_shared<loop::DataCheckConfig>();
  return {
      .name = "data check",
      .group = "making training data",
      .summary = "look for leaks, duplicates and queries that do not run",
      .details = "A schema counts as the same whatever its names are. JSON: {\"examples\", "
                 "\"leaks\", \"duplicates\", \"broken\", \"faults\": [{\"kind\", \"id\", "
                 "\"other\", \"reason\"}], …}. Exit code 1 when anything was found.",
      .examples = {"quill data check data/combined --databases data/stage2/databases"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run =
          [config](Context& context) {
            const loop::DataCheck check = loop::check_data(*config, context.cancel);
            context.out.result(to_json(check), faults_text(check, context.out.styled()));
            return check.faults.empty() ? Exit::ok : Exit::negative;
          },
  };
}

} // namespace quill::cli
