#!/usr/bin/env bash
# Compiles and links quill-torch for NVIDIA GPUs (compute capability 8.0, 8.6, 8.9 and 9.0, and PTX for later ones), on
# a machine with or without one, and says what it did. It skips, saying so, where neither nvcc nor what
# scripts/setup.sh cuda fetches is there.
#
# usage: scripts/cuda_check.sh [BUILD]      (default build-cuda)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=${1:-build-cuda}
capabilities="8.0;8.6;8.9;9.0+PTX"
fetched=.cache/torch-cuda/nvidia/cu13/bin/nvcc

if [ -n "${CUDA_HOME:-}" ]; then
  nvcc=$CUDA_HOME/bin/nvcc
elif [ -x "$fetched" ]; then
  nvcc=$fetched
else
  nvcc=$(command -v nvcc || true)
fi
if [ -z "$nvcc" ] || [ ! -x "$nvcc" ]; then
  say "skipped: there is no nvcc (scripts/setup.sh cuda fetches one; CUDA_HOME names another)"
  exit 0
fi
if [ ! -e .cache/torch-cuda/torch ] && [ -z "${Torch_DIR:-}" ]; then
  say "skipped: there is no LibTorch with CUDA (scripts/setup.sh cuda fetches it; Torch_DIR names another)"
  exit 0
fi

stage "configure" cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUILL_TORCH=ON -DQUILL_CUDA=ON \
  -DTORCH_CUDA_ARCH_LIST="$capabilities"
stage "compile and link" cmake --build "$build" -j "$(build_jobs)" --target quill-torch quill model_torch_tests

say "$("$nvcc" --version | tail -n 2 | head -n 1), LibTorch $(sed -n 's/^Torch_VERSION:.*=//p' "$build/CMakeCache.txt")"
binaries=$(grep -ao 'sm_[0-9]*' "$build/libquill_kernels.a" | sort -u | tr '\n' ' ')
ls -l "$build/quill-torch" | awk '{print "== quill-torch: " $5 " bytes"}' >&2
say "kernels for: $binaries"
print_stages
if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then
  stage "kernels on the GPU" "$build/tests/model_torch_tests" "[kernels]"
else
  say "no GPU here: compiled and linked, nothing ran on one"
fi
