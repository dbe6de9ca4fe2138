#include "report/page_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/files.hpp"
#include "report/markup.hpp"

namespace quill::report {

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  for (;;) {
    const std::size_t open = text.find("{{"), close = text.find("}}", open);
    out += text.substr(0, open);
    if (close == std::string_view::npos)
      return out;
    out += values.at(std::string(text.substr(open + 2, close - open - 2)));
    text.remove_prefix(close + 2);
  }
}

std::string shipped(const char* name) {
  return read_file(shipped_folder() / "report" / name);
}

std::string facts_html(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string out;
  for (const auto& [name, value] : facts)
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(name),
                       escaped(value));
  return out;
}

std::string no_library_html() {
  return "<p class=\"note\">The plots are left out: uPlot is not installed. scripts/setup.sh puts "
         "it into data/plots.</p>";
}

std::string side_html(const std::string& name, const std::string& sql,
                      const std::vector<std::string>& plan) {
  std::string out =
      fmt::format("<div><h4>{}</h4><pre class=\"sql\">{}</pre>", name, highlighted(sql));
  if (!plan.empty())
    out += fmt::format("<pre class=\"plan\">{}</pre>",
                       escaped(fmt::format("{}", fmt::join(plan, "\n"))));
  return out + "</div>\n";
}

} // namespace quill::report
