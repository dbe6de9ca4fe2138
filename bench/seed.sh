#!/usr/bin/env bash
# Time and peak memory of building the shop: 50,000 and 1,000,000 orders, each in a process of its
# own. Limits: 3 s for the first, 60 s and 200 MB for the second; exit 1 when one is passed.
#
#   bench/seed.sh [BUILD_FOLDER]           default build; measure a Release build
set -euo pipefail
cd "$(dirname "$0")/.."
quill=${1:-build}/quill
[ -x "$quill" ] || { echo "error: no program at $quill; build it first (scripts/run.sh)" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 - "$quill" "$scratch" <<'PYTHON'
import json, os, sys

quill, scratch = sys.argv[1:]
passed = True
print(f"{'orders':>9}  {'time s':>7}  {'limit':>5}  {'peak MB':>7}  {'limit':>5}  {'file MB':>7}")
for users, orders, seconds_max, megabytes_max in ((10_000, 50_000, 3, 200), (100_000, 1_000_000, 60, 200)):
    out = f"{scratch}/{orders}.db"
    command = [quill, "seed", "--users", str(users), "--orders", str(orders), "--out", out, "--json", "--quiet"]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        os.execv(quill, command)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status, usage = os.wait4(child, 0)  # ru_maxrss of this child alone, in KiB
    if status != 0:
        sys.exit(f"error: {' '.join(command)} failed with status {os.waitstatus_to_exitcode(status)}")
    report = json.loads(text)
    seconds, megabytes = report["elapsed_ms"] / 1000, usage.ru_maxrss / 1024
    passed &= seconds < seconds_max and megabytes < megabytes_max
    print(f"{orders:>9}  {seconds:>7.2f}  {seconds_max:>5}  {megabytes:>7.1f}  {megabytes_max:>5}  {report['bytes'] / 1e6:>7.1f}")
sys.exit(0 if passed else 1)
PYTHON
