#include "quill/engine/same_program.hpp"

namespace quill::engine {

bool same_program(Session& session, std::string_view one, std::string_view other) {
  if (session.engine() == Engine::sqlite) {
    const auto program = session.program(one);
    return !program.empty() && program == session.program(other);
  }
  const auto plan = session.plan(one);
  return plan.ok && plan.json == session.plan(other).json;
}

} // namespace quill::engine
