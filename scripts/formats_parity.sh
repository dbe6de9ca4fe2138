#!/usr/bin/env bash
# Loads exported training sets with the reference libraries (`datasets`, `trl`) and compares counts
# and contents with what Quill wrote.
#
#   scripts/formats_parity.sh FOLDER      FOLDER holds openai_format.jsonl and so on
#
# Makes build/formats-venv once, from PyPI packages pinned by hash. Exit 1 when a format differs.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
[ $# -eq 1 ] || die 2 "no folder of training sets is given" "scripts/formats_parity.sh" \
  "write them with \`quill export --format openai\` and so on, and name their folder"
venv=build/formats-venv
if [ ! -x "$venv/bin/python" ] || ! cmp -s scripts/formats_parity.txt "$venv/installed.txt"; then
  say "installing the reference loaders in $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --no-deps --require-hashes -r scripts/formats_parity.txt
  cp scripts/formats_parity.txt "$venv/installed.txt"
fi
HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 exec "$venv/bin/python" scripts/formats_parity.py "$1"
