#!/usr/bin/env bash
# The share of different pairs found against the number of databases tried, and what a pair costs: `quill equivalence` over a
# file of pairs with a "label" (same | different), once for each number of databases.
#
#   bench/equivalence.sh [BUILD_FOLDER] [PAIRS.jsonl …]   default: build, the pairs of tests/judge
#
# Exit 1 when, with the most databases, a different pair is missed, a same pair is called different, more than 5 % of the same
# pairs are unknown, or a pair costs more than 2 s on average.
set -euo pipefail
cd "$(dirname "$0")/.."
quill=${1:-build}/quill
[ $# -gt 0 ] && shift
[ -x "$quill" ] || { echo "error: no program at $quill; build it first (scripts/run.sh)" >&2; exit 2; }
[ $# -gt 0 ] || set -- tests/judge/proof_*.jsonl
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat "$@" >"$scratch/pairs.jsonl"

# id and label, or id and verdict, one pair a line
fields() { sed -E 's/.*"id": *"([^"]*)".*/\1/' "$1" | paste -d' ' - <(grep -oE "\"$2\": *\"(same|different|unknown)\"" "$1" |
  sed -E 's/.*: *"(.*)"/\1/'); }
fields "$scratch/pairs.jsonl" label >"$scratch/labels"

printf '%10s %18s %15s %14s %12s\n' databases 'different found' 'same unknown' 'same wrong' 'ms a pair'
for databases in 1 3 10 30 100 300 600; do
  begin=${EPOCHREALTIME/[.,]/}
  "$quill" equivalence --pairs "$scratch/pairs.jsonl" --databases "$databases" --format jsonl --quiet >"$scratch/proofs" || true
  end=${EPOCHREALTIME/[.,]/}
  fields "$scratch/proofs" verdict | paste -d' ' "$scratch/labels" - |
    awk -v databases="$databases" -v micros=$((end - begin)) '
      { ++of[$2]; ++got[$2 " " $4] }
      END {
        found = got["different different"]; unknown = got["same unknown"]; wrong = got["same different"]
        ms = micros / 1000 / NR
        printf "%10d %9d of %5d %8d of %3d %14d %12.0f\n", databases, found, of["different"], unknown, of["same"], wrong, ms
        exit !(found == of["different"] && wrong == 0 && unknown * 20 <= of["same"] && ms <= 2000)
      }' && passed=yes || passed=no
done
[ "$passed" = yes ]
