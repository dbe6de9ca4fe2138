// A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28
// (2002): pieces of halving size are left out, table by table; then single cells become NULL or
// simpler.
#include "judge/proof/shrink.hpp"

#include <algorithm>

#include "judge/cells.hpp"
#include "judge/proof/values.hpp"

namespace quill::judge::proof {

namespace {

using engine::Value;

class Shrinker {
 public:
  Shrinker(const Model& model, Database database, const std::function<bool(Database&)>& differs,
           int tries)
      : model_(model), best_(std::move(database)), differs_(differs), tries_left_(tries) {}

  Database run() {
    std::size_t size = 0;
    do {
      size = best_.size();
      for (std::size_t t = best_.rows.size(); t-- > 0;)
        leave_out_rows(t);
    } while (best_.size() < size && tries_left_ > 0);
    for (std::size_t t = 0; t < best_.rows.size(); ++t)
      for (std::size_t r = 0; r < best_.rows[t].size(); ++r)
        for (std::size_t c = 0; c < model_.tables[t].columns.size(); ++c)
          simplify(t, r, c);
    return std::move(best_);
  }

 private:
  bool try_it(Database candidate) {
    if (tries_left_-- <= 0)
      return false;
    make_legal(model_, candidate);
    if (candidate.size() > best_.size() || !differs_(candidate))
      return false;
    best_ = std::move(candidate);
    return true;
  }

  void leave_out_rows(std::size_t t) {
    for (std::size_t piece = best_.rows[t].size(); piece > 0; piece /= 2)
      for (std::size_t from = 0; from < best_.rows[t].size() && tries_left_ > 0;) {
        auto candidate = best_;
        auto& rows = candidate.rows[t];
        const auto end = std::min(from + piece, rows.size());
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(from),
                   rows.begin() + static_cast<std::ptrdiff_t>(end));
        if (!try_it(std::move(candidate)))
          from += piece;
      }
  }

  void simplify(std::size_t t, std::size_t r, std::size_t c) {
    const auto& column = model_.tables[t].columns[c];
    if (column.generated || tries_left_ <= 0)
      return;
    Values simpler;
    if (!column.not_null)
      simpler.emplace_back();
    simpler.push_back(plain_values(column.kind, column.typed_date)[0]);
    for (const auto& value : simpler) {
      if (r >= best_.rows[t].size()) // the engine refused a row of the last candidate
        return;
      if (order_of(best_.rows[t][r][c], value) == 0)
        return;
      auto candidate = best_;
      candidate.rows[t][r][c] = value;
      const auto size = best_.size();
      make_legal(model_, candidate);
      if (candidate.size() == size && try_it(std::move(candidate)))
        return;
    }
  }

  const Model& model_;
  Database best_;
  const std::function<bool(Database&)>& differs_;
  int tries_left_;
};

} // namespace

Database shrink(const Model& model, Database database,
                const std::function<bool(Database&)>& differs, int tries_max) {
  return Shrinker(model, std::move(database), differs, tries_max).run();
}

} // namespace quill::judge::proof
