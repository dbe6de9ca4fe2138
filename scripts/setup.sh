#!/usr/bin/env bash
# Installs the missing Debian packages of the named groups (build, engines, torch, test, lint; default build).
# build also puts uPlot, which draws the plots of reports, into data/plots.
# engines: what PostgreSQL and DuckDB need besides, with DuckDB's library put into .cache/duckdb. torch: LibTorch, put into
# .cache/torch (190 MB fetched, 480 MB unpacked), unless Torch_DIR names one. The tests run every engine and the model,
# so test brings both along.
# Without root and without sudo it prints the command that would, and stops with exit code 2.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build)
[[ " ${groups[*]} " != *" test "* ]] || groups+=(engines torch)
for group in "${groups[@]}"; do
  grep -q "^$group " scripts/packages.txt ||
    die 2 "there is no group of packages \"$group\"" "scripts/setup.sh" "use build, engines, torch, test or lint"
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

install_packages
wants() { [[ " ${groups[*]} " == *" $1 "* ]]; }
! wants build || fetch_uplot
! wants engines || { fetch_duckdb && fetch_tpcds; }
! wants torch || fetch_torch
