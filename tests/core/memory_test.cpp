#include "quill/core/memory.hpp"

#include <fstream>
#include <limits>

#include "catch.hpp"
#include "quill/core/files.hpp"

using namespace quill;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

} // namespace

TEST_CASE("free memory is the machine's, or what the control group leaves", "[core]") {
  const ScratchFolder root;
  CHECK(free_memory(root.path()) == std::numeric_limits<std::int64_t>::max());
  write(root.path() / "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    7000 kB\n");
  CHECK(free_memory(root.path()) == 7'000 * 1024);

  write(root.path() / "proc/self/cgroup", "0::/box\n");
  const fs::path group = root.path() / "sys/fs/cgroup/box";
  write(group / "memory.max", "max\n");
  write(group / "memory.current", "3000000\n");
  CHECK(free_memory(root.path()) == 7'000 * 1024);
  write(group / "memory.max", "5000000\n");
  CHECK(free_memory(root.path()) == 2'000'000);
  write(group / "memory.stat", "anon 1\ninactive_file 400000\n");
  CHECK(free_memory(root.path()) == 2'400'000); // pages of files go when memory is wanted
}

TEST_CASE("this machine says how much memory is free", "[core]") {
  CHECK(free_memory() > 0);
  CHECK(free_memory() < std::numeric_limits<std::int64_t>::max());
}
