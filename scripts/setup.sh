#!/usr/bin/env bash
# Installs the missing Debian packages of the named groups (build, engines, torch, test, lint; default build).
# run: what a packed tree (scripts/tarball.sh) takes from the system, and nothing to build with.
# build also puts uPlot, which draws the plots of reports, into data/plots.
# engines: what PostgreSQL and DuckDB need besides, with DuckDB's library put into .cache/duckdb. torch: LibTorch, put into
# .cache/torch (190 MB fetched, 480 MB unpacked), unless Torch_DIR names one. The tests run every engine and the model,
# so test brings both along.
# cuda (or --cuda): LibTorch for NVIDIA GPUs and the compiler for them, put into .cache/torch-cuda (1.4 GB fetched,
# 2.6 GB unpacked); nothing of it needs a GPU. cuda-run: the libraries that what was built so runs with (1 GB fetched).
# Without root and without sudo it prints the command that would, and stops with exit code 2.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

groups=("${@/#--cuda/cuda}")
[ ${#groups[@]} -gt 0 ] || groups=(build)
[[ " ${groups[*]} " != *" test "* ]] || groups+=(engines torch)
for group in "${groups[@]}"; do
  grep -q "^$group " scripts/packages.txt ||
    die 2 "there is no group of packages \"$group\"" "scripts/setup.sh" \
      "use build, engines, torch, cuda, cuda-run, test, lint or run"
done

# What is missing of the groups' Debian packages; they come first, since npm and pip are among them.
install_packages() {
  local wanted=() missing=() root=() install group package
  for group in "${groups[@]}"; do
    mapfile -t -O "${#wanted[@]}" wanted < <(awk -v g="$group" '$1 == g {print $2}' scripts/packages.txt)
  done
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: nothing installed; the build needs what these hold: ${wanted[*]}"
    return
  fi
  for package in "${wanted[@]}"; do
    # A program from elsewhere (npm of another source would conflict with Debian's) is as good.
    command -v "$package" >/dev/null ||
      dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  say "missing packages: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
      die 2 "${#missing[@]} packages are missing and this user may not install them" \
        "scripts/packages.txt" "sudo apt-get install --no-install-recommends ${missing[*]}"
    root=(sudo -n)
  fi
  install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install)
  # A machine that never fetched its package lists needs them first; one that did need not.
  "${root[@]}" "${install[@]}" "${missing[@]}" >/dev/null 2>&1 || {
    "${root[@]}" apt-get -qq update
    "${root[@]}" "${install[@]}" "${missing[@]}" >/dev/null
  }
}

# fetch_part PACKAGE SHA256 MEMBER FILE: one file out of a package of the npm registry, as npm is set up here, into
# $folder; $scratch is for what lies between.
fetch_part() {
  local package=$1 hash=$2 member=$3 file=$4 archive
  archive=$(cd "$scratch" && npm pack --silent "$package" 2>/dev/null | tail -n 1) && [ -f "$scratch/$archive" ] ||
    return 1
  echo "$hash  $scratch/$archive" | sha256sum --check --status ||
    die 5 "$package is not the package it was: its hash differs" "scripts/setup.sh" \
      "do not use it; see whether the registry was changed"
  tar -xzf "$scratch/$archive" -C "$scratch" "$member"
  mv "$scratch/$member" "$folder/$file"
}

# The library and the C header of DuckDB. They must speak the same C interface: it only grows, so an older header
# fits a newer library.
fetch_duckdb() {
  local folder=.cache/duckdb.new scratch
  [ -e .cache/duckdb/libduckdb.so ] && [ -e .cache/duckdb/duckdb.h ] && return
  if [ "$(uname -sm)" != "Linux x86_64" ] || ! command -v npm >/dev/null; then
    say "DuckDB is left out: its library is fetched with npm, for Linux on x86-64; elsewhere set DUCKDB_ROOT"
    return
  fi
  say "DuckDB 1.5.5"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' RETURN
  rm -rf "$folder"
  mkdir -p "$folder"
  fetch_part @duckdb/node-bindings-linux-x64@1.5.5-r.5 \
    86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e package/libduckdb.so libduckdb.so &&
    fetch_part duckdb@1.4.4 \
      5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed \
      package/src/duckdb/src/include/duckdb.h duckdb.h || {
    say "DuckDB is left out: npm could not fetch it; set DUCKDB_ROOT to a folder with libduckdb.so and duckdb.h"
    return 0
  }
  rm -rf .cache/duckdb
  mv "$folder" .cache/duckdb
}

# DuckDB's extension that makes TPC-DS: it fits the library of the same version only.
fetch_tpcds() {
  local scratch
  [ -e .cache/duckdb/libduckdb.so ] || return 0
  [ -e .cache/duckdb/tpcds.duckdb_extension ] && return
  if ! python3 -m pip --version >/dev/null 2>&1; then
    say "DuckDB's extension tpcds is left out: it is fetched with pip; give its file with --extension"
    return
  fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' RETURN
  python3 -m pip download --quiet --no-deps --only-binary :all: --platform manylinux2014_x86_64 --require-hashes \
    -r scripts/requirements-tpcds.txt -d "$scratch" >&2 &&
    python3 -m zipfile -e "$scratch"/duckdb_extension_tpcds-*.whl "$scratch" || {
    say "DuckDB's extension tpcds is left out: pip could not fetch it; give its file with --extension"
    return 0
  }
  mv "$scratch"/duckdb_extension_tpcds/extensions/v1.5.5/tpcds.duckdb_extension .cache/duckdb/
}

# uPlot 1.6.32: two files, inlined into reports. Without them a report has its tables and no plots.
fetch_uplot() {
  local folder=data/plots.new scratch hash=4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d
  [ -e data/plots/uPlot.iife.min.js ] && [ -e data/plots/uPlot.min.css ] && return
  if ! command -v npm >/dev/null; then
    say "uPlot is left out: it is fetched with npm; reports have no plots without it"
    return
  fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' RETURN
  rm -rf "$folder"
  mkdir -p "$folder"
  fetch_part uplot@1.6.32 "$hash" package/dist/uPlot.iife.min.js uPlot.iife.min.js &&
    fetch_part uplot@1.6.32 "$hash" package/dist/uPlot.min.css uPlot.min.css || {
    rm -rf "$folder"
    say "uPlot is left out: npm could not fetch it; reports have no plots without it"
    return 0
  }
  rm -rf data/plots
  mv "$folder" data/plots
}

# The wheel that pip gives depends on the registry: where it is not the one for the CPU, its hash is not the pinned
# one and pip refuses it.
fetch_torch() {
  local scratch
  [ -e .cache/torch/share/cmake/Torch/TorchConfig.cmake ] && return
  [ -z "${Torch_DIR:-}" ] || return 0
  if [ "$(uname -sm)" != "Linux x86_64" ] || ! python3 -m pip --version >/dev/null 2>&1; then
    say "LibTorch is left out: its wheel is fetched with pip, for Linux on x86-64; elsewhere set Torch_DIR"
    return
  fi
  say "LibTorch 2.13.0"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' RETURN
  python3 -m pip download --quiet --no-deps --only-binary :all: --python-version 3.11 --implementation cp --abi cp311 \
    --platform manylinux_2_28_x86_64 --require-hashes -r scripts/requirements-torch.txt -d "$scratch" >&2 || {
    say "LibTorch is left out: pip could not fetch it; set Torch_DIR to share/cmake/Torch of an unpacked LibTorch"
    return 0
  }
  rm -rf .cache/torch.new
  python3 scripts/unpack_torch.py "$scratch"/torch-*.whl .cache/torch.new
  rm -rf .cache/torch
  mv .cache/torch.new .cache/torch
}

# fetch_wheels REQUIREMENTS FOLDER: the pinned wheels that the file names.
fetch_wheels() {
  local platforms=() name
  for name in manylinux_2_28 manylinux_2_27 manylinux_2_25 manylinux_2_18 manylinux_2_17 manylinux2014 manylinux1; do
    platforms+=(--platform "${name}_x86_64")
  done
  python3 -m pip download --quiet --no-deps --only-binary :all: --python-version 3.11 --implementation cp --abi cp311 \
    "${platforms[@]}" --require-hashes -r "$1" -d "$2" >&2
}

# unpack_nvidia WHEELS TARGET: beside what is there, as an installed toolkit lies: programs can be run, lib64 is lib,
# and a library is found without its version.
unpack_nvidia() {
  local wheel library
  for wheel in "$1"/nvidia_*.whl; do
    python3 -m zipfile -e "$wheel" "$2"
  done
  chmod -R a+x "$2"/nvidia/cu13/bin "$2"/nvidia/cu13/nvvm/bin
  ln -sfn lib "$2/nvidia/cu13/lib64"
  for library in "$2"/nvidia/*/lib/lib*.so.*; do
    [ -e "${library%.so.*}.so" ] || ln -s "$(basename "$library")" "${library%.so.*}.so"
  done
}

# LibTorch with CUDA as pip would lay it out: torch/ and nvidia/ side by side, where its libraries look for each other.
fetch_cuda() {
  local scratch
  [ -e .cache/torch-cuda/torch/share/cmake/Torch/TorchConfig.cmake ] && return
  [ "$(uname -sm)" = "Linux x86_64" ] || die 2 "LibTorch with CUDA is fetched for Linux on x86-64 alone" \
    "scripts/setup.sh" "set Torch_DIR and CUDA_HOME to those of this machine"
  say "LibTorch 2.11.0 for CUDA 13.0, and nvcc"
  scratch=$(mktemp -d -p .cache)
  trap 'rm -rf "$scratch"' RETURN
  fetch_wheels scripts/requirements-cuda.txt "$scratch" ||
    die 5 "pip could not fetch LibTorch with CUDA" "scripts/requirements-cuda.txt" \
      "try again; or set Torch_DIR and CUDA_HOME to those of this machine"
  rm -rf .cache/torch-cuda.new
  mkdir -p .cache/torch-cuda.new
  python3 scripts/unpack_torch.py "$scratch"/torch-*.whl .cache/torch-cuda.new/torch
  unpack_nvidia "$scratch" .cache/torch-cuda.new
  rm -rf .cache/torch-cuda
  mv .cache/torch-cuda.new .cache/torch-cuda
}

fetch_cuda_run() {
  local scratch
  fetch_cuda
  [ -e .cache/torch-cuda/nvidia/cudnn/lib/libcudnn.so.9 ] && return
  say "the libraries that LibTorch runs with on a GPU"
  scratch=$(mktemp -d -p .cache)
  trap 'rm -rf "$scratch"' RETURN
  fetch_wheels scripts/requirements-cuda-run.txt "$scratch" ||
    die 5 "pip could not fetch the libraries of CUDA" "scripts/requirements-cuda-run.txt" "try again"
  unpack_nvidia "$scratch" .cache/torch-cuda
}

install_packages
mkdir -p .cache
wants() { [[ " ${groups[*]} " == *" $1 "* ]]; }
! wants build || fetch_uplot
! wants engines || { fetch_duckdb && fetch_tpcds; }
! wants torch || fetch_torch
! wants cuda || fetch_cuda
! wants cuda-run || fetch_cuda_run
