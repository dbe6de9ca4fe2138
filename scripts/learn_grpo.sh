#!/usr/bin/env bash
# learn_grpo.sh [FOLDER]: supervised fine-tuning is stopped early, then the model learns on from execution alone: no answer is
# shown to it any more. Asked about schemas of neither. Ends with one JSON line: execution accuracy in percent before and after,
# seconds of GRPO. QUILL names the program (default build/quill); FOLDER (default build/learn_grpo) keeps everything; SEED,
# STEPS and LEARNING_RATE set the run, MODEL a folder to begin from in place of fine-tuning.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

folder=${1:-build/learn_grpo}
quill=${QUILL:-build/quill}
seed=${SEED:-42}
[ -x "$quill" ] || die 2 "\"$quill\" is not built" "scripts/learn_grpo.sh" "run scripts/setup.sh build torch, then build"
rm -rf "$folder"
prompt=data/grammars/prompt.md

# accuracy MODEL: of 1,000 questions, in percent.
accuracy() {
  "$quill" eval sql --questions "$folder/data/questions.jsonl" --databases "$folder/data/databases" --model "$1" \
    --prompt "$prompt" --max-tokens 64 --batch 250 --json --quiet |
    sed -n '/"totals"/,/}/s/.*"spider_exec": *\([0-9.]*\).*/\1/p'
}

say "data: a grammar over random names; questions to practise on come from another seed"
"$quill" data grammar --out "$folder/data" --prompt "$prompt" --train 80000 --eval 1000
"$quill" data grammar --out "$folder/practice" --prompt "$prompt" --train 1 --eval 3000 --databases 300 --seed 7
model=${MODEL:-$folder/sft/checkpoints/step-00000600}
if [ -z "${MODEL:-}" ]; then
  say "a model with random weights, fine-tuned as scripts/learn.sh does, and stopped after 600 steps of 1,800"
  "$quill" model init --out "$folder/model" --train-tokenizer "$folder/data/corpus.txt" --vocabulary 600 --deviation 0.06
  "$quill" train sft --model "$folder/model" --data "$folder/data/train.jsonl" --out "$folder/sft" --method full \
    --batch 32 --steps 1800 --learning-rate 2e-3 --beta2 0.98 --checkpoint-every 600 &
  sft=$!
  while [ ! -d "$model" ] && kill -0 $sft 2>/dev/null; do sleep 0.2; done
  kill $sft 2>/dev/null || true
  wait $sft || true
fi
before=$(accuracy "$model")
say "GRPO on execution from $before %"
began=$SECONDS
"$quill" train grpo --model "$model" --data "$folder/practice/questions.jsonl" \
  --databases "$folder/practice/databases" --prompt "$prompt" --out "$folder/grpo" --method full --reward execution \
  --exercises 16 --generations 8 --batch 128 --max-tokens 64 --steps "${STEPS:-1000}" \
  --learning-rate "${LEARNING_RATE:-5e-5}" --schedule constant --seed "$seed"
seconds=$((SECONDS - began))
after=$(accuracy "$folder/grpo/model")
printf '{"before": %s, "after": %s, "seconds": %d, "questions": 1000, "seed": %s}\n' "$before" "$after" "$seconds" "$seed"
