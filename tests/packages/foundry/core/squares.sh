#!/bin/sh
# squares.sh FILE: writes the table, only if it changed.
set -eu
echo "static const int squares[] = {0, 1, 4, 9};" > "$1.new"
if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
