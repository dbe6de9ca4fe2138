#!/usr/bin/env bash
# train_kill.sh [STEPS [sft|grpo|ppo]]: kills a training run with SIGKILL at each of its steps (default 40), resumes it each
# time, and compares losses, weights, moments, sample order and sampled answers with those of an undisturbed run, bit by bit.
# Where answers are sampled, every other kill comes a little later than a step's end: in the middle of the next answers.
# QUILL names the program (default build/quill).
set -euo pipefail

steps=${1:-40}
algorithm=${2:-sft}
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

case $algorithm in
sft) options=(--data "$work/data/train.jsonl" --batch 2 --accumulate 2 --packing best-fit --max-length 256) ;;
grpo | ppo)
  # what an answer of bytes is worth: the fewer letters e, the better
  printf '%s\n' 'while read -r line; do e=${line//[^e]/}; echo "{\"reward\": -${#e}}"; done' >"$work/reward.sh"
  options=(--data "$work/data/questions.jsonl" --databases "$work/data/databases" --exercises 2 --generations 4
    --max-tokens 24 --iterations 2 --reward-command "bash '$work/reward.sh'" --learning-rate 1e-3)
  ;;
*)
  echo "error: \"$algorithm\" is no algorithm; allowed: sft, grpo, ppo" >&2
  exit 2
  ;;
esac

# run FOLDER: one start of the run, from wherever it is. Checkpoints are older than most kills.
run() {
  exec "$quill" train "$algorithm" --model "$work/model" --out "$1" --resume --steps "$steps" "${options[@]}" --dropout 0.1 \
    --rank 4 --checkpoint-every 3 --threads 1 --quiet >/dev/null 2>"$work/err"
}

fail() {
  echo "error: $1" >&2
  sed 's/^/  /' "$work/err" >&2
  exit 1
}

lines() { if [[ -f $1/metrics.jsonl ]]; then grep -c . "$1/metrics.jsonl" || true; else echo 0; fi; }

# figures FOLDER: what does not depend on the clock.
figures() { sed -E 's/"(tokens_per_second|[a-z_]*_seconds)":[^,}]*,?//g' "$1/metrics.jsonl"; }

(run "$work/undisturbed") || fail "the undisturbed run failed"

kills=0
for ((step = 1; step <= steps; step++)); do
  (run "$work/killed") &
  child=$!
  while kill -0 "$child" 2>/dev/null && (($(lines "$work/killed") < step)); do sleep 0.005; done
  if [[ $algorithm != sft && $((step % 2)) = 0 ]]; then sleep 0.03; fi
  if kill -9 "$child" 2>/dev/null; then kills=$((kills + 1)); fi
  wait "$child" 2>/dev/null || true
done
(run "$work/killed") || fail "the resumed run failed"

cmp -s <(figures "$work/undisturbed") <(figures "$work/killed") || fail "the figures of the steps differ"
last=$(printf 'checkpoints/step-%08d' "$steps")
for file in adapter/adapter_model.safetensors "$last/adapter_model.safetensors" "$last/optimizer.safetensors" "$last/state.json"; do
  cmp -s "$work/undisturbed/$file" "$work/killed/$file" || fail "$file differs"
done
if [[ -d $work/undisturbed/rollouts ]]; then
  diff -rq "$work/undisturbed/rollouts" "$work/killed/rollouts" >&2 || fail "the sampled answers differ"
fi
echo "$kills kills over $steps steps: losses, weights, moments and order bit-identical"
