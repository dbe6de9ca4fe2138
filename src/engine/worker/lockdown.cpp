#include "engine/worker/lockdown.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "engine/kernel.hpp"

namespace quill::engine {
namespace {

void limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(resource, &both);
}

/// Nothing is written, no core dump holds a user's rows, no more descriptors than there are.
void lower_limits() {
  constexpr rlim_t kDescriptors = 8; // 0, 1, 2, the socket, the database file
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, kDescriptors);
  limit(RLIMIT_NPROC, 0);
  ::prctl(PR_SET_DUMPABLE, 0);
}

/// A ruleset that handles every right this kernel knows and grants none.
int forbid_files_and_network() {
  const int abi = landlock_abi();
  if (abi <= 0)
    return 0;
  const auto rules = all_landlock_rights(abi);
  const auto ruleset = ::syscall(SYS_landlock_create_ruleset, &rules, landlock_rules_size(abi), 0);
  if (ruleset < 0)
    return 0;
  const auto restricted = ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  ::close(static_cast<int>(ruleset));
  return restricted == 0 ? abi : 0;
}

#ifndef QUILL_SANITIZED

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kFirstForeignCall = 0x40000000; // x32 calls on x86-64
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kFirstForeignCall = 0xffffffff;
#else
constexpr std::uint32_t kArchitecture = 0; // unknown: no filter
constexpr std::uint32_t kFirstForeignCall = 0xffffffff;
#endif

/// Computing, memory, the clock, and reading and writing what is already open. mmap and mprotect
/// are allowed without PROT_EXEC, see below.
constexpr auto kCalls = std::to_array<int>({
    SYS_read,         SYS_write,        SYS_readv,           SYS_writev,
    SYS_pread64,      SYS_recvfrom,     SYS_sendto,          SYS_ppoll,
    SYS_close,        SYS_munmap,       SYS_mremap,          SYS_brk,
    SYS_madvise,      SYS_futex,        SYS_clock_gettime,   SYS_clock_getres,
    SYS_getrandom,    SYS_gettimeofday, SYS_rt_sigaction,    SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_sigaltstack,  SYS_setitimer,       SYS_getpid,
    SYS_gettid,       SYS_exit,         SYS_exit_group,      SYS_restart_syscall,
    SYS_sched_yield,  SYS_lseek,        SYS_clock_nanosleep,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_time
    SYS_time,
#endif
});
constexpr auto kCallsWithoutExec = std::to_array<int>({SYS_mmap, SYS_mprotect});

/// Builds a classic BPF program; jumps are relative to the next instruction.
class Filter {
 public:
  void load(std::size_t offset) {
    program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void result(std::uint32_t action) { program_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }
  /// If the loaded word equals `value`, run the next instruction, else jump over it.
  void unless_equal_skip(std::uint32_t value, std::uint8_t instructions) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, instructions));
  }
  void if_equal_skip(std::uint32_t value, std::uint8_t instructions) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, instructions, 0));
  }
  void unless_at_least_skip(std::uint32_t value, std::uint8_t instructions) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, instructions));
  }
  void unless_any_bit_skip(std::uint32_t bits, std::uint8_t instructions) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, instructions));
  }
  [[nodiscard]] bool install() {
    const sock_fprog program{static_cast<unsigned short>(program_.size()), program_.data()};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }

 private:
  std::vector<sock_filter> program_;
};

/// The process may signal itself (abort), nobody else.
void allow_abort(Filter& filter) {
  filter.unless_equal_skip(SYS_tgkill, 4);
  filter.load(offsetof(seccomp_data, args[0]));
  filter.unless_equal_skip(static_cast<std::uint32_t>(::getpid()), 1);
  filter.result(SECCOMP_RET_ALLOW);
  filter.result(SECCOMP_RET_ERRNO | EPERM);
}

void allow_without_exec(Filter& filter, int call) {
  filter.unless_equal_skip(static_cast<std::uint32_t>(call), 4);
  filter.load(offsetof(seccomp_data, args[2])); // protection
  filter.unless_any_bit_skip(PROT_EXEC, 1);
  filter.result(SECCOMP_RET_ERRNO | EPERM);
  filter.result(SECCOMP_RET_ALLOW);
}

/// An allow-list: what is not on it fails with EPERM, whatever it is.
bool forbid_system_calls() {
  if (kArchitecture == 0)
    return false;
  Filter filter;
  filter.load(offsetof(seccomp_data, arch));
  filter.if_equal_skip(kArchitecture, 1);
  filter.result(SECCOMP_RET_KILL_PROCESS);
  filter.load(offsetof(seccomp_data, nr));
  filter.unless_at_least_skip(kFirstForeignCall, 1);
  filter.result(SECCOMP_RET_KILL_PROCESS);
  for (const int call : kCalls) {
    filter.unless_equal_skip(static_cast<std::uint32_t>(call), 1);
    filter.result(SECCOMP_RET_ALLOW);
  }
  for (const int call : kCallsWithoutExec)
    allow_without_exec(filter, call);
  allow_abort(filter);
  filter.result(SECCOMP_RET_ERRNO | EPERM);
  return filter.install();
}

#else

/// The sanitizers' run-time needs files, threads and signals of its own.
bool forbid_system_calls() {
  return false;
}

#endif

} // namespace

Walls lock_down() {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  lower_limits();
  Walls walls;
  walls.landlock_abi = forbid_files_and_network();
  walls.seccomp = forbid_system_calls();
  return walls;
}

} // namespace quill::engine
