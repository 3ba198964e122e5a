#!/usr/bin/env bash
# need.sh browser|postgresql|fuse: succeeds if it is there, else says in one line what to install.
set -euo pipefail
shopt -s nullglob

has_browser() {
  [ -x "${CHROMIUM:-}" ] && return
  local own=("${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/)
  [ "${#own[@]}" -gt 0 ] && return
  [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ] || [ -x /usr/bin/google-chrome ]
}

has_postgresql() {
  local installed=(/usr/lib/postgresql/*/bin/initdb)
  [ "${#installed[@]}" -gt 0 ] || { command -v initdb && command -v postgres; } >/dev/null
}

# CrashFS, a file system that loses power (tests/faults), is mounted by these.
has_fuse() {
  local libraries=(/lib/*/libfuse3.so.3* /usr/lib*/libfuse3.so.3* /usr/lib/*/libfuse3.so.3*)
  [ "${#libraries[@]}" -gt 0 ] && command -v fusermount3 >/dev/null
}

install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  export DEBIAN_FRONTEND=noninteractive
  "$(dirname "$0")/quietly.sh" "Installing Debian's $1" bash -c "apt-get update && apt-get install -y --no-install-recommends $1"
}

case $1 in
  browser)
    has_browser || install chromium ||
      { echo "The journeys need a browser: install chromium, or name one in CHROMIUM=/path/to/it." >&2; exit 1; } ;;
  postgresql)
    has_postgresql || install postgresql ||
      { echo "The tests need PostgreSQL's initdb and postgres: install the package postgresql." >&2; exit 1; } ;;
  fuse)
    has_fuse || install fuse3 ||
      { echo "The tests of power cuts need FUSE: install the package fuse3." >&2; exit 1; } ;;
esac
