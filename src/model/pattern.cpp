#include "model/pattern.hpp"

#include <fmt/format.h>

#include "model/refuse.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace quill::model {

namespace {

constexpr std::uint32_t kStepsMax = 10'000'000; // backtracking within one match
constexpr std::uint32_t kHeapKilobytesMax = 64U << 10U;

/// PCRE2's \s has U+180E, which left White_Space in Unicode 6.3. Inside and outside of classes the
/// list below says what Oniguruma's \s says. \S stands outside of classes only.
std::string with_unicode_spaces(std::string_view expression) {
  constexpr std::string_view kWhiteSpace = R"(\t-\r\x{85}\p{Z})";
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    const char next = i + 1 < expression.size() ? expression[i + 1] : '\0';
    if (c == '\\' && (next == 's' || next == 'S')) {
      const std::string_view open = next == 'S' ? "[^" : "[";
      out += in_class ? std::string(kWhiteSpace) : fmt::format("{}{}]", open, kWhiteSpace);
      ++i;
      continue;
    }
    in_class = c == '[' || (in_class && c != ']');
    out += c;
    if (c == '\\' && next != '\0')
      out += expression[++i];
  }
  return out;
}

std::string message_of(int code) {
  unsigned char text[256] = {};
  ::pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

} // namespace

struct Pattern::Code {
  explicit Code(pcre2_code* compiled)
      : code(compiled), context(::pcre2_match_context_create(nullptr)) {
    ::pcre2_set_match_limit(context, kStepsMax);
    ::pcre2_set_heap_limit(context, kHeapKilobytesMax);
  }
  ~Code() {
    ::pcre2_match_context_free(context);
    ::pcre2_code_free(code);
  }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  pcre2_code* code;
  pcre2_match_context* context;
};

Pattern::Pattern(std::string_view expression) {
  const std::string text = with_unicode_spaces(expression);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled = ::pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                         PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
  QUILL_CHECK(compiled != nullptr, message_of(error));
  ::pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); // interpreted where there is no JIT
  code_ = std::make_shared<const Code>(compiled);
}

struct Pattern::Matcher::Scratch {
  explicit Scratch(const Code& pattern)
      : data(::pcre2_match_data_create_from_pattern(pattern.code, nullptr)) {}
  ~Scratch() { ::pcre2_match_data_free(data); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  pcre2_match_data* data;
};

Pattern::Matcher::Matcher(const Pattern& pattern, std::string_view text)
    : pattern_(pattern), text_(text), scratch_(std::make_unique<Scratch>(*pattern.code_)) {}

Pattern::Matcher::~Matcher() = default;

int Pattern::Matcher::match() {
  const auto run = [&](std::uint32_t options) {
    return ::pcre2_match(pattern_.code_->code, reinterpret_cast<PCRE2_SPTR>(text_.data()),
                         text_.size(), from_, PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY | options,
                         scratch_->data, pattern_.code_->context);
  };
  const int count = run(0);
  return count == PCRE2_ERROR_JIT_STACKLIMIT ? run(PCRE2_NO_JIT) : count;
}

bool Pattern::Matcher::next(std::size_t& begin, std::size_t& end) {
  if (from_ >= text_.size())
    return false;
  const int count = match();
  if (count == PCRE2_ERROR_NOMATCH)
    return false;
  if (count < 0)
    refuse(fmt::format("the pattern cannot split this text: {}", message_of(count)), "the text",
           "shorten it");
  const PCRE2_SIZE* ends = ::pcre2_get_ovector_pointer(scratch_->data);
  begin = ends[0];
  end = from_ = ends[1];
  return true;
}

} // namespace quill::model
