#!/usr/bin/env bash
# Tries an installed tree where it lies: data and workers are found, a query runs, and, where LibTorch came along, a
# new model writes text. As root it does so as a user without rights.
#
#   scripts/try_tree.sh TREE
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

tree=$(realpath "$1")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
as=()
if [ "$(id -u)" -eq 0 ]; then
  chown 65534:65534 "$home"
  as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
quill() { (cd "$home" && "${as[@]}" env -i PATH=/usr/bin:/bin HOME="$home" "$tree/bin/quill" "$@"); }
expect() { tr -d ' \n' <<<"$2" | grep -qF "$1" || die 1 "the answer has no $1: $2" "$tree" "look at what was installed"; }

quill version >/dev/null
quill seed --users 20 --orders 40 --out shop.db --json >/dev/null
expect '"rows":[[40]]' "$(quill sql --db shop.db --sql 'SELECT count(*) FROM orders' --json)"
printf 'SELECT name FROM users\nSELECT count(*) FROM orders\n' >"$home/corpus.txt"
quill model init --out m --train-tokenizer corpus.txt --vocabulary 280 --layers 1 --hidden 16 --inner 16 --heads 2 --kv-heads 1 --json >/dev/null
expect '"text":"SELECT1"' "$(quill model tokens --model m --ids "$(quill model tokens --model m --text 'SELECT 1')" --json)"
if [ -x "$tree/libexec/quill/quill-torch" ]; then
  expect '"finish_reason":' "$(quill generate --model m --prompt SELECT --max-tokens 4 --json)"
  say "$tree: version, a query, a new model, text from it"
else
  say "$tree: version, a query, a new model; no LibTorch in it"
fi
