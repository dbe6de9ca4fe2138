#include "cli/output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "quill/core/error.hpp"

namespace quill::cli {

namespace {

Json with_version(const Json& document) {
  if (!document.is_object() || document.contains("format_version"))
    return document;
  Json versioned = {{"format_version", kFormatVersion}};
  versioned.update(document);
  return versioned;
}

} // namespace

Output::Output(int descriptor, OutputFormat format, bool styled)
    : descriptor_(descriptor), format_(format), styled_(styled) {}

void Output::result(const Json& document, std::string_view table_text) {
  if (format_ == OutputFormat::table)
    return text(table_text);
  if (format_ == OutputFormat::json)
    return text(dump_json(with_version(document), 2) + "\n");
  if (!document.is_array())
    return json_line(document);
  for (const Json& element : document)
    json_line(element);
}

void Output::json_line(const Json& document) {
  text(dump_json(with_version(document)) + "\n");
}

void Output::text(std::string_view bytes) {
  while (!bytes.empty() && !closed_) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true; // `quill … | head`: the reader has what it wanted
    } else if (errno != EINTR) {
      throw Error{Exit::storage,
                  {.what = std::string("the result cannot be written: ") + std::strerror(errno),
                   .where = "standard output",
                   .fix = "make room, or send the output elsewhere"}};
    }
  }
}

} // namespace quill::cli
