#!/usr/bin/env bash
# train_kill.sh [STEPS]: kills `quill train sft` with SIGKILL at each of its steps (default 40), resumes it each time,
# and compares losses, weights, moments and sample order with those of an undisturbed run, bit by bit.
# QUILL names the program (default build/quill).
set -euo pipefail

steps=${1:-40}
root=$(cd "$(dirname "$0")/.." && pwd)
quill=${QUILL:-$root/build/quill}
if [[ ! -x $quill ]]; then
  echo "error: \"$quill\" is not built; set QUILL or run scripts/test.sh" >&2
  exit 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/quill-train-kill.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$quill" data grammar --out "$work/data" --train 300 --eval 20 --databases 2 --quiet >/dev/null
"$quill" model init --out "$work/model" --train-tokenizer "$work/data/corpus.txt" --layers 2 --hidden 64 --inner 128 \
  --vocabulary 400 --quiet >/dev/null

# run FOLDER: one start of the run, from wherever it is. Checkpoints are older than most kills.
run() {
  exec "$quill" train sft --model "$work/model" --data "$work/data/train.jsonl" --out "$1" --resume --steps "$steps" \
    --batch 2 --accumulate 2 --packing best-fit --max-length 256 --dropout 0.1 --rank 4 --checkpoint-every 3 --threads 1 \
    --quiet >/dev/null 2>"$work/err"
}

fail() {
  echo "error: $1" >&2
  sed 's/^/  /' "$work/err" >&2
  exit 1
}

lines() { if [[ -f $1/metrics.jsonl ]]; then grep -c . "$1/metrics.jsonl" || true; else echo 0; fi; }

# figures FOLDER: what does not depend on the clock.
figures() { sed -E 's/"tokens_per_second":[^,}]*,?//' "$1/metrics.jsonl"; }

(run "$work/undisturbed") || fail "the undisturbed run failed"

kills=0
for ((step = 1; step <= steps; step++)); do
  (run "$work/killed") &
  child=$!
  while kill -0 "$child" 2>/dev/null && (($(lines "$work/killed") < step)); do sleep 0.005; done
  if kill -9 "$child" 2>/dev/null; then kills=$((kills + 1)); fi
  wait "$child" 2>/dev/null || true
done
(run "$work/killed") || fail "the resumed run failed"

cmp -s <(figures "$work/undisturbed") <(figures "$work/killed") || fail "the figures of the steps differ"
last=$(printf 'checkpoints/step-%08d' "$steps")
for file in adapter/adapter_model.safetensors "$last/adapter_model.safetensors" "$last/optimizer.safetensors" "$last/state.json"; do
  cmp -s "$work/undisturbed/$file" "$work/killed/$file" || fail "$file differs"
done
echo "$kills kills over $steps steps: losses, weights, moments and order bit-identical"
