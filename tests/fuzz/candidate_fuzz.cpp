// Any bytes a model may answer give a candidate or a failure with words: no crash, no endless work.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "quill/task/candidate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto found =
      quill::task::extract_candidate(std::string_view(reinterpret_cast<const char*>(bytes), size));
  if (!found) {
    if (found.failure().what.empty())
      std::abort();
    return 0;
  }
  const quill::task::Candidate& candidate = found.value();
  if (candidate.after.empty() && candidate.indexes.empty())
    std::abort();
  if (candidate.indexes.size() > 16 || candidate.explanation.size() > 4'000)
    std::abort();
  return 0;
}
