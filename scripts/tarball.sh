#!/usr/bin/env bash
# Packs a build into quill-VERSION-linux-MACHINE.tar.gz, unpacks it elsewhere and tries it as a user without rights.
#
#   scripts/tarball.sh [BUILD [FOLDER]]    default build, and the build's folder for the file
#
# The file holds Quill, its workers, data and, in a build with LibTorch, that library. What it takes from the system are
# the libraries of group "run" in scripts/packages.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=$(realpath "${1:-build}")
folder=$(realpath "${2:-$build}")
[ -f "$build/CPackConfig.cmake" ] || die 2 "no build with an installer" "$build" "configure and build it: cmake -S . -B build -G Ninja && cmake --build build"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

(cd "$build" && cpack -G TGZ -B "$scratch/packed" >/dev/null)
packed=("$scratch"/packed/*.tar.gz)
tar -xzf "${packed[0]}" -C "$scratch"
rm -rf "$scratch/packed/_CPack_Packages"
tree=$scratch/$(basename "${packed[0]}" .tar.gz)
[ -x "$tree/bin/quill" ] || die 5 "the file has no bin/quill" "${packed[0]}" "build all of it first: cmake --build build"
scripts/try_tree.sh "$tree"
mv "${packed[0]}" "$folder/"
say "$folder/$(basename "${packed[0]}"): $(du -h "$folder/$(basename "${packed[0]}")" | cut -f1), unpacked elsewhere and tried without rights"
