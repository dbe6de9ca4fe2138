#include "quill/report/optimize_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/markup.hpp"
#include "report/page_parts.hpp"

namespace quill::report {

namespace {

std::string paragraph(const std::string& text) {
  return text.empty() ? "" : fmt::format("<p>{}</p>\n", escaped(text));
}

std::string list(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += fmt::format("<li>{}</li>\n", escaped(line));
  return out.empty() ? "<p class=\"note\">the statement stays as it is</p>"
                     : fmt::format("<ul>\n{}</ul>\n", out);
}

std::string indexes_html(const std::vector<std::string>& indexes) {
  if (indexes.empty())
    return "<p class=\"note\">none</p>";
  return fmt::format("<pre class=\"sql\">{}</pre>",
                     highlighted(fmt::format("{};", fmt::join(indexes, ";\n"))));
}

std::string candidates_html(const std::vector<ShownCandidate>& candidates) {
  std::string out = "<tr><th>worker</th><th>status</th><th>what</th><th>why</th></tr>\n";
  for (const ShownCandidate& one : candidates)
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(one.worker),
                    escaped(one.status), escaped(one.what), escaped(one.reason));
  return out;
}

} // namespace

std::string html(const OptimizePage& page) {
  return filled(shipped("optimize.html"),
                {{"title", escaped(page.title)},
                 {"subtitle", escaped(page.subtitle)},
                 {"style", shipped("run.css")},
                 {"facts", facts_html(page.facts)},
                 {"explanation", paragraph(page.explanation) + paragraph(page.shrank)},
                 {"before", side_html("before", page.before, page.before_plan)},
                 {"after", side_html("after", page.after, page.after_plan)},
                 {"changes", list(page.changes)},
                 {"indexes", indexes_html(page.indexes)},
                 {"proof", paragraph(page.proof)},
                 {"candidates", candidates_html(page.candidates)}});
}

} // namespace quill::report
