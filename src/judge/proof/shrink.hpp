// The smallest database that still tells two queries apart: delta debugging over rows, then cells.
#pragma once

#include <functional>

#include "judge/proof/model.hpp"

namespace quill::judge::proof {

/// `differs` loads a database (and may take rows out of it that the engine refuses). At most
/// `tries_max` databases are tried; what is returned differs, as `database` does.
[[nodiscard]] Database shrink(const Model& model, Database database,
                              const std::function<bool(Database&)>& differs, int tries_max);

} // namespace quill::judge::proof
