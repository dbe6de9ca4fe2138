// The page of a run: what stands in it, what foreign text cannot do to it, that it draws.
#include "catch.hpp"
#include "folders.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/report/run_page.hpp"
#include "report/markup.hpp"

using namespace quill;
using namespace quill::report;
namespace fs = std::filesystem;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

RunPage sample_page() {
  RunPage page;
  page.title = "Quill run data/stage1";
  page.facts = {{"iterations", "12"}};
  for (int i = 1; i <= 12; ++i) {
    page.iterations.push_back({.iteration = i,
                               .success_rate = 0.5 + 0.03 * i,
                               .reward_mean = 0.4,
                               .reward_kept_mean = 0.6,
                               .before_diversity = 1.0 / i,
                               .after_diversity = 0.9,
                               .examples = 20 + i,
                               .cost_usd = 0.01,
                               .tokens = 500});
    page.speedups.push_back({i, 1.5 * i * i});
  }
  page.by_type = {{"join", 3}, {"indexing", 9}};
  page.by_band = {{"2-10x", 4}, {"10-100x", 8}};
  page.by_rule = {{"index", 12}};
  page.best = {{.id = "3-1",
                .type = "indexing",
                .rule = "index",
                .explanation = "an index on b",
                .before = "SELECT a FROM t WHERE b = 1",
                .schema = "",
                .after = "SELECT a FROM t WHERE b = 1",
                .indexes = {"CREATE INDEX t_b ON t(b)"},
                .speedup = 12.5,
                .reward = 0.71,
                .before_ms = 25,
                .after_ms = 2,
                .before_plan = {},
                .after_plan = {},
                .plan_note = ""}};
  return page;
}

std::string browser() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    for (const char* folder : {"/usr/bin", "/usr/local/bin", "/snap/bin"})
      if (const fs::path path = fs::path(folder) / name; fs::exists(path))
        return path.string();
  return "";
}

/// The document as a browser has it after the scripts ran.
std::string rendered(const std::string& program, const fs::path& folder, const std::string& html,
                     bool dark) {
  std::string page = html;
  page.insert(page.rfind("</body>"),
              "<script>" + read_file(fs::path(QUILL_TESTS_FOLDER) / "report/probe.js") +
                  "</script>");
  std::ofstream(folder / "page.html", std::ios::binary) << page;
  const std::string command = fmt::format(
      "HOME='{0}' timeout 90 '{1}' --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--user-data-dir='{0}/profile' --blink-settings=preferredColorScheme={2} "
      "--virtual-time-budget=5000 --dump-dom 'file://{0}/page.html' 2>/dev/null",
      folder.string(), program, dark ? 0 : 1);
  std::string out;
  std::array<char, 65536> buffer{};
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    out.append(buffer.data(), got);
  ::pclose(pipe);
  return out;
}

} // namespace

TEST_CASE("foreign text stays text in the page", "[report]") {
  CHECK(escaped("<b> & \"'") == "&lt;b&gt; &amp; &quot;&#39;");
  CHECK(script_json(Json{{"a", "</script>"}}) == "{\"a\":\"\\u003c/script>\"}");
  RunPage page = sample_page();
  page.title = "<script>alert(1)</script>";
  page.best.front().before = "SELECT '<img src=x onerror=alert(1)>' {{script}}";
  page.by_type = {{"</script><script>alert(2)</script>", 1}};
  const std::string text = html(page, PlotLibrary{.script = "/*plot*/", .style = ""});
  CHECK_FALSE(holds(text, "<script>alert"));
  CHECK_FALSE(holds(text, "<img"));
  CHECK(holds(text, "{{script}}")); // what is filled in is not filled again
}

TEST_CASE("SQL is shown with its words set apart", "[report]") {
  CHECK(highlighted("select a FROM t WHERE b > 1.5 -- c\n AND c = '<'") ==
        "<span class=\"k\">select</span> a <span class=\"k\">FROM</span> t "
        "<span class=\"k\">WHERE</span> b &gt; <span class=\"n\">1.5</span>"
        "<span class=\"c\"> -- c\n </span><span class=\"k\">AND</span> c = "
        "<span class=\"s\">&#39;&lt;&#39;</span>");
  CHECK(highlighted("SELECT 'open") == "SELECT &#39;open");
}

TEST_CASE("the page loads nothing and holds numbers, pairs and the library", "[report]") {
  const std::string text = html(sample_page(), PlotLibrary{.script = "/*plot*/", .style = "p{}"});
  CHECK(holds(text, "default-src 'none'"));
  CHECK_FALSE(holds(text, "src=\""));
  CHECK_FALSE(holds(text, "href="));
  CHECK(holds(text, "/*plot*/"));
  CHECK(holds(text, "\"cost\":[0.01,0.02,"));
  CHECK(holds(text, "indexing · 12.5x · 25 ms to 2 ms · reward 0.710 · index"));
  CHECK(holds(text, "<tr><th scope=\"row\">iterations</th><td>12</td></tr>"));
}

TEST_CASE("without the plotting library the page says how to get it", "[report]") {
  const std::string text = html(sample_page(), std::nullopt);
  CHECK(holds(text, "uPlot is not installed"));
  CHECK_FALSE(holds(text, "new uPlot"));
}

TEST_CASE("plans are those of the database, before and after with its index", "[report]") {
  const auto session = engine::open_sqlite_script("CREATE TABLE t(a, b)");
  RunPage page = sample_page();
  page.best.push_back(page.best.front());
  page.best.back().before = "SELECT gone FROM t";
  for (ShownPair& pair : page.best)
    add_plan(pair, *session);
  CHECK(page.best[0].before_plan == std::vector<std::string>{"SCAN t"});
  CHECK(page.best[0].after_plan == std::vector<std::string>{"SEARCH t USING INDEX t_b (b=?)"});
  CHECK(page.best[1].plan_note == "no such column: gone");
  CHECK(holds(html(page, std::nullopt), "no plan: no such column: gone"));
}

TEST_CASE("a browser draws every plot, light and dark", "[report]") {
  const std::string program = browser();
  const auto library = find_plot_library();
  if (program.empty() || !library) {
    WARN("skipped: " << (library ? "no Chromium" : "no uPlot in data/plots (scripts/setup.sh)"));
    return;
  }
  const ScratchFolder folder("quill-report-test");
  const std::string page = html(sample_page(), library);
  const std::string light = rendered(program, folder.path(), page, false);
  const std::string dark = rendered(program, folder.path(), page, true);
  for (const std::string* seen : {&light, &dark}) {
    CHECK(holds(*seen, "data-plots=\"10\""));
    CHECK(holds(*seen, "data-inked=\"10\""));
  }
  CHECK(holds(light, "data-dark=\"false\""));
  CHECK(holds(light, "data-ground=\"rgb(255, 255, 255)\""));
  CHECK(holds(dark, "data-dark=\"true\""));
  CHECK(holds(dark, "data-ground=\"rgb(17, 22, 28)\""));
}
