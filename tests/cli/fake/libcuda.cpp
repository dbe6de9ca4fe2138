// A driver that says what a test wants: one H100, or what FAKE_CUDA names: "none" (no GPU),
// "old" (CUDA 11.8).
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

std::string_view wanted() {
  const char* text = std::getenv("FAKE_CUDA");
  return text == nullptr ? "" : text;
}

} // namespace

extern "C" {

int cuInit(unsigned) {
  return wanted() == "none" ? 100 : 0;
}

int cuDriverGetVersion(int* version) {
  *version = wanted() == "old" ? 11'080 : 13'000;
  return 0;
}

int cuDeviceGetCount(int* count) {
  *count = 1;
  return 0;
}

int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "NVIDIA H100 80GB HBM3", static_cast<std::size_t>(size));
  return 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 9 : 0; // compute capability 9.0
  return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  *bytes = std::size_t{81'559} << 20U;
  return 0;
}
}
