#include "serve/mailbox.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/eventfd.h>
#include <unistd.h>

#include "quill/core/error.hpp"

namespace quill::serve {

Mailbox::Mailbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0)
    throw Error{
        Exit::storage,
        {.what = std::string("no descriptor to wake the server with: ") + std::strerror(errno),
         .where = "serve",
         .fix = "raise the limit on open files (ulimit -n)"}};
}

Mailbox::~Mailbox() {
  ::close(fd_);
}

void Mailbox::put(Letter letter) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = letters_.empty();
    letters_.push_back(std::move(letter));
  }
  const std::uint64_t one = 1;
  if (first) // a full counter is readable too: nothing is lost when this does not write
    (void)!::write(fd_, &one, sizeof one);
}

void Mailbox::empty() {
  std::uint64_t count = 0;
  (void)!::read(fd_, &count, sizeof count);
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (const Letter& letter : letters)
    letter();
}

} // namespace quill::serve
