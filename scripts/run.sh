#!/usr/bin/env bash
# From nothing to a result: installs what is missing, builds, makes the database, runs the loop
# with no key, runs it again with the pool frozen, proves every kept example once more, and prints
# what came of it. Everything lies in the folder given (default run/); a second start goes on there.
#
#   scripts/run.sh [FOLDER] [--iterations N] [--candidates N] [--users N] [--orders N]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

folder=run iterations=50 candidates=5 users=10000 orders=50000
while [ $# -gt 0 ]; do
  case $1 in
  --iterations | --candidates | --users | --orders)
    [ $# -ge 2 ] || die 2 "option $1 needs a value" "scripts/run.sh" "write $1 N"
    case $2 in '' | *[!0-9]*) die 2 "$1 is \"$2\", which is not a whole number" "scripts/run.sh" "write $1 N" ;; esac
    printf -v "${1#--}" '%s' "$2"
    shift 2
    ;;
  -h | --help)
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  -*) die 2 "scripts/run.sh has no option \"$1\"" "command line" "see scripts/run.sh --help" ;;
  *)
    folder=$1
    shift
    ;;
  esac
done

scripts/setup.sh build
if [ ! -f build/CMakeCache.txt ]; then
  say "configuring"
  cmake --preset release >/dev/null
fi
say "building"
cmake --build build --target quill quill-worker -j "$(build_jobs)" >build/build.log 2>&1 || {
  tail -n 40 build/build.log >&2
  die 1 "the build failed" "build/build.log" "see the lines above"
}

quill=build/quill
db=$folder/shop.db
mkdir -p "$folder"
[ -f "$db" ] || "$quill" seed --users "$users" --orders "$orders" --seed 42 --out "$db"

# A run folder that is there goes on, or, when it is done, says so at once.
loop() {
  local out=$1
  shift
  local start=()
  [ ! -f "$out/run.db" ] || start=(--resume)
  "$quill" restem --db "$db" --iterations "$iterations" --candidates "$candidates" --out "$out" \
    "$@" "${start[@]}"
}

say "the loop, learning from what it kept"
loop "$folder/learned"
say "the same loop with the pool frozen: it sees the seed examples only"
loop "$folder/frozen" --frozen-pool >/dev/null

say "every kept example, proved again"
proof=$folder/evaluation.txt
if [ ! "$proof" -nt "$folder/learned/training_data.json" ]; then
  "$quill" evaluate --db "$db" --pairs "$folder/learned/training_data.json" >"$proof.part" ||
    die 1 "not every kept example was proved again" "$proof.part" "look for \"different\" in it"
  mv "$proof.part" "$proof"
fi

"$quill" analyze "$folder/learned" --beside "$folder/frozen"
echo
echo "proved again: $(grep ' pairs: ' "$proof")"
echo "everything lies in $folder"
