#!/usr/bin/env bash
# Installs the missing Debian packages of the named groups (build, test, lint; default build).
# Without root and without sudo it prints the command that would, and stops with exit code 2.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build)
for group in "${groups[@]}"; do
  grep -q "^$group " scripts/packages.txt ||
    die 2 "there is no group of packages \"$group\"" "scripts/setup.sh" "use build, test or lint"
done

wanted=()
for group in "${groups[@]}"; do
  mapfile -t -O "${#wanted[@]}" wanted < <(awk -v g="$group" '$1 == g {print $2}' scripts/packages.txt)
done

if ! command -v dpkg-query >/dev/null; then
  say "not a Debian system: nothing installed; the build needs what these hold: ${wanted[*]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' ||
    missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

say "missing packages: ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
  root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  root=(sudo -n)
else
  die 2 "${#missing[@]} packages are missing and this user may not install them" \
    "scripts/packages.txt" "sudo apt-get install --no-install-recommends ${missing[*]}"
fi
install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install)
# A machine that never fetched its package lists needs them first; one that did need not.
"${root[@]}" "${install[@]}" "${missing[@]}" >/dev/null 2>&1 || {
  "${root[@]}" apt-get -qq update
  "${root[@]}" "${install[@]}" "${missing[@]}" >/dev/null
}
