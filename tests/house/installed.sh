#!/usr/bin/env bash
# `cmake --install` gives a tree that works, also after it was moved as a whole.
set -euo pipefail
build=$1
scratch=$(mktemp -d)
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved"
for file in bin/quill libexec/quill/quill-worker share/quill/blueprints/shop.json \
  share/quill/seed_data.json share/quill/LICENSE share/man/man1/quill.1; do
  [ -e "$scratch/moved/$file" ] || { echo "$file was not installed" >&2; exit 1; }
done
"$(dirname "$0")/../../scripts/try_tree.sh" "$scratch/moved"
