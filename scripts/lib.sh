# Shared by the scripts of this folder; sourced, with the repository as the working folder.
mkdir -p build
log=$PWD/build/setup.log

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'seedling: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else fail "needs root or sudo to run: $*"
  fi
}

# configure PRESET [cmake arguments]: only when it was not done yet; ninja runs cmake again when its files change.
configure() {
  preset=$1; shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" "$@" >"build/configure-$preset.log" 2>&1 ||
    fail "cmake --preset $preset failed: $(grep -m1 -A2 'CMake Error' "build/configure-$preset.log" | tr '\n' ' ')"
}

# build PRESET TARGET...: progress of ninja, and one line when it fails.
build() {
  preset=$1; shift
  ninja -C "build/$preset" "$@" >&2 || fail "building $* in build/$preset failed"
}
