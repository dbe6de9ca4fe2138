#!/usr/bin/env bash
# The whole way on a tiny database: light build from Debian packages alone, seed, loop, analyze,
# export; twice, and the bytes must be the same. No key, no network.
#
#   scripts/smoke.sh [--no-build FOLDER]   FOLDER holds a built quill and quill-worker
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=build-light
if [ "${1:-}" = --no-build ]; then
  [ $# -eq 2 ] || die 2 "option --no-build needs a folder" "scripts/smoke.sh" "write --no-build build"
  build=$2
elif [ $# -gt 0 ]; then
  die 2 "scripts/smoke.sh has no option \"$1\"" "command line" "leave it out"
else
  scripts/setup.sh build
  [ -f build-light/CMakeCache.txt ] || cmake --preset light >/dev/null
  cmake --build build-light -j "$(build_jobs)" >build-light/build.log 2>&1 || {
    tail -n 40 build-light/build.log >&2
    die 1 "the build failed" "build-light/build.log" "see the lines above"
  }
fi

unset OPENAI_API_KEY DEEPSEEK_API_KEY OPENROUTER_API_KEY ANTHROPIC_API_KEY HF_TOKEN
while read -r name; do unset "$name"; done < <(compgen -e QUILL_ || true)
# A network namespace of its own has no way out; where the kernel does not allow one, say so.
offline=(unshare --net --map-root-user)
if ! "${offline[@]}" true 2>/dev/null; then
  offline=()
  say "this machine allows no private network namespace: the run is not cut off from the network"
fi

quill=$(realpath "$build")/quill
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Both runs stand in a folder of the same name, so that no path can differ in what they write.
once() {
  mkdir -p "$scratch/$1/smoke"
  cd "$scratch/$1/smoke"
  HOME=$PWD "${offline[@]}" "$quill" seed --users 100 --orders 500 --out shop.db --json >seed.json
  HOME=$PWD "${offline[@]}" "$quill" restem --db shop.db --iterations 2 --candidates 2 \
    --measure steps --require-kept 3 --out data/stage1 --json >restem.json
  HOME=$PWD "${offline[@]}" "$quill" analyze data/stage1 --json >analyze.json
  HOME=$PWD "${offline[@]}" "$quill" export --stage stage1 --format openai --allow-steps --json >export.json
  cd - >/dev/null
}

# Side by side: what one run does must not depend on another.
begin=$SECONDS
(once one) &
one=$!
(once two) &
two=$!
wait "$one"
wait "$two"
seconds=$((SECONDS - begin))

for file in shop.db data/stage1/training_data.json data/stage1/metrics.json restem.json \
  analyze.json export.json finetuning_datasets/openai_format.jsonl; do
  cmp "$scratch/one/smoke/$file" "$scratch/two/smoke/$file" ||
    die 1 "two runs with the same seed differ" "$file" "look for what depends on the clock"
done
for one in "$scratch"/one/smoke/data/stage1/checkpoint_*.json; do
  cmp "$one" "$scratch/two/smoke/data/stage1/$(basename "$one")"
done
[ "$seconds" -lt 20 ] || die 1 "the smoke run took $seconds s; it may take 20" "scripts/smoke.sh" \
  "see what became slow"
lines=$(wc -l <"$scratch/one/smoke/finetuning_datasets/openai_format.jsonl")
say "smoke: twice the same bytes, $lines exported examples, $seconds s"
