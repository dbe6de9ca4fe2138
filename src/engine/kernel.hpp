// What this kernel offers to lock a process in, by asking it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quill::engine {

/// struct landlock_ruleset_attr of later kernels; older ones take a shorter one.
struct LandlockRules {
  std::uint64_t files = 0;
  std::uint64_t network = 0; ///< since ABI 4
  std::uint64_t scope = 0;   ///< since ABI 6: abstract sockets, signals
};

/// 0 when the kernel has no Landlock, or it is switched off.
[[nodiscard]] int landlock_abi();
[[nodiscard]] LandlockRules all_landlock_rights(int abi);
/// Bytes of LandlockRules that this ABI knows.
[[nodiscard]] std::size_t landlock_rules_size(int abi);
[[nodiscard]] bool has_seccomp();

} // namespace quill::engine
