#include "quill/report/leaderboard_page.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quill/core/json.hpp"
#include "report/markup.hpp"
#include "report/page_parts.hpp"

namespace quill::report {

namespace {

/// Largest first.
Json speedups_json(const LeaderboardPage& page) {
  std::vector<const ShownQuery*> shown;
  for (const ShownQuery& query : page.queries)
    if (query.speedup)
      shown.push_back(&query);
  std::stable_sort(shown.begin(), shown.end(), [](const ShownQuery* a, const ShownQuery* b) {
    return *a->speedup > *b->speedup;
  });
  Json names = Json::array(), values = Json::array();
  for (const ShownQuery* query : shown) {
    names.push_back(query->id);
    values.push_back(*query->speedup);
  }
  return {{"names", std::move(names)}, {"values", std::move(values)}};
}

Json statuses_json(const LeaderboardPage& page) {
  std::map<std::string, std::int64_t> counts;
  for (const ShownQuery& query : page.queries)
    ++counts[query.status.empty() ? "not run" : query.status];
  Json names = Json::array(), values = Json::array();
  for (const char* name : {"WIN", "IMPROVED", "NEUTRAL", "REGRESSION", "ERROR", "not run"})
    if (counts.contains(name)) {
      names.push_back(name);
      values.push_back(counts[name]);
    }
  return {{"names", std::move(names)}, {"counts", std::move(values)}};
}

Json states_json(const LeaderboardPage& page) {
  Json states = Json::array(), geomeans = Json::array(), wins = Json::array();
  for (const StatePoint& state : page.states) {
    states.push_back(state.state);
    geomeans.push_back(state.geomean);
    wins.push_back(state.wins);
  }
  return {
      {"state", std::move(states)}, {"geomean", std::move(geomeans)}, {"wins", std::move(wins)}};
}

std::string queries_html(const std::vector<ShownQuery>& queries) {
  std::string out = "<tr><th>query</th><th>status</th><th>speedup</th><th>before</th><th>rows</th>"
                    "<th>by</th><th>rules</th></tr>\n";
  for (const ShownQuery& query : queries)
    out += fmt::format(
        "<tr><td>{}</td><td>{}{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></"
        "tr>\n",
        escaped(query.id), escaped(query.status), query.validated ? ", validated" : "",
        query.speedup ? fmt::format("{:.2f}x", *query.speedup) : "",
        query.before_ms ? fmt::format("{:.2f} ms", *query.before_ms) : "",
        query.rows ? std::to_string(*query.rows) : "", escaped(query.by), escaped(query.rules));
  return out;
}

std::string states_html(const std::vector<StatePoint>& states) {
  std::string out = "<tr><th>state</th><th>WIN</th><th>IMPROVED</th><th>REGRESSION</th>"
                    "<th>ERROR</th><th>geometric mean</th><th>promoted</th></tr>\n";
  for (const StatePoint& state : states)
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.3f}x</td>"
                       "<td>{}</td></tr>\n",
                       state.state, state.wins, state.improved, state.regressions, state.errors,
                       state.geomean, state.promoted);
  return out;
}

} // namespace

std::string html(const LeaderboardPage& page, const std::optional<PlotLibrary>& library) {
  const Json numbers{{"speedups", speedups_json(page)},
                     {"statuses", statuses_json(page)},
                     {"states", states_json(page)}};
  return filled(shipped("leaderboard.html"),
                {{"title", escaped(page.title)},
                 {"subtitle", escaped(page.subtitle)},
                 {"style", shipped("run.css")},
                 {"plot_style", library ? library->style : ""},
                 {"plots", library ? "" : no_library_html()},
                 {"queries", queries_html(page.queries)},
                 {"states", states_html(page.states)},
                 {"numbers", script_json(numbers)},
                 {"plot_script", library ? library->script : ""},
                 {"script", library ? shipped("leaderboard.js") : ""}});
}

} // namespace quill::report
