#!/bin/sh
# check-symbols.sh READELF EXTENSION LIBRARY...: fails, and deletes EXTENSION, if it needs a symbol that nobody defines: not
# Python, not one of the libraries, not a system library (the linker gave those symbols a version, name@GLIBC_2.34).
# The link itself cannot tell: symbols of the interpreter are undefined on purpose, so there no undefined symbol is an error.
set -eu
readelf="$1" extension="$2"
shift 2
# Under a sanitizer, its runtime stands between the extension and the system and gives symbols no version.
if "$readelf" -dW "$extension" | grep -q '(NEEDED).*\[lib[a-z]*san\.so'; then exit 0; fi
needed=$("$readelf" --dyn-syms -W "$extension")
defined=$(for library; do "$readelf" --dyn-syms -W "$library"; done)
missing=$({ echo "$defined"; echo "EXTENSION"; echo "$needed"; } | awk '
    $1 == "EXTENSION" { ours = 1 }
    !ours && $7 != "UND" && NF >= 8 { sub(/@.*/, "", $8); known[$8] }
    ours && $5 == "GLOBAL" && $7 == "UND" && $8 !~ /@/ && $8 !~ /^_?Py/ && !($8 in known) { print "  " $8 }')
[ -z "$missing" ] && exit 0
rm -f "$extension"
echo "error: $(basename "$extension") uses symbols that neither Python nor the libraries it is linked with define:"
if command -v c++filt > /dev/null; then echo "$missing" | c++filt; else echo "$missing"; fi
exit 1
