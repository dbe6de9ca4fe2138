// From the threads that read and write to the one that owns the connections.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace quill::serve {

/// Letters are called by the thread that empties the box, in the order they were put in. `fd()` can
/// be waited on for reading: it is readable while there are letters.
class Mailbox {
 public:
  using Letter = std::function<void()>;
  /// \throws Error{storage} when the system gives no descriptor
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void put(Letter letter); ///< from any thread
  void empty();            ///< calls what is there now
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_ = -1; ///< an eventfd
  std::mutex mutex_;
  std::vector<Letter> letters_;
};

} // namespace quill::serve
