// The error of every parser in this room.
#pragma once

#include <string>

#include "quill/core/error.hpp"

namespace quill::model {

/// \throws Error{usage}: a bad input file or setting
[[noreturn]] inline void refuse(std::string what, std::string where, std::string fix) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = std::move(where), .fix = std::move(fix)}};
}

} // namespace quill::model
