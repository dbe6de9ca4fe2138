#!/usr/bin/env bash
# What judging costs beside SQLite itself: wall time of `quill evaluate --pairs` over the twenty seed
# examples (start of the program and opening of the database included; private copies and index
# builds reported apart, no proofs), over the time SQLite spent in the runs that were needed. Exit 1 above 1.15.
#
#   bench/judging_cost.sh [BUILD_FOLDER]   default build; measure a Release build on a quiet machine
set -euo pipefail
cd "$(dirname "$0")/.."
quill=${1:-build}/quill
[ -x "$quill" ] || { echo "error: no program at $quill; build it first (scripts/run.sh)" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$quill" seed --blueprint shop --seed 42 --out "$scratch/shop.db" --quiet >/dev/null
begin=${EPOCHREALTIME/[.,]/}
"$quill" evaluate --db "$scratch/shop.db" --pairs data/seed_data.json --trust fast --json --quiet \
  >"$scratch/verdicts.json"
end=${EPOCHREALTIME/[.,]/}

# The summary comes last in the document.
of_summary() { grep -o "\"$1\": *[0-9.e+-]*" "$scratch/verdicts.json" | tail -n 1 | sed 's/.*: *//'; }
awk -v wall=$((end - begin)) -v engine="$(of_summary engine_ms)" -v copies="$(of_summary copy_ms)" \
  -v builds="$(of_summary index_build_ms)" -v pairs="$(of_summary pairs)" '
  BEGIN {
    wall /= 1000
    ratio = (wall - copies - builds) / engine
    printf "%d pairs: wall %.0f ms, SQLite %.0f ms, copies %.0f ms, index builds %.0f ms\n", \
      pairs, wall, engine, copies, builds
    printf "(wall - copies - builds) / SQLite = %.3f (limit 1.15)\n", ratio
    exit !(ratio <= 1.15)
  }'
