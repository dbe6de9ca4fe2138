// How a command ends badly: three-line errors, exit codes, broken invariants, expected failures.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace quill {

/// Process exit codes (fixed: scripts rely on them).
enum class Exit {
  ok = 0,            ///< done
  negative = 1,      ///< done, with a negative or partial answer
  usage = 2,         ///< usage, configuration or a bad input file
  outside = 3,       ///< an outside service refused (model API, database server)
  budget = 4,        ///< a budget was reached
  storage = 5,       ///< storage failed
  bug = 70,          ///< a bug in Quill
  interrupted = 130, ///< SIGINT after a clean save
  terminated = 143,  ///< SIGTERM after a clean save
};

/// The three lines every error shows: what went wrong, where, how to mend it.
struct ErrorText {
  std::string what;
  std::string where;
  std::string fix;
};

/// Ends a command. Thrown anywhere, caught in main (and at thread ends), never swallowed.
class Error : public std::exception {
 public:
  Error(Exit exit, ErrorText text);

  [[nodiscard]] Exit exit() const noexcept { return exit_; }
  [[nodiscard]] const ErrorText& text() const noexcept { return text_; }

  /// The line `error: <what>`; format() gives all three.
  [[nodiscard]] const char* what() const noexcept override { return text_.what.c_str(); }

  /// Three lines: "error: …\n  where: …\n  fix:   …\n" (an empty where or fix leaves its line out).
  [[nodiscard]] std::string format() const;

 private:
  Exit exit_;
  ErrorText text_;
};

/// A broken invariant: a defect in Quill, exit 70, never reachable by input.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void raise_bug(const char* condition, const char* file, int line,
                            std::string_view message);

#define QUILL_CHECK(condition, message)                                                            \
  do {                                                                                             \
    if (!(condition))                                                                              \
      ::quill::raise_bug(#condition, __FILE__, __LINE__, (message));                               \
  } while (false)

/// An expected outcome that is not a value (a refused statement, a server that is down).
struct Failure {
  std::string what;
};

/// A value or a failure; the reader must look. (g++ 12 has no std::expected under C++20.)
template <class T, class F = Failure> class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {} // NOLINT: implicit on purpose
  Result(F failure)
      : state_(std::in_place_index<1>, std::move(failure)) {} // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] const T& value() const& {
    QUILL_CHECK(ok(), "value() of a failed Result");
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    QUILL_CHECK(ok(), "value() of a failed Result");
    return std::get<0>(std::move(state_));
  }
  [[nodiscard]] const F& failure() const {
    QUILL_CHECK(!ok(), "failure() of a good Result");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, F> state_;
};

/// The candidate nearest to `word` by edit distance, or "" when none is near (distance > 1 +
/// size/3).
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& candidates);

} // namespace quill
