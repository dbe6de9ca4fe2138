// OVER and WINDOW of a parse tree.
#include <array>
#include <utility>

#include <fmt/format.h>

#include "quill/sql/parse.hpp"
#include "sql/converter.hpp"

namespace quill::sql {
namespace {

// PostgreSQL's FRAMEOPTION_* (nodes/parsenodes.h).
enum FrameOption : std::size_t {
  kNonDefault = 0x1,
  kRange = 0x2,
  kRows = 0x4,
  kGroups = 0x8,
  kBetween = 0x10,
  kStartUnboundedPreceding = 0x20,
  kEndUnboundedPreceding = 0x40,
  kStartUnboundedFollowing = 0x80,
  kEndUnboundedFollowing = 0x100,
  kStartCurrentRow = 0x200,
  kEndCurrentRow = 0x400,
  kStartOffsetPreceding = 0x800,
  kEndOffsetPreceding = 0x1000,
  kStartOffsetFollowing = 0x2000,
  kEndOffsetFollowing = 0x4000,
  kExcludeCurrentRow = 0x8000,
  kExcludeGroup = 0x10000,
  kExcludeTies = 0x20000,
};
constexpr std::size_t kAllOptions = 0x3FFFF;

struct Word {
  std::size_t option;
  const char* text;
};

template <std::size_t N> std::string one_of(std::size_t options, const std::array<Word, N>& words) {
  for (const auto& word : words)
    if (options & word.option)
      return word.text;
  return {};
}

std::string required(std::string text) {
  if (text.empty())
    throw Refusal{"a window frame of unusual form"};
  return text;
}

void replace(std::string& text, const std::string& mark, const std::string& with) {
  if (const auto at = text.find(mark); at != std::string::npos)
    text.replace(at, mark.size(), with);
}

} // namespace

std::string frame_text(std::size_t options) {
  static constexpr std::array<Word, 3> kUnits{
      {{kRange, "RANGE"}, {kRows, "ROWS"}, {kGroups, "GROUPS"}}};
  static constexpr std::array<Word, 5> kStarts{{{kStartUnboundedPreceding, "UNBOUNDED PRECEDING"},
                                                {kStartUnboundedFollowing, "UNBOUNDED FOLLOWING"},
                                                {kStartCurrentRow, "CURRENT ROW"},
                                                {kStartOffsetPreceding, "{start} PRECEDING"},
                                                {kStartOffsetFollowing, "{start} FOLLOWING"}}};
  static constexpr std::array<Word, 5> kEnds{{{kEndUnboundedPreceding, "UNBOUNDED PRECEDING"},
                                              {kEndUnboundedFollowing, "UNBOUNDED FOLLOWING"},
                                              {kEndCurrentRow, "CURRENT ROW"},
                                              {kEndOffsetPreceding, "{end} PRECEDING"},
                                              {kEndOffsetFollowing, "{end} FOLLOWING"}}};
  static constexpr std::array<Word, 3> kExcludes{{{kExcludeCurrentRow, " EXCLUDE CURRENT ROW"},
                                                  {kExcludeGroup, " EXCLUDE GROUP"},
                                                  {kExcludeTies, " EXCLUDE TIES"}}};
  if ((options & kNonDefault) == 0)
    return {};
  if (options & ~kAllOptions)
    throw Refusal{fmt::format("window frame {:#x} is not understood", options)};
  return fmt::format("{} BETWEEN {} AND {}{}", required(one_of(options, kUnits)),
                     required(one_of(options, kStarts)), required(one_of(options, kEnds)),
                     one_of(options, kExcludes));
}

std::unique_ptr<Window> Converter::over(const Json* node) {
  if (!node)
    return nullptr;
  const Fields fields(*node, "WindowDef",
                      {"name", "refname", "partitionClause", "orderClause", "frameOptions",
                       "startOffset", "endOffset", "location"});
  auto result = std::make_unique<Window>(window(fields));
  if (fields.find("name"))
    result->base = name(fields.text("name"));
  return result;
}

Window Converter::window(const Fields& fields) {
  Window result;
  if (fields.find("refname"))
    result.base = name(fields.text("refname"));
  result.partition_by = exprs(fields.list("partitionClause"));
  result.order_by = order(fields.list("orderClause"));
  result.frame = frame_text(fields.number("frameOptions"));
  const auto start = expr_or_null(fields.find("startOffset"));
  const auto end = expr_or_null(fields.find("endOffset"));
  if (end)
    replace(result.frame, "{end}", print(*end, spelled_.dialect));
  if (start)
    replace(result.frame, "{start}", print(*start, spelled_.dialect));
  return result;
}

} // namespace quill::sql
