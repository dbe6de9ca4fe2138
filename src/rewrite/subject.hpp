// Subjects that carry on what is already known, for rules applied one after another.
#pragma once

#include "quill/rewrite/rule.hpp"

namespace quill::rewrite {

[[nodiscard]] Subject make_subject_knowing(std::string_view statement, engine::Session& session,
                                           sql::Needs needs, Facts known);

} // namespace quill::rewrite
