#!/bin/sh
# squares.sh DECLARATION FILE: writes the table, only if it changed.
set -eu
numbers=$(grep -v '^#' "$1")
echo "static const int squares[] = {$numbers};" > "$2.new"
if cmp -s "$2.new" "$2"; then rm "$2.new"; else mv "$2.new" "$2"; fi
