#!/usr/bin/env bash
# A whole benchmark by the rules alone: prepared, run, validated; the minutes of each step and the leaderboard's totals.
#
#   bench/batch.sh tpcds FACTOR OUT [BUILD_FOLDER]
#   bench/batch.sh dsb FACTOR OUT QUERIES DSN [BUILD_FOLDER]
#
# OUT is the suite's folder; where it is there already, the run goes on. Exit code 1 when a query has no answer, rows of an answer
# differ, or a regression would be promoted.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
kind=$1 factor=$2 out=$3
shift 3
more=()
if [ "$kind" = dsb ]; then
  more=(--queries "$(realpath "$1")" --dsn "$2")
  shift 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath "${1:-$root/build}")
export QUILL_LIBEXEC="$build" QUILL_DATA_DIR="$root/data"
quill() { "$build/quill" "$@"; }

# timed NAME COMMAND…: the minutes it took; exit code 1 is an answer, not a failure.
timed() {
  local name=$1 begin=$SECONDS code=0
  shift
  "$@" >"$out.$name.json" || code=$?
  [ "$code" -le 1 ] || exit "$code"
  printf '%s: %d min %02d s\n' "$name" $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60)) >&2
}

[ -e "$out/suite.json" ] || timed prepare quill suite prepare "$kind" --sf "$factor" --out "$out" "${more[@]}" --json
timed prep quill batch prep --suite "$out" --json
timed run quill batch run --suite "$out" --json
timed validate quill batch validate --suite "$out" --json
timed leaderboard quill batch leaderboard --suite "$out" --html "$out/leaderboard.html" --json
exec python3 - "$out.run.json" "$out.validate.json" <<'PYTHON'
import json
import sys

run, validated = (json.load(open(name)) for name in sys.argv[1:])
board = validated["queries"]
unlike = [row["id"] for row in board if row["verdict"] not in ("same", None)]
shown = ("wins", "improved", "neutral", "regressions", "errors", "missing", "non_empty", "geomean")
print(json.dumps({"queries": len(board), "slots": run["slots"], "run": {key: run[key] for key in shown},
                  "validated": {key: validated[key] for key in shown}, "winners": validated["winners"],
                  "hold": validated["hold"], "lost": validated["lost"], "not_same": unlike}, indent=1))
sys.exit(1 if validated["missing"] or any(row["verdict"] == "different" for row in board) else 0)
PYTHON
