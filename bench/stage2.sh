#!/usr/bin/env bash
# Stage 2 without a key at full size: verified examples over ten blueprints, then each four times
# under other names, then both stages combined and exported in every format. Prints what came out
# beside the bars: all slow queries different, bands within 5 points of 50/30/20, everything proved.
#
#   bench/stage2.sh [BUILD_FOLDER] [EXAMPLES] [OUT]      default: build, 1000, a scratch folder
#
# On a quiet machine; two cores need about an hour for 1000. Exit 1 when a bar is missed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
examples=${2:-1000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=$(realpath -m "${3:-$scratch}")
mkdir -p "$out"
quill=$build/quill
export QUILL_LIBEXEC=$build QUILL_DATA_DIR=$PWD/data
blueprints=shop,forum,library,school,tickets,warehouse,flights,taxi,music,hr
note() { printf '== %s\n' "$*" >&2; }

begin=$SECONDS
"$quill" restem --stage 2 --blueprint "$blueprints" --trust full --candidates 1 \
  --iterations $((examples * 3)) --target-examples "$examples" --out "$out/stage2" --resume \
  --no-progress --quiet --json >"$out/stage2.json"
seconds=$((SECONDS - begin))
note "stage 2: $seconds s"
"$quill" augment --run "$out/stage2" --out "$out/augmented" --quiet --json >"$out/augment.json" ||
  [ $? -eq 1 ]
note "augmented: $((SECONDS - begin - seconds)) s"
[ -d "$out/stage1" ] ||
  "$quill" restem --blueprint shop --iterations 20 --out "$out/stage1" --quiet --json >"$out/stage1.json"
"$quill" combine --stage1 "$out/stage1" --stage2 "$out/stage2" --out "$out/combined" --eval-share 0.1 \
  --quiet --json >"$out/combine.json"
"$quill" data check "$out/combined" --quiet --json >"$out/check.json" || [ $? -eq 1 ]
for format in openai huggingface qwen dpo grpo; do
  "$quill" export --data "$out" --stage combined --format "$format" --out "$out/sets" --quiet --json \
    >"$out/export_$format.json"
done

python3 - "$out" "$examples" "$seconds" <<'PYTHON'
import collections, json, pathlib, sys

out, wanted, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
read = lambda name: json.loads((out / name).read_text())
examples = read("stage2/training_data.json")
fast = [e["speedup"] for e in examples if e["speedup"] >= 2]
bands = collections.Counter("2-10x" if s < 10 else "10-100x" if s < 100 else "100x+" for s in fast)
shares = {name: 100 * bands[name] / max(len(fast), 1) for name in ("2-10x", "10-100x", "100x+")}
missed = []
def bar(ok, text):
    print(("ok    " if ok else "below ") + text)
    if not ok:
        missed.append(text)
bar(len(examples) >= wanted, f"{len(examples)} verified examples over "
    f"{len({e['database'] for e in examples})} blueprints")
rate = seconds / max(len(examples), 1)
bar(rate * 1000 <= 90 * 60, f"{seconds} s, {rate:.2f} s an example: 1,000 in {rate * 1000 / 60:.0f} "
    "minutes (90)")
bar(len({e["before"] for e in examples}) == len(examples), "every slow query is different")
bar(all(abs(shares[n] - w) <= 5 for n, w in (("2-10x", 50), ("10-100x", 30), ("100x+", 20))),
    "bands " + ", ".join(f"{n} {s:.1f} %" for n, s in shares.items()))
augmented = read("augment.json")
bar(augmented["verified"] >= 4 * len(examples),
    f"augmented: {augmented['verified']} verified, {augmented['dropped']} dropped")
check = read("check.json")
bar(not check["faults"], f"combined: {check['leaks']} leaks, {check['duplicates']} duplicates, "
    f"{check['broken']} broken")
for name in ("openai", "huggingface", "qwen", "dpo", "grpo"):
    print(f"      {name}: {read(f'export_{name}.json')['examples']} lines")
kinds = collections.Counter(e["type"] for e in examples)
print("      types " + ", ".join(f"{n} {c}" for n, c in kinds.most_common()))
sys.exit(1 if missed else 0)
PYTHON
