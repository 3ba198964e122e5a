#!/usr/bin/env bash
# Makes .venv with the first Python that is new enough; keeps one that works.
set -euo pipefail

new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

if [ -x .venv/bin/python ] && new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then
  exit 0
fi

# The caller puts .venv/bin first on PATH; a broken one there must not answer for the system's Python.
PATH=${PATH#"$PWD/.venv/bin:"}
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
  if new_enough "$python"; then
    echo "Making .venv with $("$python" --version)"
    exec "$python" -m venv --clear .venv
  fi
done

echo "Python 3.10 or newer with venv is needed (Debian, Ubuntu: apt-get install python3-venv); PYTHON=... names one." >&2
exit 1
