#!/usr/bin/env bash
# What Quill does on a GPU, measured: one table of aim and seen. It needs the built tree alone: models have the true
# shapes and random weights, made with `quill model init`, and the data is the shipped grammar's.
#
# usage: scripts/gpu_check.sh [BUILD]       (default build-cuda; FOLDER for what it writes: GPU_CHECK_FOLDER)
#
# Lines: parity of each kernel and of logits with the CPU; tokens a second of `quill generate` (0.5 B, bfloat16, batch 1
# and 256); tokens a second of `quill train sft` (0.5 B LoRA r16 on every map, packed rows of 2048, bfloat16; 7 B over
# four bits, with its memory); samples an hour of `quill train grpo` (0.5 B). What could not run is "not shown".
# Exit code 0 only when every line ran and reached its aim; 1 when one fell short; 3 when one was not shown.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=${1:-build-cuda}
quill=$build/quill
folder=${GPU_CHECK_FOLDER:-$(mktemp -d)}
mkdir -p "$folder"
[ -n "${GPU_CHECK_FOLDER:-}" ] || trap 'rm -rf "$folder"' EXIT
export QUILL_LIBEXEC=$PWD/$build QUILL_DATA_DIR=$PWD/data
rows=() worst=0

# row LINE AIM SEEN STATE
row() { rows+=("$(printf '%-44s | %-22s | %-22s | %s' "$@")"); }
not_shown() { row "$1" "$2" "-" "not shown: $3"; worst=3; }
# measured LINE AIM SEEN UNIT: SEEN is a number that should be at least AIM.
measured() {
  if awk -v seen="$3" -v aim="$2" 'BEGIN {exit !(seen >= aim)}'; then
    row "$1" "$2 $4" "$3 $4" "reached"
  else
    row "$1" "$2 $4" "$3 $4" "falls short"
    [ "$worst" -eq 3 ] || worst=1
  fi
}
print_table() {
  printf '%-44s | %-22s | %-22s | %s\n' "what" "aim" "seen" "state"
  printf '%s\n' "${rows[@]}"
}
# number_in KEY: of the JSON on stdin, the last time it stands there.
number_in() { grep -o "\"$1\": *[0-9.e+-]*" | tail -n 1 | sed 's/.*: *//'; }

lines=("each kernel against its plain form" "logits, recorded steps and packing" "0.5 B bfloat16, batch 1" \
  "0.5 B bfloat16, batch 256" "SFT 0.5 B LoRA r16, packed 2048" "SFT 7 B in four bits, speed" \
  "SFT 7 B in four bits, memory" "GRPO 0.5 B")
aims=("equal" "equal" "1500 tokens/s" "a third of bandwidth" "80000 tokens/s" "8000 tokens/s" "below 12288 MiB" \
  "150 samples/h")

if ! nvidia-smi -L >/dev/null 2>&1; then
  for i in "${!lines[@]}"; do not_shown "${lines[$i]}" "${aims[$i]}" "no GPU here"; done
  print_table
  exit "$worst"
fi
[ -x "$build/quill-torch" ] || die 2 "\"$build/quill-torch\" is not built" "scripts/gpu_check.sh" \
  "scripts/setup.sh cuda cuda-run, then scripts/cuda_check.sh"
nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total --format=csv,noheader | head -n 1
# Bytes a second of the memory, by the data sheets; GPU_BANDWIDTH for other GPUs.
bandwidth_of() {
  case $(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1) in
    *H200*) echo 4.8e12 ;; *H100*PCIe*) echo 2.0e12 ;; *H100*) echo 3.35e12 ;;
    *A100*80GB*) echo 2.0e12 ;; *A100*) echo 1.55e12 ;; *L40S*) echo 8.64e11 ;; *4090*) echo 1.008e12 ;;
    *) echo "${GPU_BANDWIDTH:-0}" ;;
  esac
}

parity() { # LINE TAG
  if QUILL_DATA_DIR=$PWD/data "$build/tests/model_torch_tests" "$2" >"$folder/parity.log" 2>&1; then
    if grep -q skipped "$folder/parity.log"; then
      not_shown "$1" "equal" "LibTorch sees no GPU"
    else
      row "$1" "equal" "equal" "reached"
    fi
  else
    row "$1" "equal" "see $folder/parity.log" "falls short"
    [ "$worst" -eq 3 ] || worst=1
  fi
}
if [ -x "$build/tests/model_torch_tests" ]; then
  parity "${lines[0]}" "[kernels]"
  parity "${lines[1]}" "[device]"
