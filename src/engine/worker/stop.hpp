// The parent's wish that the statement in flight shall end. It comes as a signal of the socket.
#pragma once

namespace quill::engine {

void request_stop() noexcept;
void clear_stop() noexcept;
[[nodiscard]] bool stop_is_requested() noexcept;
/// Called from the signal handler as well, for engines that are interrupted by a call. Null: none.
void call_on_stop(void (*action)()) noexcept;

} // namespace quill::engine
