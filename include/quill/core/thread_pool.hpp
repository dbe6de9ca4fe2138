// A fixed set of threads that run tasks in the order they were given.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace quill {

class ThreadPool {
 public:
  /// `threads` >= 1. \throws Error{usage} when the machine does not allow as many
  explicit ThreadPool(std::size_t threads);
  /// Finishes the queued tasks, then joins.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// An exception of `task` comes out of the future.
  template <class Task>
  [[nodiscard]] auto submit(Task task) -> std::future<std::invoke_result_t<Task>> {
    auto packaged =
        std::make_shared<std::packaged_task<std::invoke_result_t<Task>()>>(std::move(task));
    auto future = packaged->get_future();
    push([packaged] { (*packaged)(); });
    return future;
  }

 private:
  void push(std::function<void()> task);
  void work();
  void close();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

} // namespace quill
