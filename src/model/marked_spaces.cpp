#include "model/marked_spaces.hpp"

#include <fmt/format.h>

#include "model/tokenizer_reading.hpp"

namespace quill::model {

namespace {

/// {"type": "Replace", "pattern": {"String": from}, "content": to}
void require_replace(const JsonObject& step, std::string_view from, std::string_view to) {
  require_type(step, "Replace");
  const JsonObject pattern = member(step, "pattern");
  if (pattern.text("String") != from)
    refuse_value(pattern, "String", fmt::format("\"{}\"", from));
  if (step.text("content") != to)
    refuse_value(step, "content", fmt::format("\"{}\"", to));
}

/// Llama 2's: Prepend, then Replace.
void require_normalizer(const JsonObject& normalizer) {
  require_type(normalizer, "Sequence");
  const auto steps = members(normalizer, "normalizers");
  if (steps.size() != 2)
    refuse_value(normalizer, "normalizers", "a Prepend and a Replace");
  require_type(steps[0], "Prepend");
  if (steps[0].text("prepend") != kSpaceMark)
    refuse_value(steps[0], "prepend", fmt::format("\"{}\"", kSpaceMark));
  require_replace(steps[1], " ", kSpaceMark);
}

/// Mistral's and newer Llama files': Metaspace.
void read_metaspace(const JsonObject& pre, MarkedSpaces& spaces) {
  require_type(pre, "Metaspace");
  if (pre.text("replacement") != kSpaceMark)
    refuse_value(pre, "replacement", fmt::format("\"{}\"", kSpaceMark));
  spaces.words = pre.boolean_or("split", true);
  const std::string scheme =
      pre.text_or("prepend_scheme", pre.boolean_or("add_prefix_space", true) ? "always" : "never");
  if (scheme == "first")
    spaces.begin = MarkedSpaces::Begin::text;
  else if (scheme == "always")
    spaces.begin = MarkedSpaces::Begin::sections;
  else if (scheme != "never")
    refuse_value(pre, "prepend_scheme", "first, always, never");
}

/// Replace, ByteFallback, Fuse and, where a mark was put at the beginning, Strip.
bool read_decoder(const JsonObject& decoder) {
  require_type(decoder, "Sequence");
  const auto steps = members(decoder, "decoders");
  if (steps.size() < 3 || steps.size() > 4)
    refuse_value(decoder, "decoders", "Replace, ByteFallback, Fuse and perhaps Strip");
  require_replace(steps[0], kSpaceMark, " ");
  require_type(steps[1], "ByteFallback");
  require_type(steps[2], "Fuse");
  if (steps.size() == 3)
    return false;
  require_type(steps[3], "Strip");
  if (steps[3].text("content") != " ")
    refuse_value(steps[3], "content", "\" \"");
  if (steps[3].integer("start") != 1)
    refuse_value(steps[3], "start", "1");
  if (steps[3].integer("stop") != 0)
    refuse_value(steps[3], "stop", "0");
  return true;
}

} // namespace

std::string MarkedSpaces::marked(std::string_view section, bool first) const {
  std::string text;
  text.reserve(section.size() + 2 * kSpaceMark.size());
  for (const char c : section)
    c == ' ' ? text.append(kSpaceMark) : text.append(1, c);
  const bool wanted =
      begin == Begin::always || ((begin == Begin::sections || (begin == Begin::text && first)) &&
                                 !text.starts_with(kSpaceMark));
  if (wanted && !text.empty())
    text.insert(0, kSpaceMark);
  return text;
}

MarkedSpaces read_marked_spaces(const JsonObject& file) {
  MarkedSpaces spaces;
  if (given(file, "pre_tokenizer")) {
    if (given(file, "normalizer"))
      refuse_value(file, "normalizer", "null beside a Metaspace");
    read_metaspace(member(file, "pre_tokenizer"), spaces);
  } else {
    require_normalizer(member(file, "normalizer"));
    spaces.begin = MarkedSpaces::Begin::always;
  }
  spaces.strips_first = read_decoder(member(file, "decoder"));
  return spaces;
}

std::string fallback_token(unsigned char byte) {
  return fmt::format("<0x{:02X}>", byte);
}

} // namespace quill::model