else
  for i in 0 1; do not_shown "${lines[$i]}" "equal" "model_torch_tests is not built"; done
fi

# The tokenizer is a small one, the matrices have the true 151,936 rows all the same.
init() { # NAME OPTION…
  local name=$1
  shift
  [ -e "$folder/$name/config.json" ] || "$quill" model init --out "$folder/$name" --train-tokenizer "$folder/grammar/corpus.txt" \
    --vocabulary 2048 --quiet "$@" >/dev/null
}
if ! { "$quill" data grammar --out "$folder/grammar" --train 4000 --eval 10 --quiet >/dev/null &&
  init half --shape qwen2.5-0.5b; }; then
  for i in 2 3 4 5 6 7; do not_shown "${lines[$i]}" "${aims[$i]}" "the model could not be made"; done
  print_table
  exit "$worst"
fi

generate() { # LINE BATCH AIM
  local seen
  seen=$("$quill" generate --model "$folder/half" --device cuda --dtype bfloat16 --prompt "SELECT name FROM" -n "$2" \
    --max-tokens 512 --batch 256 --temperature 1 --json --quiet 2>"$folder/generate.log" | number_in tokens_per_second)
  if [ -n "$seen" ]; then
    measured "$1" "$3" "$seen" "tokens/s"
  else
    not_shown "$1" "$3 tokens/s" "$(head -n 1 "$folder/generate.log")"
  fi
}
generate "${lines[2]}" 1 1500
# 256 B / (weights + 256 caches of 512 tokens): 0.988 GB and 12,288 bytes a token.
third=$(awk -v b="$(bandwidth_of)" 'BEGIN {printf "%.0f", b / (0.988e9 + 256 * 512 * 12288) * 256 / 3}')
if [ "$third" -gt 0 ]; then
  generate "${lines[3]}" 256 "$third"
else
  not_shown "${lines[3]}" "${aims[3]}" "GPU_BANDWIDTH (bytes a second) is not set for this GPU"
fi

sft() { # NAME OPTION…: tokens a second of the last step, and MiB at the worst, into sft_speed and sft_memory
  local name=$1 watcher
  shift
  rm -rf "$folder/run"
  nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits -lms 200 >"$folder/memory.txt" &
  watcher=$!
  "$quill" train sft --model "$folder/$name" --data "$folder/grammar/train.jsonl" --out "$folder/run" --device cuda \
    --dtype bfloat16 --rank 16 --packing best-fit --max-length 2048 --steps 20 --quiet "$@" >/dev/null 2>"$folder/sft.log"
  local code=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  [ "$code" -eq 0 ] || return 1
  sft_speed=$(number_in tokens_per_second <"$folder/run/metrics.jsonl")
  sft_memory=$(sort -n "$folder/memory.txt" | tail -n 1)
}
if sft half --batch 8; then
  measured "${lines[4]}" 80000 "$sft_speed" "tokens/s"
else
  not_shown "${lines[4]}" "${aims[4]}" "$(head -n 1 "$folder/sft.log")"
fi
if init seven --shape qwen2.5-7b && sft seven --method qlora --batch 1 --accumulate 2 --recompute block; then
  measured "${lines[5]}" 8000 "$sft_speed" "tokens/s"
  if [ "$sft_memory" -lt 12288 ]; then state=reached; else state="falls short" && { [ "$worst" -eq 3 ] || worst=1; }; fi
  row "${lines[6]}" "below 12288 MiB" "$sft_memory MiB" "$state"
else
  for i in 5 6; do not_shown "${lines[$i]}" "${aims[$i]}" "$(head -n 1 "$folder/sft.log")"; done
fi

rm -rf "$folder/grpo"
begin=$SECONDS
if "$quill" train grpo --model "$folder/half" --data "$folder/grammar/questions.jsonl" --databases "$folder/grammar/databases" \
  --out "$folder/grpo" --device cuda --dtype bfloat16 --steps 10 --exercises 8 --generations 8 --max-tokens 128 --quiet \
  >/dev/null 2>"$folder/grpo.log"; then
  measured "${lines[7]}" 150 "$(awk -v s=$((SECONDS - begin)) 'BEGIN {printf "%.0f", 10 * 64 / s * 3600}')" "samples/h"
else
  not_shown "${lines[7]}" "${aims[7]}" "$(head -n 1 "$folder/grpo.log")"
fi
print_table
exit "$worst"
