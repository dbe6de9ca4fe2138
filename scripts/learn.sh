#!/usr/bin/env bash
# learn.sh [FOLDER]: a model learns to answer questions in SQL from nothing, on two cores, and is asked about schemas whose
# names it never saw. Ends with one JSON line: execution accuracy in percent before and after, and seconds.
# QUILL names the program (default build/quill); FOLDER (default build/learn) keeps data, model and run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

folder=${1:-build/learn}
quill=${QUILL:-build/quill}
[ -x "$quill" ] || die 2 "\"$quill\" is not built" "scripts/learn.sh" "run scripts/setup.sh build torch, then build"
rm -rf "$folder"
began=$SECONDS
prompt=data/grammars/prompt.md

# accuracy MODEL: of 1,000 questions, in percent.
accuracy() {
  "$quill" eval sql --questions "$folder/data/questions.jsonl" --databases "$folder/data/databases" --model "$1" \
    --prompt "$prompt" --max-tokens 64 --batch 250 --answers "$folder/answers.jsonl" --json --quiet |
    sed -n '/"totals"/,/}/s/.*"spider_exec": *\([0-9.]*\).*/\1/p'
}

say "data: a grammar over random names"
"$quill" data grammar --out "$folder/data" --prompt "$prompt" --train 80000 --eval 1000
say "a model with random weights"
# A deviation of 0.02 is for widths of a thousand and more: 128 wide, three times that learns in a quarter of the steps. With 600
# tokens a rare syllable stays in letters, which are seen often enough to be copied.
"$quill" model init --out "$folder/model" --train-tokenizer "$folder/data/corpus.txt" --vocabulary 600 --deviation 0.06
before=$(accuracy "$folder/model" || true)
say "training"
"$quill" train sft --model "$folder/model" --data "$folder/data/train.jsonl" --out "$folder/run" --method full --batch 32 \
  --steps 1800 --learning-rate 2e-3 --beta2 0.98 --checkpoint-every 400
after=$(accuracy "$folder/run/model")
printf '{"before": %s, "after": %s, "seconds": %d, "questions": 1000}\n' "${before:-0}" "$after" $((SECONDS - began))
