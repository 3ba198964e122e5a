#!/usr/bin/env bash
# quietly.sh TITLE COMMAND...: one line while it goes well, the whole output when it does not.
set -uo pipefail

title=$1
shift
echo "$title …"
output=$("$@" 2>&1 </dev/null) && exit 0
status=$?
printf '%s\n' "$output" >&2
echo "$title failed: $*" >&2
exit "$status"
