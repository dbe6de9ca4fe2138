#!/usr/bin/env bash
# What `quill optimize --provider rules --mode standard` makes of slow queries as people write them (data/slow_queries):
# one line a query, then the share of WIN, the geometric mean over all, wrong answers, and the median time to an answer.
#
#   bench/optimize.sh DATABASES [BUILD_FOLDER [ID-PREFIX]]
#
# DATABASES holds chinook.sqlite, northwind.sqlite and sakila.sqlite. Measure on a quiet machine. Exit code 1 when a bar is missed:
# 70 % WIN with indexes, geometric mean 4x, no different rows, median below 10 s.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
databases=$(realpath "$1")
cd "$(dirname "$0")/.."
build=${2:-build}
export QUILL_LIBEXEC="$PWD/$build" QUILL_DATA_DIR="$PWD/data"
exec python3 bench/optimize.py "$build/quill" "$databases" data/slow_queries "${3:-}"
