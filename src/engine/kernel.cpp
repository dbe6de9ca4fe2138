#include "engine/kernel.hpp"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace quill::engine {

int landlock_abi() {
  constexpr unsigned kAskVersion = 1;
  const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

LandlockRules all_landlock_rights(int abi) {
  // Numbers of rights by ABI (https://docs.kernel.org/userspace-api/landlock.html): 13 at first,
  // refer, truncate, then ioctl on devices.
  const int files = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
  LandlockRules rules;
  rules.files = (std::uint64_t{1} << static_cast<unsigned>(files)) - 1;
  if (abi >= 4)
    rules.network = 3; // bind, connect
  if (abi >= 6)
    rules.scope = 3; // abstract Unix sockets, signals
  return rules;
}

std::size_t landlock_rules_size(int abi) {
  return sizeof(std::uint64_t) * (abi >= 6 ? 3U : abi >= 4 ? 2U : 1U);
}

bool has_seccomp() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

} // namespace quill::engine
