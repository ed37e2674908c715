# Sourced by the other scripts: where things lie, and how they speak. Needs $root.

cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/heal
data=${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}/heal
debs=$cache/debs

say() { printf 'heal: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 3
}

# The first 16 digits of the SHA-256 of what is read.
hash_of() { sha256sum | cut -c1-16; }

# The flags that let the compiler and the linker see what scripts/setup unpacked into the cache.
build_flags() {
  [ -f "$debs/usr/include/sqlite3.h" ] || [ -f "$debs/usr/include/zlib.h" ] || return 0
  for folder in "$debs"/usr/lib/*-linux-*; do
    [ -d "$folder" ] || continue
    printf '%s\n' -Xcc "-I$debs/usr/include" -Xlinker "-L$folder" -Xlinker -rpath -Xlinker "$folder"
  done
}

# Runs a command while no other build of this folder runs: locked FOLDER COMMAND…
# The command must not leave a process behind that keeps descriptor 9 open.
locked() {
  mkdir -p "$1" 2>/dev/null || die "cannot write to $1; heal is built there"
  lock=$1/build.lock
  shift
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$lock"
    if ! flock -n 9; then
      say "another build is running; waiting for it"
      flock 9
    fi
    "$@"
    status=$?
    exec 9>&-
    return $status
  fi
  until mkdir "$lock.d" 2>/dev/null; do sleep 1; done
  trap 'rmdir "$lock.d"' EXIT INT TERM
  "$@"
  status=$?
  rmdir "$lock.d"
  trap - EXIT INT TERM
  return $status
}
