#!/usr/bin/env bash
# ring.sh [FOLDER]: the whole ring, small, on two cores: the loop finds faster queries by rule, they become data, a model learns
# from them, practises with the database as its judge, and is asked by the loop itself. Ends with one JSON line: the share of
# its candidates in percent that the loop keeps, before training and after it, and seconds. Exit 1 when it is not above.
# QUILL names the program (default build/quill); FOLDER (default build/ring) keeps everything. SFT_STEPS and GRPO_STEPS
# make it longer.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

folder=${1:-build/ring}
quill=$(realpath "${QUILL:-build/quill}")
[ -x "$quill" ] || die 2 "\"$quill\" is not built" "scripts/ring.sh" "run scripts/setup.sh build torch, then build"
rm -rf "$folder"
mkdir -p "$folder/prompts"
prompts=$(realpath data/prompts)
cd "$folder"
began=$SECONDS
# The loop asks as the model was taught: without examples, in the words of its training lines.
cp "$prompts/slow_to_fast.md" prompts/optimise.md

# kept RUN MODEL…: percent of the candidates of a local model that the loop keeps.
kept() {
  local run=$1
  shift
  "$quill" restem --db shop.db --provider local --model "$@" --prompts prompts --few-shot 0 --temperature 0.2 \
    --iterations 20 --candidates 2 --measure steps --out "$run" --json --quiet |
    sed -n 's/.*"success_rate": *\([0-9.]*\).*/\1/p' | head -1 | awk '{ printf "%.1f", 100 * $1 }'
}

say "restem: the rules find faster queries"
"$quill" seed --users 200 --orders 1000 --out shop.db --quiet >/dev/null
"$quill" restem --db shop.db --iterations 60 --candidates 5 --measure steps --out data/stage1 --quiet >/dev/null
"$quill" restem --db shop.db --stage 2 --iterations 40 --candidates 3 --measure steps --out data/stage2 --quiet >/dev/null
say "augment, combine, export"
"$quill" augment --run data/stage2 --db shop.db --times 2 --out data/augmented --quiet >/dev/null
"$quill" combine --stage1 data/stage1 --stage2 data/augmented --eval-share 0 --out data/combined --quiet >/dev/null
"$quill" export --stage combined --format qwen --allow-steps --quiet >/dev/null
"$quill" export --stage stage1 --format grpo --allow-steps --quiet >/dev/null
say "a model with random weights"
"$quill" model init --out model --train-tokenizer finetuning_datasets/qwen_format.jsonl --vocabulary 1024 --quiet >/dev/null
before=$(kept before model)
say "train sft"
"$quill" train sft --model model --data finetuning_datasets/qwen_format.jsonl --method full --batch 16 --max-length 1536 \
  --steps "${SFT_STEPS:-300}" --learning-rate 3e-3 --out sft --quiet >/dev/null
say "train grpo: how much faster is the judge's word"
"$quill" train grpo --model sft/model --data finetuning_datasets/grpo_format.jsonl --databases shop.db --reward speed \
  --exercises 4 --generations 4 --max-tokens 256 --steps "${GRPO_STEPS:-10}" --learning-rate 2e-4 --out grpo --quiet >/dev/null
say "eval rewrite"
"$quill" eval rewrite --queries finetuning_datasets/grpo_format.jsonl --databases shop.db --measure steps --max-tokens 256 \
  --model sft/model --adapter grpo/adapter --quiet >&2
say "restem: the model that was trained proposes"
after=$(kept after sft/model --adapter grpo/adapter)
printf '{"before": %s, "after": %s, "seconds": %d}\n' "${before:-0}" "${after:-0}" $((SECONDS - began))
awk -v before="${before:-0}" -v after="${after:-0}" 'BEGIN { exit !(after > before) }'
