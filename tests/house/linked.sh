#!/usr/bin/env bash
# quill starts in milliseconds because it links no tensors and no DuckDB.
set -euo pipefail
for program in "$@"; do
  libraries=$(ldd "$program")
  if grep -E 'libtorch|libc10|libduckdb|not found' <<<"$libraries"; then
    echo "$program must not link the libraries above" >&2
    exit 1
  fi
  echo "$program: $(wc -l <<<"$libraries") libraries, none of LibTorch or DuckDB"
done
