// A database described as JSON, and made from it: the same seed gives the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill {
class Cancel;
class Progress;
} // namespace quill

namespace quill::engine {

/// Parsed and checked; see docs/blueprints.md for the format.
class Blueprint {
 public:
  /// \throws Error{usage} naming the key that is wrong.
  static Blueprint parse(std::string_view json_text, std::string_view where);
  /// A shipped one by name ("shop"), or a file by path.
  static Blueprint load(const std::string& name_or_path);
  /// Names of the shipped ones, sorted.
  static std::vector<std::string> shipped();

  Blueprint(Blueprint&&) noexcept;
  Blueprint& operator=(Blueprint&&) noexcept;
  ~Blueprint();

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const std::string& summary() const;
  [[nodiscard]] bool held_out() const; ///< kept for evaluation, never trained on
  /// CREATE TABLE statements, in creation order.
  [[nodiscard]] std::string ddl() const;
  /// Sizes by table, to be changed before build ("users" → 10000). \throws Error{usage} on an
  /// unknown table
  void resize(std::string_view table, std::int64_t rows);
  [[nodiscard]] std::map<std::string, std::int64_t> sizes() const;

  struct Model; ///< in src/engine/blueprint_model.hpp
  [[nodiscard]] const Model& model() const { return *model_; }

 private:
  explicit Blueprint(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

struct SeedReport {
  std::filesystem::path path;
  std::map<std::string, std::int64_t> rows; ///< by table
  std::int64_t bytes = 0;
  double elapsed_ms = 0;
  std::string sha256;
};

/// Writes the database to `out` (temporary file beside it, renamed last; its folder is made).
/// Memory stays bounded whatever the size. The same blueprint, sizes and seed give the same bytes;
/// only the four bytes that SQLite stamps with its own version may differ between its versions.
/// `progress` counts rows. On any failure nothing is left behind.
/// \throws Error{storage} (disk full, read-only folder), Error{usage} (the file is there, a table
/// needs parents that have no rows), Error{interrupted | terminated}
SeedReport build_database(const Blueprint& blueprint, std::uint64_t seed,
                          const std::filesystem::path& out, bool overwrite, const Cancel& cancel,
                          Progress* progress = nullptr);

} // namespace quill::engine
