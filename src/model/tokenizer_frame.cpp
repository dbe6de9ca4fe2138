#include "model/tokenizer_frame.hpp"

#include <fmt/format.h>

#include "model/tokenizer_reading.hpp"
#include "model/whole_number.hpp"

namespace quill::model {

namespace {

constexpr std::int64_t kIdMax = (1 << 24) - 1;
constexpr std::size_t kFrameMax = 16;

/// Appends the ids of a special token that the template names.
void add_special(const JsonObject& processor, const std::string& name, std::vector<TokenId>& ids) {
  const JsonObject known = member(processor, "special_tokens");
  const JsonObject token = member(known, name);
  const Json& list = token.at("ids");
  if (!list.is_array() || list.size() > kFrameMax)
    refuse_value(token, "ids", fmt::format("a list of at most {} ids", kFrameMax));
  for (const Json& each : list)
    if (const auto id = whole_number(each, kIdMax))
      ids.push_back(static_cast<TokenId>(*id));
    else
      refuse_value(token, "ids", fmt::format("0 to {}", kIdMax));
}

void read_template(const JsonObject& processor, Frame& frame) {
  const auto pieces = members(processor, "single");
  if (pieces.size() > kFrameMax)
    refuse_value(processor, "single", fmt::format("at most {} pieces", kFrameMax));
  bool behind = false;
  for (const JsonObject& piece : pieces) {
    if (piece.has("Sequence")) {
      if (behind)
        refuse_value(processor, "single", "one Sequence");
      behind = true;
    } else {
      add_special(processor, member(piece, "SpecialToken").text("id"),
                  behind ? frame.after : frame.before);
    }
  }
  if (!behind)
    refuse_value(processor, "single", "one Sequence");
}

void read_processor(const JsonObject& processor, Frame& frame) {
  const std::string type = processor.text("type");
  if (type == "TemplateProcessing")
    read_template(processor, frame);
  else if (type != "ByteLevel") // which moves offsets alone
    refuse_value(processor, "type", "ByteLevel, TemplateProcessing, Sequence");
}

} // namespace

Frame read_frame(const JsonObject& file) {
  Frame frame;
  if (!given(file, "post_processor"))
    return frame;
  const JsonObject post = member(file, "post_processor");
  if (post.text("type") != "Sequence") {
    read_processor(post, frame);
    return frame;
  }
  for (const JsonObject& each : members(post, "processors"))
    read_processor(each, frame);
  return frame;
}

} // namespace quill::model
