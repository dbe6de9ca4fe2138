#!/usr/bin/env bash
# Candidates judged a second on a tiny database by two processes, one a core: --trust fast counting
# VM steps (as training does) and with the clock, and --trust full. Candidates are different texts,
# half of them right. Exit 1 when --trust fast judges fewer than 500 a second (steps).
#
#   bench/judging_throughput.sh [BUILD_FOLDER] [CANDIDATES]   default: build, 2000 a process
set -euo pipefail
cd "$(dirname "$0")/.."
quill=${1:-build}/quill
candidates=${2:-2000}
[ -x "$quill" ] || { echo "error: no program at $quill; build it first (scripts/run.sh)" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$quill" seed --users 20 --orders 100 --seed 42 --out "$scratch/tiny.db" --quiet >/dev/null

pairs() { # from, count
  awk -v from="$1" -v count="$2" 'BEGIN {
    for (i = from; i < from + count; ++i)
      printf "{\"id\": \"%d\", \"before\": \"SELECT u.name, (SELECT count(*) FROM orders o WHERE " \
             "o.user_id = u.id AND o.amount > %d) AS n FROM users u\", \"after\": \"SELECT u.name, " \
             "coalesce(t.n, 0) AS n FROM users u LEFT JOIN (SELECT user_id, count(*) AS n FROM " \
             "orders WHERE amount %s %d GROUP BY user_id) t ON t.user_id = u.id\"}\n", \
             i, i, (i % 2 ? ">" : "<"), i
  }'
}
run() { # name, count, options…
  local name=$1 count=$2 begin end; shift 2
  pairs 1 "$count" >"$scratch/a.jsonl"
  pairs 5001 "$count" >"$scratch/b.jsonl"
  begin=${EPOCHREALTIME/[.,]/}
  for half in a b; do
    "$quill" evaluate --db "$scratch/tiny.db" --pairs "$scratch/$half.jsonl" --format jsonl --quiet \
      "$@" >"$scratch/$half.out" &
  done
  for job in $(jobs -p); do wait "$job" || [ $? -eq 1 ]; done
  end=${EPOCHREALTIME/[.,]/}
  lines=$(cat "$scratch"/[ab].out | wc -l)
  [ "$lines" -eq $((2 * count)) ] || { echo "error: $lines verdicts of $((2 * count))" >&2; exit 2; }
  awk -v name="$name" -v lines="$lines" -v us=$((end - begin)) \
    'BEGIN { printf "%-28s %7.0f candidates a second\n", name, lines / us * 1e6 }' | tee -a "$scratch/rates"
}
run "--trust fast, VM steps" "$candidates" --trust fast --measure steps
run "--trust fast, clock" $((candidates / 20)) --trust fast
run "--trust full, VM steps" $((candidates / 50)) --trust full --measure steps
awk 'NR == 1 { exit !($(NF - 3) >= 500) }' "$scratch/rates"
