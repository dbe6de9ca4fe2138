#!/usr/bin/env bash
# `cmake --install` gives a tree that works, also after it was moved as a whole.
set -euo pipefail
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved"
cd "$scratch"
unset QUILL_LIBEXEC QUILL_DATA_DIR
for file in bin/quill libexec/quill/quill-worker share/quill/blueprints/shop.json \
  share/quill/seed_data.json share/quill/LICENSE share/man/man1/quill.1; do
  [ -e "moved/$file" ] || { echo "$file was not installed" >&2; exit 1; }
done
HOME=$scratch moved/bin/quill seed --users 20 --orders 40 --out shop.db --json >/dev/null
answer=$(HOME=$scratch moved/bin/quill sql --db shop.db --sql 'SELECT count(*) FROM orders' --json)
grep -q '"status": "ok"' <<<"$answer"
tr -d ' \n' <<<"$answer" | grep -qF '"rows":[[40]]'
