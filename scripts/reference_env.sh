#!/usr/bin/env bash
# Makes a Python environment with the libraries Quill's model is compared with, hashes pinned.
#
#   scripts/reference_env.sh [FOLDER]   default .cache/reference
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
folder=${1:-.cache/reference}
[ -x "$folder/bin/python" ] || python3 -m venv "$folder" ||
  die 2 "python3 cannot make a virtual environment" "$folder" "install python3-venv"
"$folder/bin/pip" install --quiet --require-hashes -r scripts/requirements-reference.txt ||
  die 3 "pip could not install the reference libraries" "scripts/requirements-reference.txt" \
    "see that pip reaches a registry with these very files"
echo "$folder/bin/python"
