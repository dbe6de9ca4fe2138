// Spider's official parser of queries, its quirks included.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eval/spider_query.hpp"
#include "quill/core/error.hpp"
#include "quill/sql/schema.hpp"

namespace quill::eval {

/// Tables and columns in lower case, as the official parser knows them.
class SpiderSchema {
 public:
  explicit SpiderSchema(const sql::Schema& schema);

  [[nodiscard]] const std::vector<std::string>& tables() const { return tables_; }
  [[nodiscard]] bool has_column(const std::string& table, const std::string& column) const;
  /// "singer.name" → "__singer.name__", "singer" → "__singer__", "*" → "__all__"; null when
  /// unknown.
  [[nodiscard]] const std::string* identifier(const std::string& name) const;
  /// Identifiers of the columns of a table that is named by its identifier.
  [[nodiscard]] std::vector<std::string> columns_of(const std::string& table_identifier) const;

 private:
  std::vector<std::string> tables_;
  std::map<std::string, std::vector<std::string>> columns_;
  std::map<std::string, std::string> identifiers_;
};

/// process_sql.py's get_sql(). It reads less than SQL (no IN lists, no CASE, no LEFT JOIN, no alias
/// without AS) and minds less (text behind what it read is ignored, ORs behind a column on the
/// right side of a comparison are lost). What it cannot read is a failure; Spider then compares
/// with an empty query. Queries nested deeper than 100 levels are failures too.
[[nodiscard]] Result<SpiderQuery> parse_spider(std::string_view query, const SpiderSchema& schema);

} // namespace quill::eval
