// Writes of many threads, made durable together: a disk syncs as fast for ten as for one.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "store/sqlite.hpp"

namespace quill::store {

/// Guards one connection. Thread-safe.
class GroupCommit {
 public:
  /// `connection` must outlive it.
  explicit GroupCommit(Connection& connection) : connection_(connection) {}

  /// Runs `write` inside a transaction and returns when that is durable. Writes that wait at the
  /// same time share one. \throws what `write` or the disk threw, to all who shared it; after a
  /// storage failure every later write throws that again: pages a failed sync left behind may look
  /// clean, so trying on would be lying.
  void commit(const std::function<void()>& write);

  /// `read` sees only what is committed.
  template <class Read> auto read(const Read& read) {
    const std::lock_guard lock(connection_mutex_);
    return read();
  }

 private:
  struct Waiting {
    const std::function<void()>& write;
    std::exception_ptr failure = nullptr;
    bool done = false;
  };

  void commit_all(const std::vector<Waiting*>& group);

  Connection& connection_;
  std::mutex connection_mutex_; ///< held while somebody uses the connection
  std::exception_ptr broken_;   ///< guarded by connection_mutex_

  std::mutex mutex_;
  std::condition_variable committed_;
  std::vector<Waiting*> waiting_;
  bool someone_commits_ = false;
};

} // namespace quill::store
