#!/usr/bin/env bash
# Each public header compiles alone, included twice, without a warning, under each compiler and standard of the READMEs,
# also without RTTI; it defines nothing that a second file including it would define again; and it stays cheap.
# usage: headers.sh ROOT COMPILER...
set -u -o pipefail
root=$(cd "${1:?usage: headers.sh ROOT COMPILER...}" && pwd) || exit 2
shift
compilers=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A header for users may cost 0.3 s. Time depends on what else the machine does, the number of preprocessed lines does
# not: by the table in tests/bench/README.md a line costs 5 to 6.5 µs, and 0.3 s / 6.5 µs is this many. The <string> of
# GCC 12 has 28,000 in C++20, <functional> adds 16,000, <chrono> 18,000.
max_lines=46000
# In case a line becomes dear. No noise triples the time of the fastest of three.
max_milliseconds=900

# What is public is found, not listed. The border below sharding/ is included by our own sources only, so that it may cost
# more; gtest.hpp includes the only header of it that users get.
folders=(fixtures/include plugin/gtest/include sharding/include)
includes=()
for folder in "${folders[@]}"; do includes+=("-I$root/$folder"); done
headers() { (cd "$root" && find "$@" -name '*.hpp' 2>/dev/null) | sed 's|^.*/include/||' | sort; }
mapfile -t all < <(headers "${folders[@]}")
mapfile -t cheap < <(headers fixtures/include plugin/gtest/include)

complain() {
  echo "$1"
  failures=$((failures + 1))
}
# compile COMPILER FLAG...: the file of the header, with everything that a user may have switched on.
compile() {
  local compiler=$1
  shift
  "$compiler" "$@" -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror "${includes[@]}" -c "$work/alone.cpp" \
    -o "$work/alone.o" 2>"$work/log"
}
# milliseconds COMPILER: the CPU time of the fastest of three compilations under C++20.
milliseconds() {
  local TIMEFORMAT='%U %S' i
  for i in 1 2 3; do { time compile "$1" -std=c++20 2>/dev/null; } 2>&1; done |
    awk '{ ms = ($1 + $2) * 1000; if (NR == 1 || ms < best) best = ms } END { printf "%d\n", best }'
}

for header in "${all[@]}"; do
  printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$work/alone.cpp"
  for compiler in "${compilers[@]}"; do
    for flags in -std=c++17 -std=c++20 '-std=c++17 -fno-rtti'; do
      # shellcheck disable=SC2086 # Flags are words.
      if ! compile "$compiler" $flags; then
        complain "<$header> does not compile alone with $compiler $flags:"
        head -n 20 "$work/log"
        continue
      fi
      strong=$(nm --defined-only --extern-only "$work/alone.o" | grep -E ' [TDBR] ')
      [ -z "$strong" ] || complain "<$header> defines what two files may not both define: $strong"
    done
  done
done

for header in "${cheap[@]}"; do
  printf '#include <%s>\n' "$header" >"$work/alone.cpp"
  for compiler in "${compilers[@]}"; do
    lines=$("$compiler" -std=c++20 "${includes[@]}" -E "$work/alone.cpp" 2>/dev/null | wc -l)
    [ "$lines" -gt 0 ] && [ "$lines" -le "$max_lines" ] ||
      complain "<$header> is too dear: $lines lines with $compiler -std=c++20, of $max_lines"
    time=$(milliseconds "$compiler")
    [ "$time" -le "$max_milliseconds" ] || complain "<$header> is too dear: $time ms with $compiler -std=c++20"
  done
done

[ ${#cheap[@]} -gt 0 ] || complain "no header was found below $root"
[ "$failures" -eq 0 ] && echo "${#all[@]} headers compile alone with ${compilers[*]}; ${#cheap[@]} of them are for users, and cheap"
exit $((failures > 0))
