#include "quill/core/json.hpp"

#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "core/json_reader.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"

namespace quill {

namespace {

[[noreturn]] void refuse_document(std::string_view where, std::size_t line, std::size_t column,
                                  const std::string& reason) {
  throw Error{Exit::usage,
              {.what = fmt::format("not valid JSON: {}", reason),
               .where = fmt::format("{}:{}:{}", where, line, column),
               .fix = "correct the text there and run the command again"}};
}

/// `first_line`: the number of the text's first line in the file it comes from.
Json parse_from_line(std::string_view text, std::string_view where, std::size_t first_line,
                     int depth_max) {
  std::size_t bytes_read = 0;
  json_reader::Builder builder(bytes_read, depth_max);
  const json_reader::CountingIterator first(text.data(), &bytes_read);
  const json_reader::CountingIterator last(text.data() + text.size(), &bytes_read);
  if (!Json::sax_parse(first, last, &builder)) {
    const auto [line, column] = text::line_and_column(text, builder.defect().offset);
    refuse_document(where, first_line + line - 1, column, builder.defect().what);
  }
  return builder.take();
}

} // namespace

Json parse_json(std::string_view text, std::string_view where, int depth_max) {
  return parse_from_line(text, where, 1, depth_max);
}

std::string dump_json(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

namespace {

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

FilePointer open_for_reading(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  FilePointer file(folder ? nullptr : std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr)
    throw Error{Exit::usage,
                {.what = fmt::format("cannot read the file: {}",
                                     folder ? "it is a folder" : std::strerror(errno)),
                 .where = path.string(),
                 .fix = "check the path and its permissions"}};
  return file;
}

[[noreturn]] void refuse_long_line(const std::filesystem::path& path, std::size_t number,
                                   std::size_t line_bytes_max) {
  throw Error{Exit::usage,
              {.what = fmt::format("line longer than {} bytes", line_bytes_max),
               .where = fmt::format("{}:{}", path.string(), number),
               .fix = "a JSONL file holds one document a line; is this one JSON document?"}};
}

/// Lines of a stream, one at a time, never more than the cap in memory.
class LineReader {
 public:
  LineReader(const std::filesystem::path& path, std::size_t line_bytes_max)
      : path_(path), file_(open_for_reading(path)), line_bytes_max_(line_bytes_max) {}

  /// The next line without its newline into `line`; false at the end.
  bool next(std::string& line) {
    line.clear();
    ++number_;
    for (;;) {
      if (at_ == size_ && !fill())
        return !line.empty();
      const auto* start = buffer_ + at_;
      const auto* end = static_cast<const char*>(std::memchr(start, '\n', size_ - at_));
      const std::size_t size = end == nullptr ? size_ - at_ : static_cast<std::size_t>(end - start);
      if (line.size() + size > line_bytes_max_)
        refuse_long_line(path_, number_, line_bytes_max_);
      line.append(start, size);
      at_ += size;
      if (end != nullptr) {
        ++at_;
        return true;
      }
    }
  }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

 private:
  bool fill() {
    at_ = 0;
    size_ = std::fread(buffer_, 1, sizeof buffer_, file_.get());
    if (size_ == 0 && std::ferror(file_.get()) != 0)
      throw Error{Exit::usage,
                  {.what = fmt::format("cannot read the file: {}", std::strerror(errno)),
                   .where = fmt::format("{}:{}", path_.string(), number_),
                   .fix = "check the disk"}};
    return size_ > 0;
  }

  const std::filesystem::path& path_;
  FilePointer file_;
  std::size_t line_bytes_max_;
  std::size_t number_ = 0;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  char buffer_[1U << 16U];
};

} // namespace

void read_jsonl(const std::filesystem::path& path,
                const std::function<void(const Json&, std::size_t)>& line,
                std::size_t line_bytes_max) {
  const auto reader = std::make_unique<LineReader>(path, line_bytes_max);
  std::string text;
  while (reader->next(text))
    if (!text::trimmed(text).empty())
      line(parse_from_line(text, path.string(), reader->number(), kJsonDepthMax), reader->number());
}

} // namespace quill
