#!/usr/bin/env bash
# quill and quill-worker start in milliseconds because they link no tensors, no DuckDB and no libpq.
set -euo pipefail
for program in "$@"; do
  libraries=$(ldd "$program")
  if grep -E 'libtorch|libc10|libduckdb|libpq\.|not found' <<<"$libraries"; then
    echo "$program must not link the libraries above" >&2
    exit 1
  fi
  echo "$program: $(wc -l <<<"$libraries") libraries, none of LibTorch, DuckDB or libpq"
done
