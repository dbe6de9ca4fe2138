// Members of a JSON parse node: each must be asked for, so that nothing is dropped unseen.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "quill/core/json.hpp"

namespace quill::sql {

class Fields {
 public:
  /// `node` must outlive this. \throws Refusal naming a member that is not in `known`
  Fields(const Json& node, std::string_view kind, std::initializer_list<std::string_view> known);

  [[nodiscard]] const Json* find(std::string_view key) const; ///< null when absent
  /// \throws Refusal when absent or of another type
  [[nodiscard]] const Json& at(std::string_view key) const;
  [[nodiscard]] const Json& list(std::string_view key) const;   ///< an empty array when absent
  [[nodiscard]] std::string text(std::string_view key) const;   ///< "" when absent
  [[nodiscard]] bool flag(std::string_view key) const;          ///< false when absent
  [[nodiscard]] std::size_t number(std::string_view key) const; ///< 0 when absent

 private:
  const Json& node_;
  std::string_view kind_;
};

/// The kind and content of {"ColumnRef": {…}}. \throws Refusal
struct NodeView {
  std::string_view kind;
  const Json& content;
};
[[nodiscard]] NodeView view(const Json& node);
/// The content of {"String": {"sval": "n1"}}. \throws Refusal
[[nodiscard]] std::string string_of(const Json& node);

} // namespace quill::sql
