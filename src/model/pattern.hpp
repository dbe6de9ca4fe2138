// The regular expression that splits text into words before BPE.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace quill::model {

/// A PCRE2 pattern over UTF-8, with \s as Unicode's White_Space. Thread-safe.
class Pattern {
 public:
  /// `expression` is one of this room's own: it must compile.
  explicit Pattern(std::string_view expression);

  /// Calls `piece` for every match and for what lies between matches, in order; together they are
  /// `text`, which must be valid UTF-8. \throws Error{usage} when a match takes too long
  template <class Piece> void split(std::string_view text, Piece piece) const {
    Matcher matcher(*this, text);
    std::size_t at = 0;
    for (std::size_t begin = 0, end = 0; matcher.next(begin, end); at = end) {
      if (begin > at)
        piece(text.substr(at, begin - at));
      piece(text.substr(begin, end - begin));
    }
    if (at < text.size())
      piece(text.substr(at));
  }

 private:
  struct Code;

  class Matcher {
   public:
    Matcher(const Pattern& pattern, std::string_view text);
    ~Matcher();
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;
    /// The next match that is not empty.
    bool next(std::size_t& begin, std::size_t& end);

   private:
    int match();

    const Pattern& pattern_;
    std::string_view text_;
    std::size_t from_ = 0;
    struct Scratch;
    std::unique_ptr<Scratch> scratch_;
  };

  std::shared_ptr<const Code> code_;
};

} // namespace quill::model
