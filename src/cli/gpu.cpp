#include "cli/gpu.hpp"

#include <array>
#include <memory>

#include <dlfcn.h>
#include <fmt/format.h>

namespace quill::cli {

namespace {

// The few calls of the driver's C interface that are needed, as NVIDIA's documentation of it has
// them ("CUDA Driver API": every call returns 0 when it worked). Its header is not on every machine
// that builds this.
using Init = int (*)(unsigned flags);
using DriverVersion = int (*)(int* version);
using DeviceCount = int (*)(int* count);
using DeviceName = int (*)(char* name, int size, int device);
using DeviceAttribute = int (*)(int* value, int attribute, int device);
using DeviceMemory = int (*)(std::size_t* bytes, int device);

constexpr int kMajor = 75, kMinor = 76; ///< CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
constexpr int kNoDevice = 100;          ///< CUDA_ERROR_NO_DEVICE
constexpr std::size_t kNameSize = 256;

class Driver {
 public:
  Driver() : library_(::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL)) {}
  ~Driver() {
    if (library_ != nullptr)
      ::dlclose(library_);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] bool found() const { return library_ != nullptr; }
  /// Null when the library has no such function.
  template <class Function> [[nodiscard]] Function function(const char* name) const {
    return reinterpret_cast<Function>(::dlsym(library_, name));
  }

 private:
  void* library_;
};

/// 0 when the driver does not say.
int attribute(const Driver& driver, int which, int device) {
  int value = 0;
  const auto ask = driver.function<DeviceAttribute>("cuDeviceGetAttribute");
  return ask != nullptr && ask(&value, which, device) == 0 ? value : 0;
}

Gpu gpu_of(const Driver& driver, int device) {
  std::array<char, kNameSize> name = {};
  const auto ask_name = driver.function<DeviceName>("cuDeviceGetName");
  if (ask_name == nullptr || ask_name(name.data(), kNameSize - 1, device) != 0)
    name = {"a GPU without a name"};
  std::size_t bytes = 0;
  const auto ask_memory = driver.function<DeviceMemory>("cuDeviceTotalMem_v2");
  if (ask_memory == nullptr || ask_memory(&bytes, device) != 0)
    bytes = 0;
  return {.name = name.data(),
          .major = attribute(driver, kMajor, device),
          .minor = attribute(driver, kMinor, device),
          .memory_mib = static_cast<std::int64_t>(bytes >> 20U)};
}

} // namespace

GpuDriver ask_gpu_driver() {
  GpuDriver found;
  const Driver driver;
  if (!driver.found()) {
    found.reason = "no NVIDIA driver (libcuda.so.1) on this machine";
    return found;
  }
  const auto init = driver.function<Init>("cuInit");
  const auto version = driver.function<DriverVersion>("cuDriverGetVersion");
  const auto count_devices = driver.function<DeviceCount>("cuDeviceGetCount");
  if (init == nullptr || version == nullptr || count_devices == nullptr) {
    found.reason = "libcuda.so.1 lacks functions of NVIDIA's driver";
    return found;
  }
  if (const int code = init(0); code != 0) {
    found.reason = code == kNoDevice
                       ? "the NVIDIA driver sees no GPU"
                       : fmt::format("the NVIDIA driver does not start: error {}", code);
    return found;
  }
  int count = 0;
  if (version(&found.cuda) != 0 || count_devices(&count) != 0) {
    found.reason = "the NVIDIA driver does not say what it is";
    return found;
  }
  found.there = true;
  for (int device = 0; device < count; ++device)
    found.gpus.push_back(gpu_of(driver, device));
  return found;
}

std::string fitting_libtorch(int cuda, const Gpu& gpu) {
  constexpr int kFetched = 13'000, kOlder = 12'000, kLeastMajor = 8;
  if (gpu.major < kLeastMajor)
    return "older than 8.0, for which Quill has no kernels: LibTorch for the CPU (scripts/setup.sh "
           "torch)";
  if (cuda >= kFetched)
    return "LibTorch 2.11.0 for CUDA 13.0 fits (scripts/setup.sh cuda cuda-run, -DQUILL_CUDA=ON)";
  if (cuda >= kOlder)
    return "a LibTorch for CUDA 12 fits (Torch_DIR and CUDA_HOME, -DQUILL_CUDA=ON); for the one "
           "that scripts/setup.sh "
           "cuda fetches the driver must know CUDA 13.0";
  return "the driver is too old for LibTorch 2.11 and later: install a newer one, or take LibTorch "
         "for the CPU";
}

} // namespace quill::cli
