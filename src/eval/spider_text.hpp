// What Spider's execution scorer does to the text of a query before it runs it.
#pragma once

#include <string>
#include <string_view>

namespace quill::eval {

/// A prediction with "value", the placeholder of models that predict none, replaced by 1. Wherever
/// it stands, in names too: the official script does so, and its scores contain it.
[[nodiscard]] std::string with_placeholders_filled(std::string_view predicted);

/// "> =", "< =" and "! =" put together; YEAR(CURDATE()) as 2020.
[[nodiscard]] std::string as_executed(std::string_view query);

/// The first statement without its DISTINCT words, inside aggregates too. Strings, quoted names and
/// comments stay. (parse.py, remove_distinct)
[[nodiscard]] std::string without_distinct(std::string_view query);

/// Does the order of rows count? It does when the gold text holds "order by" anywhere, also inside
/// a subquery; with two blanks between the words it does not.
[[nodiscard]] bool order_matters(std::string_view gold);

/// Nothing to run: blanks and comments. Python gives no rows and no error for it.
[[nodiscard]] bool is_blank(std::string_view query);
/// Does it hold ?, :name or the like? Python refuses to run it without values.
[[nodiscard]] bool has_parameters(std::string_view query);

} // namespace quill::eval
