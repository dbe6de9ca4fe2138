// GPUs by what NVIDIA's driver says of them. The driver is looked for when asked: quill is not
// linked with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quill::cli {

struct Gpu {
  std::string name;
  int major = 0, minor = 0;    ///< compute capability
  std::int64_t memory_mib = 0; ///< all of it
};

struct GpuDriver {
  bool there = false; ///< libcuda.so.1 was found and answers
  std::string reason; ///< why it is not, or does not
  int cuda = 0;       ///< newest CUDA it runs: 1000 · major + 10 · minor
  std::vector<Gpu> gpus;
};
[[nodiscard]] GpuDriver ask_gpu_driver();

/// Which LibTorch this driver and GPU can run, in words; `gpu` as the driver says.
[[nodiscard]] std::string fitting_libtorch(int cuda, const Gpu& gpu);

} // namespace quill::cli
