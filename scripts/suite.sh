# Packages of a newer suite than the system's, unpacked into a folder; sourced by scripts/get-*.
# Nothing is installed into the system. The mirror is the one that this machine's apt already uses. The sourcing script
# has a function fail.

# unpack_from_suite DIR SUITE PACKAGE: the package and what it depends on, its own libc included, into DIR/unpacked.
unpack_from_suite() {
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$mirror" ] || fail "apt knows no package mirror: check its sources list, then try again"

  # apt with its own state and one source. APT_CONFIG comes on top of /etc/apt/apt.conf.d, which must stay in force:
  # a machine's proxy and its rules about old Release files stand there.
  apt=$1/apt
  rm -rf "$apt" "$1/unpacked"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$1/unpacked"
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $2 main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "root";
Debug::NoLocking "1";
END
  export APT_CONFIG="$apt/apt.conf"
  apt-get -qq update || fail "the package lists of $2 could not be fetched"
  apt-get -qq -y --no-install-recommends --download-only install "$3" >/dev/null || fail "$3 could not be fetched"
  unset APT_CONFIG
  for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$1/unpacked"; done
  rm -rf "$apt"

  # What was fetched runs on the libc it was built with, not on the system's.
  libraries=$(dirname "$(find "$1/unpacked/usr/lib" -name 'libc.so.6' | head -n 1)")
  loader=$(find "$1/unpacked/usr/lib" -name 'ld-linux*.so.*' | head -n 1)
  [ -n "$loader" ] || fail "the fetched libc has no program loader"
}
