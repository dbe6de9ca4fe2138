// Values worth trying: those near a constant, those that tell text, dates and numbers apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/proof/model.hpp"
#include "quill/core/random.hpp"
#include "quill/engine/value.hpp"
#include "quill/sql/text.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge::proof {

using Values = std::vector<engine::Value>;

[[nodiscard]] std::optional<engine::Value> value_of_token(const sql::Token& token);
[[nodiscard]] std::optional<engine::Value> value_of_literal(const sql::Literal& literal);
[[nodiscard]] std::optional<double> number_of(const engine::Value& value);
[[nodiscard]] bool is_null(const engine::Value& value);
/// "2024-02-29", with or without a time of day?
[[nodiscard]] bool is_date_text(std::string_view text);

/// As a column of this kind would hold it; nullopt when it would not.
[[nodiscard]] std::optional<engine::Value> as_kind(const engine::Value& value, Kind kind,
                                                   bool typed_date);
/// At, just below and just above; for text: other case, blanks, prefixes; for dates: the days
/// around, with and without a time, the ends of month and year.
[[nodiscard]] Values near(const engine::Value& value, Kind kind, bool typed_date);
[[nodiscard]] Values just_above(const engine::Value& value, Kind kind, bool typed_date);
[[nodiscard]] Values just_below(const engine::Value& value, Kind kind, bool typed_date);
/// Small values of a kind when nothing is known.
[[nodiscard]] const Values& plain_values(Kind kind, bool typed_date);
/// Text that a LIKE (or GLOB) pattern takes, and text that it just does not.
[[nodiscard]] Values matching(std::string_view pattern, bool glob, Rng& rng);
[[nodiscard]] Values almost_matching(std::string_view pattern, bool glob, Rng& rng);

/// Days since 1970-01-01 of the date at the start of `text`, and back.
[[nodiscard]] std::optional<long> day_number(std::string_view text);
[[nodiscard]] std::string day_text(long day);

} // namespace quill::judge::proof
