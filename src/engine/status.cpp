#include "quill/engine/session.hpp"

namespace quill::engine {

std::string_view to_string(Status status) {
  switch (status) {
  case Status::ok:
    return "ok";
  case Status::blocked:
    return "blocked";
  case Status::error:
    return "error";
  case Status::timeout:
    return "timeout";
  case Status::memory_limit:
    return "memory-limit";
  case Status::row_limit:
    return "row-limit";
  }
  return "error";
}

std::string_view to_string(Cause cause) {
  switch (cause) {
  case Cause::none:
    return "";
  case Cause::syntax:
    return "syntax";
  case Cause::unknown_name:
    return "unknown_name";
  case Cause::forbidden:
    return "forbidden";
  case Cause::multiple:
    return "multiple";
  }
  return "";
}

} // namespace quill::engine
