#!/usr/bin/env bash
# Everything that must pass. Installs what is missing, builds, runs; ends with the test runner's
# own closing line.
#
#   scripts/test.sh [--all]   --all adds the slow tests, long fuzzing, 100 kills of a run, clang-tidy on every file, and a
#                           build without the precompiled header
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

all=
case "${1:-}" in
'') ;;
--all) all=yes ;;
-h | --help)
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
*) die 2 "scripts/test.sh has no option \"$1\"" "command line" "it takes --all" ;;
esac

export CCACHE_NOHASHDIR=1
jobs=$(build_jobs)

# build PRESET [TARGET…]: quiet while it goes well.
build() {
  local preset=$1 folder log
  shift
  folder=$(preset_folder "$preset")
  log=$folder/build.log
  mkdir -p "$folder"
  { cmake --preset "$preset" && cmake --build "$folder" -j "$jobs" ${1:+--target "$@"}; } \
    >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    return 1
  }
}
preset_folder() { [ "$1" = dev ] && echo build || echo "build-$1"; }

# tests FOLDER [ctest options…]
tests() {
  local folder=$1
  shift
  ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 900 "$@"
}

sanitized() {
  local preset=$1 expression=$2
  # A race or a broken rule ends the test that did it.
  ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 \
    TSAN_OPTIONS=halt_on_error=1 tests "build-$preset" -R "$expression" -j "$jobs"
}

format() {
  git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror
}

# Files that differ from the branch this one will go into; without one, from the commit before.
changed_sources() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse -q --verify HEAD~1 || true)
  fi
  { git diff --name-only --diff-filter=d ${base:+"$base"} -- 'src/*.cpp'
    git ls-files --others --exclude-standard -- 'src/*.cpp'; } | sort -u
}

tidy() {
  local files
  if [ -n "$all" ]; then files=$(git ls-files 'src/*.cpp'); else files=$(changed_sources); fi
  [ -n "$files" ] || return 0
  xargs -P "$jobs" -n 4 clang-tidy-19 -p build --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch <<<"$files" >build/tidy.log 2>/dev/null || {
    grep -E 'warning:|error:' build/tidy.log | sort -u >&2
    return 1
  }
}

# Each fuzzer replays its corpus, then looks for new ground for a while.
fuzz() {
  local seconds=$1 fuzzer name
  for fuzzer in build-asan/fuzz/*_fuzz; do
    name=$(basename "$fuzzer")
    mkdir -p "build-asan/found/$name"
    [ -d "tests/fuzz/corpus/$name" ] || die 2 "$name has no corpus" "tests/fuzz/corpus/$name" "add an input or two"
    "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=0 \
      -artifact_prefix="build-asan/found/$name-" "build-asan/found/$name" "tests/fuzz/corpus/$name" \
      >"build-asan/$name.log" 2>&1 || {
      tail -n 40 "build-asan/$name.log" >&2
      return 1
    }
    say "$name: $(grep -c . <(ls "tests/fuzz/corpus/$name")) inputs replayed, $(grep -oE 'Done [0-9]+ runs' "build-asan/$name.log" || echo done)"
  done
}

stage "packages" scripts/setup.sh build test lint
stage "build" build dev
stage "format" format
stage "clang-tidy${all:+, all files}" tidy
[ -z "$all" ] || stage "build without precompiled header" build includes
stage "address sanitizer and fuzzers, build" build asan
stage "address sanitizer, tests" sanitized asan '^(core|sql|llm|engine|store|model|judge|rewrite|task|loop|eval|report|optimize|train|serve|hub)$'
stage "thread sanitizer, build" build tsan core_tests llm_tests engine_tests model_tests quill-worker
stage "thread sanitizer, tests" sanitized tsan '^(core|llm|engine|model)$'
if [ -n "$all" ]; then stage "fuzzers, 5 min each" fuzz 300; else stage "fuzzers, 10 s each" fuzz 10; fi
stage "smoke" scripts/smoke.sh
if [ -n "$all" ]; then stage "200 kills of a batch" scripts/kill_batch.py 200; else stage "3 kills of a batch" scripts/kill_batch.py 3; fi
[ -z "$all" ] || stage "100 kills" scripts/kill_test.sh 100
print_stages

# Last, so that the closing line is the test runner's own. Timing tests want the machine alone.
say "tests"
if [ -n "$all" ]; then tests build; else tests build -L fast; fi
