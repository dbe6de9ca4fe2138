#include "engine/worker/files_wall.hpp"

#include <cstdint>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/kernel.hpp"

namespace quill::engine {
namespace {

constexpr int kRulePathBeneath = 1;
constexpr std::uint64_t kReadFile = 1U << 2U; ///< LANDLOCK_ACCESS_FS_READ_FILE

/// struct landlock_path_beneath_attr.
struct __attribute__((packed)) PathRule {
  std::uint64_t rights;
  std::int32_t file;
};

void allow_reading(int ruleset, const std::string& path) {
  const int file = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0)
    return;
  const PathRule rule{kReadFile, file};
  ::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &rule, 0);
  ::close(file);
}

} // namespace

void wall_in_files(const std::vector<std::string>& readable) {
  const int abi = landlock_abi();
  if (abi <= 0)
    return;
  const auto rules = all_landlock_rights(abi);
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, landlock_rules_size(abi), 0));
  if (ruleset < 0)
    return;
  for (const auto& path : readable)
    allow_reading(ruleset, path);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  ::close(ruleset);
}

} // namespace quill::engine
