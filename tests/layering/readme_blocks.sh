#!/usr/bin/env bash
# A code block of the README that stands below a line `<!-- from FILE -->` must be a run of lines of that file, so that
# what the README shows is what the tests build. The README must have at least one such block.
set -u -o pipefail
cd "${1:?usage: readme_blocks.sh ROOT}" || exit 2
awk '
  /^<!-- from .* -->$/ { file = $3; next }
  /^```/ && file != "" && !inside { inside = 1; block = ""; at = NR; next }
  /^```/ && inside {
    whole = "\n"; found = 0
    while ((status = (getline line < file)) > 0) { whole = whole line "\n"; found = 1 }
    close(file)
    if (!found) { print "README.md:" at ": " file " cannot be read"; bad++ }
    else if (index(whole, "\n" block) == 0) { print "README.md:" at ": the block differs from " file; bad++ }
    blocks++; inside = 0; file = ""; next
  }
  inside { block = block $0 "\n" }
  END {
    if (inside) { print "README.md:" at ": the block has no end"; bad++ }
    if (blocks == 0) { print "README.md: no block is marked with <!-- from FILE -->"; bad++ }
    if (bad == 0) print blocks " blocks equal their files"
    exit bad > 0
  }
' README.md
