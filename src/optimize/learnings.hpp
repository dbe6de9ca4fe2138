// What was learned on one query and may help with the next.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/optimize/optimizer.hpp"
#include "quill/sql/features.hpp"

namespace quill::optimize {

/// One query's lesson.
struct Learning {
  std::string at;     ///< UTC
  std::string query;  ///< name
  std::string engine; ///< "sqlite": without a version
  std::vector<double> shape;
  std::vector<std::string> lessons; ///< sentences
};

/// Of an answer: what paid and how much, what hurt, what was refused and why.
[[nodiscard]] Learning learning_of(const Answer& answer, std::string_view engine,
                                   const sql::Features& shape, std::string at);

/// The journal, a JSON file. Two processes may add to it at once.
class Journal {
 public:
  /// `file` need not be there. "" is a journal that keeps nothing.
  explicit Journal(std::filesystem::path file) : file_(std::move(file)) {}

  /// Lessons of the queries on `engine` that are most alike in shape, as lines; at most three
  /// queries, none of the name `query`: an answer is not to be shown its own past.
  /// \throws Error{usage} when the file is no journal
  [[nodiscard]] std::string lessons_for(std::string_view query, std::string_view engine,
                                        const sql::Features& shape) const;
  /// Replaces what was learned of the same query on the same engine. \throws Error{storage, usage}
  void add(const Learning& learning) const { add_all({learning}); }
  void add_all(const std::vector<Learning>& learnings) const;
  [[nodiscard]] std::vector<Learning> all() const; ///< the oldest first

 private:
  std::filesystem::path file_;
};

} // namespace quill::optimize
