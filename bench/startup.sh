#!/usr/bin/env bash
# How long `quill --version` takes: median of 101 starts, in milliseconds. Exit 1 above 20 ms.
#
#   bench/startup.sh [PROGRAM]   default build/quill
set -euo pipefail
quill=${1:-$(dirname "$0")/../build/quill}
times=()
for _ in $(seq 101); do
  begin=${EPOCHREALTIME/[.,]/}
  "$quill" --version >/dev/null
  times+=($((${EPOCHREALTIME/[.,]/} - begin)))
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 51p)
printf 'quill --version: median %d.%03d ms of 101 starts\n' $((median / 1000)) $((median % 1000))
[ "$median" -lt 20000 ]
