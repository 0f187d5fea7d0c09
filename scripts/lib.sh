# Shared by the scripts of this folder; sourced, with the repository as the working folder.
exec </dev/null  # nothing here asks a question, with or without a terminal
mkdir -p build
log=$PWD/build/setup.log

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'seedling: %s\n' "$*" >&2; exit 1; }

# configure PRESET [cmake arguments]: when the presets changed since; ninja itself notices changed CMake files.
configure() {
  preset=$1; shift
  [ "build/$preset/build.ninja" -nt CMakePresets.json ] || cmake --preset "$preset" "$@" >"build/configure-$preset.log" 2>&1 ||
    fail "cmake --preset $preset failed: $(grep -m1 -A2 'CMake Error' "build/configure-$preset.log" | tr '\n' ' ')"
}

# build PRESET TARGET...: progress of ninja, and one line when it fails.
build() {
  preset=$1; shift
  ninja -C "build/$preset" "$@" >&2 || fail "the build in build/$preset failed: the first error stands above"
}
