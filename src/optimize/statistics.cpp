#include "quill/optimize/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::optimize {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAnswerBytesMax = 64U << 20U;

using Tallies = std::map<std::string, Tally>;

std::string text_of(const Json& object, const char* key, std::string otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && !found->get<std::string>().empty()
             ? found->get<std::string>()
             : std::move(otherwise);
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

void count(Tallies& tallies, const std::string& name, const std::string& status, double speedup) {
  Tally& tally = tallies[name];
  tally.name = name;
  ++tally.tried;
  tally.wins += status == "WIN";
  tally.improved += status == "IMPROVED";
  tally.neutral += status == "NEUTRAL";
  tally.regressions += status == "REGRESSION";
  const bool proven = status != "ERROR" && speedup > 0;
  tally.errors += proven ? 0 : 1;
  if (proven) {
    tally.log_speedups += std::log(speedup);
    tally.best = std::max(tally.best, speedup);
  }
}

std::vector<Tally> sorted(const Tallies& tallies) {
  std::vector<Tally> out;
  out.reserve(tallies.size());
  for (const auto& [name, tally] : tallies)
    out.push_back(tally);
  std::stable_sort(out.begin(), out.end(),
                   [](const Tally& a, const Tally& b) { return a.wins > b.wins; });
  return out;
}

class Collector {
 public:
  void read(const fs::path& file) {
    if (file.extension() != ".json" || fs::file_size(file) > kAnswerBytesMax)
      return;
    try {
      const Json document = parse_json(read_file(file, kAnswerBytesMax), file.string());
      if (document.is_object() && document.contains("candidates") &&
          document["candidates"].is_array())
        answer(document);
    } catch (const Error&) {
      // A file that is no JSON is no answer.
    }
  }

  [[nodiscard]] Statistics take() {
    out_.rules = sorted(rules_);
    out_.strategies = sorted(strategies_);
    out_.models = sorted(models_);
    return std::move(out_);
  }

 private:
  void answer(const Json& document) {
    ++out_.answers;
    for (const Json& candidate : document["candidates"])
      if (candidate.is_object())
        this->candidate(candidate, text_of(document, "model", "not known"));
  }

  void candidate(const Json& candidate, const std::string& model) {
    ++out_.candidates;
    const auto status = text_of(candidate, "status", "ERROR");
    const double speedup =
        std::max(number_of(candidate, "speedup"), number_of(candidate, "speedup_with_indexes"));
    const bool by_rules = text_of(candidate, "role", "") == "rules";
    count(rules_, text_of(candidate, "rule", "not named"), status, speedup);
    count(strategies_, text_of(candidate, "strategy", by_rules ? "rules" : "none"), status,
          speedup);
    count(models_, by_rules ? "rules" : text_of(candidate, "model", model), status, speedup);
  }

  Statistics out_;
  Tallies rules_, strategies_, models_;
};

Json to_json(const std::vector<Tally>& tallies) {
  Json list = Json::array();
  for (const Tally& tally : tallies)
    list.push_back({{"name", tally.name},
                    {"tried", tally.tried},
                    {"wins", tally.wins},
                    {"improved", tally.improved},
                    {"neutral", tally.neutral},
                    {"regressions", tally.regressions},
                    {"errors", tally.errors},
                    {"geomean", tally.geomean()},
                    {"best", tally.best > 0 ? Json(tally.best) : Json(nullptr)}});
  return list;
}

} // namespace

double Tally::geomean() const {
  return proven() > 0 ? std::exp(log_speedups / static_cast<double>(proven())) : 1;
}

Json to_json(const Statistics& statistics) {
  return {{"format_version", kFormatVersion},
          {"answers", statistics.answers},
          {"candidates", statistics.candidates},
          {"rules", to_json(statistics.rules)},
          {"strategies", to_json(statistics.strategies)},
          {"models", to_json(statistics.models)}};
}

Statistics read_statistics(const fs::path& place) {
  std::error_code failed;
  Collector collector;
  if (fs::is_regular_file(place, failed)) {
    collector.read(place);
    return collector.take();
  }
  if (!fs::is_directory(place, failed))
    throw Error{Exit::usage,
                {fmt::format("no file and no folder \"{}\"", place.string()), "command line",
                 "name where `quill optimize --json` wrote its answers"}};
  std::set<fs::path> files; // in the order of their names
  for (auto entry = fs::recursive_directory_iterator(place, failed);
       entry != fs::recursive_directory_iterator(); entry.increment(failed))
    if (entry->is_regular_file(failed))
      files.insert(entry->path());
  for (const auto& file : files)
    collector.read(file);
  return collector.take();
}

} // namespace quill::optimize
