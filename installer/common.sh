# What the scripts share; sourced by installer/run, tests/run and .ci/run. Works from a fresh clone on a bare Debian 12.
# shellcheck shell=bash

set -euo pipefail
exec </dev/null
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)

# Builds stand beside the source tree, as the presets say, or in the user's cache if nothing can be written there.
buildRoot=${MILLRACE_BUILD_ROOT:-$(dirname "$root")/millrace-build}
if ! mkdir -p "$buildRoot" 2>/dev/null; then
    buildRoot=${XDG_CACHE_HOME:-$HOME/.cache}/millrace-build
    mkdir -p "$buildRoot"
fi

say() { printf '\n== %s\n' "$*"; }

complain() {
    printf '%s\n' "$*" >&2
    exit 3
}

# The folder of a preset's build.
buildFolder() { printf '%s/%s' "$buildRoot" "$1"; }

packagesOf() {
    local group
    for group in "$@"; do
        awk -v group="[$group]" '/^\[/ { on = $0 == group; next } on && NF && !/^#/' "$root/installer/packages.txt"
    done
}

isInstalled() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# installPackages <group>... installs what is missing of these groups of packages.txt, and says so.
installPackages() {
    local package missing=() asRoot=()
    for package in $(packagesOf "$@"); do
        isInstalled "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || complain "These packages need root or sudo to be installed."
        asRoot=(sudo)
    fi
    "${asRoot[@]}" apt-get update -q
    "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# buildPreset <preset> <folder> [cmake options...] configures and builds everything of a preset.
buildPreset() {
    local preset=$1 folder=$2
    shift 2
    (cd "$root" && cmake --preset "$preset" -B "$folder" -Wno-dev "$@" >"$folder.configure.log" 2>&1) ||
        { cat "$folder.configure.log" && return 1; }
    cmake --build "$folder" -j "$jobs"
}
