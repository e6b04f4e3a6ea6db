#!/usr/bin/env bash
# What each public header costs: the CPU time of compiling a file that includes only it, less that of an empty file;
# medians, so that what else the machine does shows as little as it can. The rounds go over all headers, so that a busy
# minute hits all of them. Writes the table below "## Header cost" of tests/bench/README.md.
# usage: header_cost.sh [ROUNDS]
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
readme=$root/tests/bench/README.md
rounds=${1:-11}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

mapfile -t headers < <(cd "$root" && find fixtures/include/cleave plugin/gtest/include -maxdepth 2 -name '*.hpp' |
  sed 's|.*/include/||' | sort)
includes=(-I"$root/fixtures/include" -I"$root/plugin/gtest/include" -I"$root/sharding/include")
kinds=()
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null || continue
  kinds+=("$compiler c++17" "$compiler c++20")
done

: >empty.cpp
for header in "${headers[@]}"; do echo "#include <$header>" >"${header//\//_}.cpp"; done

# milliseconds COMPILER STANDARD FILE: the CPU time of one compilation.
milliseconds() {
  local TIMEFORMAT='%U %S'
  { time "$1" "-std=$2" "${includes[@]}" -c "$3" -o out.o 2>error.log; } 2>&1 |
    awk '{ printf "%d\n", ($1 + $2) * 1000 + 0.5 }'
}
median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for ((round = 0; round < rounds; ++round)); do
  for kind in "${kinds[@]}"; do
    for file in empty.cpp "${headers[@]//\//_}"; do
      file=${file%.cpp}
      # shellcheck disable=SC2086 # A kind is two words.
      milliseconds $kind "$file.cpp" >>"${kind// /_}.$file.times"
    done
  done
done

table() {
  local kind header cells empty
  printf '| Header |'
  printf ' %s |' "${kinds[@]}"
  printf ' lines in C++20 |\n|---|'
  for kind in "${kinds[@]}"; do printf -- '--:|'; done
  printf -- '--:|\n'
  for header in "${headers[@]}"; do
    cells=""
    for kind in "${kinds[@]}"; do
      empty=$(median "${kind// /_}.empty.times")
      cells+=" $(($(median "${kind// /_}.${header//\//_}.times") - empty)) ms |"
    done
    printf '| `<%s>` |%s %s |\n' "$header" "$cells" \
      "$("${kinds[0]% *}" -std=c++20 "${includes[@]}" -E "${header//\//_}.cpp" | wc -l)"
  done
}

[ -e "$readme" ] || printf '# Benchmarks\n' >"$readme"
{
  awk '/^## / { inside = $0 == "## Header cost" } !inside' "$readme"
  [ -z "$(tail -n 1 "$readme")" ] || echo
  cat <<EOF
## Header cost

CPU time of a file that includes only this header, less that of an empty file: medians of $rounds compilations, without
optimisation, on $(nproc) CPUs ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)) with a load of $(cut -d ' ' -f 1 /proc/loadavg).
Written by \`tests/bench/header_cost.sh\`; the limit is 300 ms. \`tests/layering/headers.sh\` holds the number of lines, which
does not depend on what else the machine does.

EOF
  table
} >"$work/readme.md" && cp "$work/readme.md" "$readme"
sed -n '/^## Header cost/,$p' "$readme"
