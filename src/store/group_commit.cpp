#include "store/group_commit.hpp"

#include "quill/core/error.hpp"

namespace quill::store {

/// The first who comes commits for all who came meanwhile.
void GroupCommit::commit(const std::function<void()>& write) {
  Waiting mine{.write = write};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  committed_.wait(lock, [&] { return mine.done || !someone_commits_; });
  if (!mine.done) {
    someone_commits_ = true;
    const std::vector<Waiting*> group = std::exchange(waiting_, {});
    lock.unlock();
    commit_all(group);
    lock.lock();
    someone_commits_ = false;
    for (Waiting* waiting : group)
      waiting->done = true;
    committed_.notify_all();
  }
  if (mine.failure)
    std::rethrow_exception(mine.failure);
}

void GroupCommit::commit_all(const std::vector<Waiting*>& group) {
  const std::lock_guard lock(connection_mutex_);
  std::exception_ptr failure = broken_;
  try {
    if (!failure) {
      Transaction transaction(connection_);
      for (const Waiting* waiting : group)
        waiting->write();
      transaction.commit();
    }
  } catch (const Error& error) {
    failure = std::current_exception();
    if (error.exit() == Exit::storage)
      broken_ = failure;
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  for (Waiting* waiting : group)
    waiting->failure = failure;
}

} // namespace quill::store
