// Where tensors lie.
#include <charconv>

#include <ATen/Context.h>
#include <fmt/format.h>

#include "model/refuse.hpp"
#include "quill/core/memory.hpp"
#include "quill/model/network.hpp"

#ifdef QUILL_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace quill::model {

namespace {

constexpr std::int64_t kDevicesMax = 128;

std::int64_t gpus() {
  return at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0;
}

/// N of "cuda:N".
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && number >= 0 && number < kDevicesMax ? std::optional(number) : std::nullopt;
}

[[noreturn]] void refuse_absent(const std::string& name, std::int64_t count) {
#ifdef QUILL_CUDA
  refuse(fmt::format("--device is {}, and this machine has {} GPUs", name, count), "command line",
         "`quill doctor` says what it sees; give --device cpu, or a number below their count");
#else
  (void)count;
  refuse(fmt::format("--device is {}, and this build is for the CPU alone", name), "command line",
         "build with -DQUILL_CUDA=ON after scripts/setup.sh cuda, or give --device cpu");
#endif
}

} // namespace

torch::Device device_named(const std::string& name, std::int64_t local) {
  const std::int64_t count = gpus();
  if (name == "cpu" || (name == "auto" && count == 0))
    return torch::kCPU;
  std::optional<std::int64_t> number;
  if (name == "auto" || name == "cuda")
    number = count > 0 ? local % count : 0;
  else if (name.starts_with("cuda:"))
    number = number_in(std::string_view(name).substr(5));
  if (!number)
    refuse(fmt::format("--device is \"{}\"; allowed: auto, cpu, cuda, cuda:0 to cuda:{}", name,
                       kDevicesMax - 1),
           "command line", "give one of them");
  if (*number >= count)
    refuse_absent(name, count);
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(*number)};
}

std::int64_t free_memory_on(torch::Device device) {
#ifdef QUILL_CUDA
  if (device.is_cuda()) {
    const c10::cuda::CUDAGuard guard(device);
    std::size_t free = 0, all = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &all));
    return static_cast<std::int64_t>(free);
  }
#else
  (void)device;
#endif
  return free_memory();
}

} // namespace quill::model
