#!/usr/bin/env bash
# What each rule pays here, beside the figure that was measured elsewhere; and, given questions with
# their databases, how long the rules take on real queries.
#
#   bench/rules.sh [BUILD_FOLDER]                                   default build
#   bench/rules.sh BUILD_FOLDER spider QUESTIONS.jsonl… DATABASES
#
# The tables have statistics (ANALYZE), as a database that is looked after. Measure a Release build on a quiet machine; a statement of more than 12 s is cut off there (">").
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
shift || true
ninja -C "$build" bench_rules quill-worker >/dev/null
export QUILL_LIBEXEC="$PWD/$build" QUILL_DATA_DIR="$PWD/data"
exec "$build/bench/bench_rules" "${@:-pay}"
