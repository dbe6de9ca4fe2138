#include "loop/judging.hpp"

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/log.hpp"

namespace quill::loop {

namespace {

constexpr int kAttempts = 2;
constexpr int kDroppedInARowMax = 3;

} // namespace

PatientJudge::PatientJudge(JudgeFunction judge, const Cancel& cancel)
    : judge_(std::move(judge)), cancel_(cancel) {}

std::optional<judge::Verdict> PatientJudge::evaluate(const sql::Pair& pair, std::string_view type,
                                                     std::string_view database) {
  for (int attempt = 1; !cancel_.requested(); ++attempt) {
    try {
      judge::Verdict verdict = judge_(pair, type, database);
      dropped_in_a_row_ = 0;
      return verdict;
    } catch (const Error& error) {
      if (error.exit() == Exit::storage)
        throw;
      log_warn(fmt::format("the judge failed on \"{}\" (attempt {}): {}", pair.id, attempt,
                           error.text().what));
      if (attempt < kAttempts || cancel_.requested())
        continue;
      if (++dropped_in_a_row_ >= kDroppedInARowMax)
        throw;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

} // namespace quill::loop
