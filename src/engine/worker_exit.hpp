// What quill and quill-worker agree on at start and end of a worker.
#pragma once

namespace quill::engine {

inline constexpr int kWorkerSocket = 3; ///< the worker's one descriptor besides 0, 1, 2
inline constexpr int kExitOutOfMemory = 71;

} // namespace quill::engine
