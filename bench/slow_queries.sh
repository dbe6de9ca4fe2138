#!/usr/bin/env bash
# What rules and indexes make of slow queries as people write them (data/slow_queries): one line a query,
# then the share that got faster and the geometric mean over all.
#
#   bench/slow_queries.sh DATABASES [BUILD_FOLDER [CANDIDATES [ID-PREFIX]]]
#
# DATABASES holds chinook.sqlite, northwind.sqlite and sakila.sqlite.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,7p' "$0" >&2; exit 2; }
databases=$(realpath "$1")
cd "$(dirname "$0")/.."
build=${2:-build}
ninja -C "$build" bench_slow_queries quill-worker >/dev/null
export QUILL_LIBEXEC="$PWD/$build" QUILL_DATA_DIR="$PWD/data"
exec "$build/bench/bench_slow_queries" "$databases" data/slow_queries "${3:-32}" "${4:-}"
