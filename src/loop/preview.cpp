#include "quill/loop/preview.hpp"

#include <fmt/format.h>

#include "loop/run_folder.hpp"
#include "quill/loop/sample.hpp"

namespace quill::loop {

namespace {

void add(Preview& preview, const std::string& text, bool trained) {
  const std::size_t from = preview.text.size();
  preview.text += text;
  preview.spans.push_back({from, preview.text.size(), trained});
}

} // namespace

void PreviewConfig::fields(FieldList& list) {
  list.add_positional("folder", &folder, "a run folder, or one written by combine or augment");
  list.add("sample", &sample, "which sample, from 1").at_least(1);
}

Preview preview_of(const Example& example) {
  const Conversation said = conversation_of(example);
  Preview preview{.id = example.id, .text = {}, .spans = {}};
  add(preview,
      fmt::format("<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n"
                  "<|im_start|>assistant\n",
                  said.system, said.user),
      false);
  add(preview, said.assistant + "<|im_end|>", true);
  add(preview, "\n", false);
  return preview;
}

Preview preview(const PreviewConfig& config) {
  const RunFolder folder = read_run_folder(config.folder);
  if (config.sample > static_cast<std::int64_t>(folder.examples.size()))
    throw Error{Exit::usage,
                {.what = fmt::format("there is no sample {}: the data set has {}", config.sample,
                                     folder.examples.size()),
                 .where = folder.source.string(),
                 .fix = "give a smaller --sample"}};
  return preview_of(folder.examples[static_cast<std::size_t>(config.sample - 1)]);
}

Json to_json(const Preview& preview) {
  Json spans = Json::array();
  for (const Span& span : preview.spans)
    spans.push_back({{"from", span.from}, {"to", span.to}, {"trained", span.trained}});
  return Json{{"format_version", kFormatVersion},
              {"id", preview.id},
              {"text", preview.text},
              {"spans", std::move(spans)}};
}

} // namespace quill::loop
