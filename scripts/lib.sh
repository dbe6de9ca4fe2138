# Shared by the scripts: three-line errors, and stages that say how long they took.
# shellcheck shell=bash

say() { printf '== %s\n' "$*" >&2; }

# die EXIT WHAT WHERE FIX
die() {
  printf 'error: %s\n  where: %s\n  fix:   %s\n' "$2" "$3" "$4" >&2
  exit "$1"
}

stage_log=()

# stage NAME COMMAND…: runs it, remembers its minutes, ends the script when it fails.
stage() {
  local name=$1 begin=$SECONDS code=0
  shift
  say "$name"
  "$@" || code=$?
  stage_log+=("$(printf '%-28s %5.1f min' "$name" "$(bc_minutes $((SECONDS - begin)))")")
  [ "$code" -eq 0 ] || die 1 "stage \"$name\" failed with exit code $code" "$*" \
    "run that command alone to see it again"
}

# Seconds as minutes with one decimal, without bc.
bc_minutes() { printf '%d.%d' $(($1 / 60)) $((($1 % 60) * 10 / 60)); }

print_stages() {
  say "minutes by stage"
  printf '   %s\n' "${stage_log[@]}" >&2
}

# How many compilers at once: a core each, but not more than memory holds (a file takes up to 1 GB).
build_jobs() {
  local cores memory_gb
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)
  [ "$memory_gb" -ge 1 ] || memory_gb=1
  echo $((cores < memory_gb ? cores : memory_gb))
}
