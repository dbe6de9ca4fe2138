#!/usr/bin/env bash
# kill_test.sh [N]: kills `quill restem` with SIGKILL at N random moments (default 100), resumes it each
# time, and compares the exports with those of an undisturbed run, byte by byte (--measure steps).
# QUILL names the program (default build/quill), KILL_TEST_ITERATIONS the length of a run, KILL_TEST_EXAMPLES
# a file of seed examples (default: the shipped ones), KILL_TEST_SEED the random moments.
set -euo pipefail

kills_wanted=${1:-100}
root=$(cd "$(dirname "$0")/.." && pwd)
quill=${QUILL:-$root/build/quill}
iterations=${KILL_TEST_ITERATIONS:-12}
examples=${KILL_TEST_EXAMPLES:-$root/data/seed_data.json}
RANDOM=${KILL_TEST_SEED:-$(date +%N | sed 's/^0*//')}

if [[ ! -x $quill ]]; then
  echo "error: \"$quill\" is not built; set QUILL or run scripts/test.sh" >&2
  exit 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/quill-kill.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$quill" seed --users 100 --orders 500 --seed 42 --out "$work/test.db" --quiet >/dev/null

# run FOLDER: one start of the run, from wherever it is.
run() {
  exec "$quill" restem --db "$work/test.db" --examples "$examples" --iterations "$iterations" --candidates 3 \
    --measure steps --trust fast --seed 7 --checkpoint-every 4 --out "$1" --resume --quiet --no-progress >"$work/out" 2>"$work/err"
}

fail() {
  echo "error: $1" >&2
  sed 's/^/  /' "$work/err" >&2
  exit 1
}

began=$(date +%s%N)
(run "$work/undisturbed") || fail "the undisturbed run failed"
span_ms=$((($(date +%s%N) - began) / 1000000))

# kept FOLDER: examples on record; must never go down.
kept() {
  if [[ -s $1/run.db ]]; then
    "$quill" analyze "$1" --json --quiet 2>/dev/null | grep -o '"examples": *[0-9]*' | head -1 |
      grep -o '[0-9]*$'
  fi
}

compare() {
  local file name
  for file in "$work"/undisturbed/*.json; do
    name=$(basename "$file")
    cmp -s "$file" "$1/$name" || fail "after kills \"$name\" differs from the undisturbed run's"
  done
  if compgen -G "$1/*.edited*" >/dev/null; then
    fail "a killed run took its own export for an edited one"
  fi
}

kills=0 runs=0 starts=0
while ((kills < kills_wanted)); do
  runs=$((runs + 1))
  folder=$work/run$runs
  known=0 # what an earlier start had committed
  while true; do
    starts=$((starts + 1))
    (run "$folder") &
    child=$!
    delay_ms=$(((RANDOM * 32768 + RANDOM) % (span_ms + 1)))
    sleep "$((delay_ms / 1000)).$(printf '%03d' $((delay_ms % 1000)))"
    if ((kills < kills_wanted)) && kill -9 "$child" 2>/dev/null; then
      code=0
      wait "$child" 2>/dev/null || code=$?
      if ((code == 137)); then
        kills=$((kills + 1))
        now=$(kept "$folder")
        ((${now:-0} >= known)) || fail "$known examples were on record, ${now:-0} are left"
        known=${now:-0}
        continue
      fi
    else
      code=0
      wait "$child" 2>/dev/null || code=$?
    fi
    ((code == 0)) || fail "a resumed run ended with exit code $code"
    break
  done
  compare "$folder"
  rm -rf "$folder"
done
echo "$kills kills, $starts starts, $runs runs of $iterations iterations: exports equal, nothing lost"
