// What a run knows: verdicts, pool, data set. A fold over candidate rows in their order, so that a
// resumed run knows exactly what the killed one knew.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "loop/proposer.hpp"
#include "loop/rows.hpp"
#include "loop/tally.hpp"
#include "quill/loop/pool.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

class History {
 public:
  /// The verdict an equal candidate for the same problem got, as JSON text: judging again until it
  /// passes would keep noise.
  [[nodiscard]] std::optional<std::string> verdict(const std::string& problem,
                                                   const std::string& fingerprint) const;
  /// Offered before, seeds included?
  [[nodiscard]] bool offered(const std::string& fingerprint) const;
  [[nodiscard]] bool in_data_set(const std::string& fingerprint) const;

  /// Takes a row up; `example` is what it added to the data set.
  Outcome remember(const store::CandidateRow& row, const std::optional<Example>& example);
  /// A seed example that was proven right: it is shown to proposers even when it is not fast here.
  void show_seed(const Example& example);

  [[nodiscard]] const Pool& pool(bool frozen) const { return frozen ? seed_pool_ : pool_; }
  [[nodiscard]] const std::vector<Tried>& tried(bool frozen) const {
    return frozen ? seed_tried_ : tried_;
  }
  /// Seeds that are kept here, then kept candidates, in order.
  [[nodiscard]] const std::vector<Example>& data_set() const noexcept { return data_set_; }
  [[nodiscard]] const DiversityCount& diversity() const noexcept { return diversity_; }

 private:
  std::map<std::pair<std::string, std::string>, std::string> verdicts_;
  std::set<std::string> offered_, in_data_set_;
  Pool pool_, seed_pool_;
  std::vector<Tried> tried_, seed_tried_;
  std::vector<Example> data_set_;
  DiversityCount diversity_;
};

} // namespace quill::loop
