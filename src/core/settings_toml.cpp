// toml++ stays inside this file: it costs seconds to compile.
#include <toml++/toml.h>

#include <algorithm>

#include <fmt/format.h>

#include "core/settings_layers.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"

namespace quill {

namespace {

[[noreturn]] void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

/// toml++ recurses over dotted keys without a limit, and no setting is nested deeper than this.
void refuse_deep_keys(std::string_view text, std::string_view file) {
  constexpr int kDotsOnALineMax = 64;
  int dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    dots = text[i] == '\n' ? 0 : dots + (text[i] == '.' ? 1 : 0);
    if (dots > kDotsOnALineMax)
      refuse(fmt::format("more than {} dots on one line", kDotsOnALineMax),
             fmt::format("{}:{}", file, text::line_and_column(text, i).first),
             "settings have keys of two parts, as in llm.model");
  }
}

/// As a number parser reads it back; whole floats keep their ".0", so that they stay floats.
std::string float_text(double value) {
  std::string text = fmt::format("{}", value);
  const bool looks_whole = text.find_first_not_of("-0123456789") == std::string::npos;
  return looks_whole ? text + ".0" : text;
}

class Flattener {
 public:
  explicit Flattener(std::string_view file) : file_(file) {}

  void add_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const auto* inner = node.as_table())
        add_table(*inner, name + ".");
      else
        found_.push_back({name, texts_of(node, name), place_of(key)});
    }
  }

  [[nodiscard]] std::vector<Assignment> take() { return std::move(found_); }

 private:
  [[nodiscard]] std::string place_of(const toml::key& key) const {
    return fmt::format("{}:{}", file_, key.source().begin.line);
  }
  [[nodiscard]] std::string place_of(const toml::node& node) const {
    return fmt::format("{}:{}", file_, node.source().begin.line);
  }

  [[nodiscard]] std::vector<std::string> texts_of(const toml::node& node,
                                                  const std::string& name) const {
    const auto* list = node.as_array();
    if (list == nullptr)
      return {text_of(node, name)};
    std::vector<std::string> texts;
    for (const auto& item : *list)
      texts.push_back(text_of(item, name));
    return texts;
  }

  [[nodiscard]] std::string text_of(const toml::node& node, const std::string& name) const {
    if (const auto* text = node.as_string())
      return text->get();
    if (const auto* number = node.as_integer())
      return fmt::format("{}", number->get());
    if (const auto* number = node.as_floating_point())
      return float_text(number->get());
    if (const auto* truth = node.as_boolean())
      return truth->get() ? "true" : "false";
    refuse(fmt::format("\"{}\" has a value of a kind no setting has", name), place_of(node),
           "give a text, a number, true, false, or a list of these");
  }

  std::string_view file_;
  std::vector<Assignment> found_;
};

} // namespace

std::vector<Assignment> parse_toml(std::string_view text, std::string_view file) {
  refuse_deep_keys(text, file);
  try {
    const toml::table table = toml::parse(text, std::string(file));
    Flattener flattener(file);
    flattener.add_table(table, "");
    return flattener.take();
  } catch (const toml::parse_error& error) {
    refuse(fmt::format("not valid TOML: {}", text::clipped(error.description(), 200)),
           fmt::format("{}:{}", file, error.source().begin.line),
           "correct the line; settings look like: model = \"gpt-4o-mini\"");
  }
}

} // namespace quill
