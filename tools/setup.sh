# shellcheck shell=bash
# Sourced by tools/run, tools/test and others: finds what is missing, installs it, builds. It prints
# one line a step to stderr; the steps' own output goes to build/logs, and is shown if one fails.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
cjson_source_dir=${PARLEY_CJSON_SOURCE_DIR-}
libsodium_source_dir=${PARLEY_LIBSODIUM_SOURCE_DIR-}
# The server takes every PARLEY_ variable for an option.
unset PARLEY_CJSON_SOURCE_DIR PARLEY_LIBSODIUM_SOURCE_DIR

# A need is "KIND WHAT PACKAGE": how to see that it is there, and Debian's package that brings it.
# Commands are looked for, not packages, since node, say, may be there from elsewhere.
# shellcheck disable=SC2034 # used by those who source this
build_needs=(
  "command cc gcc"
  "file /usr/include/stdio.h libc6-dev"
  "command cmake cmake"
  "command ninja ninja-build"
  "command pkg-config pkg-config"
  "emscripten emcc emscripten"
  "command node nodejs"
  "command esbuild esbuild"
  "library libwebsockets libwebsockets-dev"
  "library libuv libuv1-dev"
  "library libcjson libcjson-dev"
  "library libsodium libsodium-dev"
  "library libcrypto libssl-dev"
  "sources dpkg-source dpkg-dev"
)

# shellcheck disable=SC2034
package_needs=("command lintian lintian" "command file file")

# What tests/fuzz has a fuzzer for, and what these need.
# shellcheck disable=SC2034
fuzz_targets=(wire entry ledger sealed peer sdp chat hub poll request stun forwarded frames)
# shellcheck disable=SC2034
fuzz_needs=("command clang clang" "fuzzer clang libclang-rt-dev")
# shellcheck disable=SC2034
coverage_needs=("command llvm-cov llvm" "command llvm-profdata llvm")

say() {
  echo "parley: $*" >&2
}

die() {
  say "$*"
  exit 1
}

has_cjson_source() {
  [[ -n $cjson_source_dir || -e $root/build/deps/cjson/cJSON.c ]]
}

has_libsodium_source() {
  [[ -n $libsodium_source_dir || -e $root/build/deps/libsodium/src/libsodium/sodium/utils.c ]]
}

is_there() {
  local kind=$1 what=$2
  case $kind in
    command) command -v "$what" ;;
    file) [[ -e $what ]] ;;
    library) pkg-config --exists "$what" ;;
    emscripten) [[ -n ${EMSCRIPTEN-} ]] || command -v "$what" ;;
    fuzzer) echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
      "$what" -fsanitize=fuzzer,address -o /dev/null -x c - ;;
    sources) { has_cjson_source && has_libsodium_source; } || command -v "$what" ;;
  esac > /dev/null 2>&1
}

# Prints the packages of those needs that are not met, on one line.
missing_packages() {
  local need kind what package missing=()
  for need in "$@"; do
    read -r kind what package <<< "$need"
    is_there "$kind" "$what" || missing+=("$package")
  done
  echo "${missing[*]}"
}

# step NAME COMMAND...: one line, and the output in a log that is shown only where it fails.
step() {
  local name=$1 log=$logs/${1//[^a-z]/-}.log
  shift
  say "$name"
  mkdir -p "$logs"
  "$@" > "$log" 2>&1 && return
  cat "$log" >&2
  die "failed: $name (this log: $log)"
}

apt_get() {
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=120 "$@"
}

may_install() {
  ((EUID == 0)) && return
  # With a terminal sudo may ask for the password.
  command -v sudo > /dev/null && { [[ -t 0 ]] || sudo -n true; } 2> /dev/null
}

# ensure_packages NEED...: installs what is not there; where it cannot, says in one line what is
# to be installed by hand.
ensure_packages() {
  local packages log=$logs/install.log
  packages=$(missing_packages "$@")
  [[ -n $packages ]] || return 0
  local by_hand="apt-get install --no-install-recommends $packages"

  command -v apt-get > /dev/null ||
    die "not a Debian system; install by hand what Debian calls: $packages"
  may_install || die "no right to install packages; as root, install by hand: $by_hand"
  say "installing what is missing: $packages"
  mkdir -p "$logs"
  # shellcheck disable=SC2086 # a list of words
  { apt_get update && apt_get install --no-install-recommends $packages; } > "$log" 2>&1 ||
    die "installing failed (no network? log: $log); install by hand: $by_hand"
}

fetch_source() {
  local log=$logs/$1.log
  say "fetching the source of $1"
  mkdir -p "$logs"
  "$root/tools/fetch-source" "$1" > "$log" 2>&1 || die "$(tail -n 1 "$log") (log: $log)"
}

# The sources that the WASM build compiles.
ensure_sources() {
  has_cjson_source || fetch_source cjson
  has_libsodium_source || fetch_source libsodium
}

install_npm_packages() {
  cd "$root/$1" && npm ci --no-audit --no-fund && cp package-lock.json node_modules/.installed
}

# ensure_npm_packages FOLDER: those of its package-lock.json.
ensure_npm_packages() {
  cmp -s "$root/$1/package-lock.json" "$root/$1/node_modules/.installed" ||
    step "installing the npm packages of $1" install_npm_packages "$1"
}

# Ninja configures again where a CMakeLists.txt changed; what it cannot know of is noted in a file,
# since configuring takes longer than a build with nothing to do.
configure() {
  local preset=$1 note=build/$1/configured-for wanted
  wanted="cjson: $cjson_source_dir, libsodium: $libsodium_source_dir"
  wanted+=", presets: $(cksum < CMakePresets.json)"
  [[ -e build/$preset/build.ninja && -e $note && $(< "$note") == "$wanted" ]] && return
  cmake --preset "$preset" -DPARLEY_CJSON_SOURCE_DIR="$cjson_source_dir" \
    -DPARLEY_LIBSODIUM_SOURCE_DIR="$libsodium_source_dir" && echo "$wanted" > "$note"
}

configure_and_build() {
  cd "$root" && configure "$1" && cmake --build --preset "$1"
}

# build PRESET; the native presets build the WASM as well.
build() {
  step "building $1" configure_and_build "$1"
}
