// --set key=value: any setting of a command by its key.
#pragma once

#include "cli/arguments.hpp"

namespace quill::cli {

/// Each `--set key=value` as the flag of that key, where it stood. \throws Error{usage} for one
/// that is no key=value, and for a key that `own` has not, naming the nearest
[[nodiscard]] Arguments with_set_options(Arguments arguments, const FieldList& own);

} // namespace quill::cli
