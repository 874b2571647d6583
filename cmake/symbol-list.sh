#!/bin/sh
# symbol-list.sh NM LIBRARY LIST: writes the names that LIBRARY exports to LIST, but only if they changed.
# A shell script, because its path is stable: cmake itself may live in an environment that pip deletes after the build.
set -eu
"$1" -D --defined-only "$2" | awk '{print $NF}' | LC_ALL=C sort > "$3.new"
if cmp -s "$3.new" "$3"; then rm "$3.new"; else mv "$3.new" "$3"; fi
