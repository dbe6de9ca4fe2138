// Two writable connections on the same rows: one visits them as they lie, one in reverse.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/protocol.hpp"
#include "engine/worker/connection.hpp"
#include "engine/worker/image.hpp"

namespace quill::engine {

/// Room for rows behind each copy of the image; pages that are not touched cost nothing.
inline constexpr std::size_t kScratchRoomBytes = 24U << 20U;

/// One connection whose rows can be replaced, with its statements prepared.
class Scratchpad {
 public:
  /// \throws std::bad_alloc
  Scratchpad(const Image& image, bool reversed);

  [[nodiscard]] Connection& connection() noexcept { return *connection_; }
  Loaded load(const std::vector<TableRows>& tables);
  /// Each statement passes the gate of CREATE INDEX; what was built before is dropped.
  IndexBuild build(const IndexRequest& request);
  Sample hash(const std::string& sql, const Limits& limits, std::string_view secret);

 private:
  std::string load_table(const TableRows& table, std::vector<std::uint8_t>& kept);
  StatementHandle own(const std::string& sql);
  Prepared& prepared(const std::string& sql);

  std::unique_ptr<Connection> connection_;
  std::vector<std::string> built_;                       ///< names of indexes
  std::unordered_map<std::string, Prepared> statements_; ///< declared last: freed first
};

} // namespace quill::engine
