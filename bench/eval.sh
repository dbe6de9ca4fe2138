#!/usr/bin/env bash
# Scores published predictions and compares every item with what the official scripts gave; prints seconds and differences.
#
#   bench/eval.sh [DATA]   DATA holds nl2sql/conformance and nl2sql/spider; default ../shared/data
#   QUILL                  the program; default build/quill
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

data=${1:-../shared/data}/nl2sql
quill=${QUILL:-build/quill}
[ -d "$data/conformance" ] || die 2 "there are no conformance files" "$data/conformance" "name the folder: bench/eval.sh DATA"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in "$data"/conformance/*.jsonl; do
  python3 - "$file" "$work" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
with open(sys.argv[2] + "/questions.jsonl", "w") as out:
    for row in rows:
        print(json.dumps({"id": row["i"], "db_id": row["db_id"], "question": "", "gold": row["gold"]}), file=out)
with open(sys.argv[2] + "/predictions.jsonl", "w") as out:
    for row in rows:
        print(json.dumps({"id": row["i"], "sql": row["pred"]}), file=out)
PY
  begin=$(date +%s.%N)
  "$quill" eval sql --quiet --questions "$work/questions.jsonl" --predictions "$work/predictions.jsonl" \
    --databases "$data/spider" --details "$work/details.jsonl" --json >"$work/totals.json"
  python3 - "$file" "$work" "$begin" <<'PY'
import json, sys, time
seconds = time.time() - float(sys.argv[3])
official = [json.loads(line) for line in open(sys.argv[1])]
scores = {row["id"]: row for row in map(json.loads, open(sys.argv[2] + "/details.jsonl"))}
names = {"spider_exec": "exec_spider", "spider_exec_keep_distinct": "exec_spider_keep_distinct",
         "spider_exact": "exact_set_match", "bird_ex": "ex_bird", "parsed": "pred_parsed", "hardness": "hardness"}
print(json.dumps({"file": sys.argv[1].rsplit("/", 1)[-1], "items": len(official), "seconds": round(seconds, 2),
                  "differences": {ours: sum(scores[str(row["i"])][ours] != row[theirs] for row in official)
                                  for ours, theirs in names.items()}}))
PY
done
