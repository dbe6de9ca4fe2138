// What `quill doctor` says of GPUs, by a driver that the tests bring along.
#include "program.hpp"

using quill::test::Shell;

namespace {

/// The finding "GPU 0", or "GPU" when there is none.
quill::Json gpu_finding(const Shell& shell) {
  const quill::Json document = shell.quill({"doctor", "--json"}).json();
  for (const quill::Json& finding : document.at("findings"))
    if (finding.at("name").get<std::string>().starts_with("GPU"))
      return finding;
  FAIL("doctor says nothing of GPUs");
  return {};
}

/// In `shell` NVIDIA's driver is the tests' own.
void bring_driver(Shell& shell, const std::string& wanted) {
  shell.environment["LD_LIBRARY_PATH"] = FAKE_LIBCUDA;
  shell.environment["FAKE_CUDA"] = wanted;
}

} // namespace

TEST_CASE("doctor names GPU, compute capability, driver and the LibTorch that fits", "[cli]") {
  Shell shell;
  bring_driver(shell, "");
  const quill::Json finding = gpu_finding(shell);
  CHECK(finding.at("name") == "GPU 0");
  CHECK(finding.at("state") == "works");
  CHECK(finding.at("text") ==
        "NVIDIA H100 80GB HBM3, compute capability 9.0, 81559 MiB; driver for CUDA 13.0; LibTorch "
        "2.11.0 for CUDA 13.0 fits (scripts/setup.sh cuda cuda-run, -DQUILL_CUDA=ON)");
}

TEST_CASE("doctor says that a driver is too old, or sees no GPU", "[cli]") {
  Shell shell;
  bring_driver(shell, "old");
  const auto old = gpu_finding(shell).at("text").get<std::string>();
  CHECK(old.ends_with("driver for CUDA 11.8; the driver is too old for LibTorch 2.11 and later: "
                      "install a newer one, or take LibTorch for the CPU"));
  bring_driver(shell, "none");
  const quill::Json none = gpu_finding(shell);
  CHECK(none.at("name") == "GPU");
  CHECK(none.at("state") == "absent");
  CHECK(none.at("text") == "the NVIDIA driver sees no GPU");
}
