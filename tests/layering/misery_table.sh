#!/usr/bin/env bash
# Each test that the last column of a table in the README of the process tests names, in backquotes, must exist in one of
# the programs. A `*` in a name stands for any text. Each row must name at least one.
set -u -o pipefail
readme=${1:?usage: misery_table.sh README PROGRAM...}
shift
list=$(for program in "$@"; do
  "$program" --gtest_list_tests || exit 1
done | awk '/^[^ ]/ { suite = $1; next } /^  / { print suite $1 }') || { echo "a program cannot list its tests"; exit 1; }

named=0
bad=0
while IFS=$'\t' read -r line name; do
  if [[ -z $name ]]; then
    echo "$readme:$line: the row names no test"
    bad=1
    continue
  fi
  named=$((named + 1))
  found=0
  while IFS= read -r test; do
    # shellcheck disable=SC2053 # The name is a pattern.
    [[ $test == $name ]] && { found=1; break; }
  done <<<"$list"
  [[ $found == 1 ]] || { echo "$readme:$line: there is no test $name"; bad=1; }
done < <(awk -F'|' '
  /^\|/ && !/^\|-/ && !/^\| *Case / {
    cell = $(NF - 1); count = 0
    while (match(cell, /`[^`]+`/)) {
      print NR "\t" substr(cell, RSTART + 1, RLENGTH - 2)
      cell = substr(cell, RSTART + RLENGTH); ++count
    }
    if (count == 0) print NR "\t"
  }' "$readme")

[[ $named -gt 0 ]] || { echo "$readme: no row names a test"; exit 1; }
[[ $bad == 0 ]] && echo "$named tests are named, and all exist"
exit $bad
