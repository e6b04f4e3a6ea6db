#!/usr/bin/env bash
# Checks the arrows between the rooms (plugin -> fixtures -> sharding, none back), where headers and calls of the
# operating system, the frameworks and the libraries may stand, and what the top level holds. Prints every offender as
# file:line: rule: line.
set -u -o pipefail
cd "${1:?usage: check.sh ROOT}" || exit 2
offences=0

# Every C++ file below the folders named.
sources() {
  local room
  for room in "$@"; do
    [ -d "$room" ] && find "$room" -type f \( -name '*.cpp' -o -name '*.hpp' \)
  done | sort
}

# forbid RULE PATTERN FILE...: a line that matches is an offence. Lines that are comments from their start are not.
forbid() {
  local rule=$1 pattern=$2 hits
  shift 2
  [ $# -gt 0 ] || return 0
  hits=$(grep -nHE -- "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(//|\*)') || return 0
  while IFS= read -r hit; do
    printf '%s\n' "$hit" | sed -E "s|^([^:]+:[0-9]+):|\1: $rule: |"
    offences=$((offences + 1))
  done <<<"$hits"
}

# outside PREFIX_REGEX: those of the files on standard input that do not begin so.
outside() { grep -vE "^($1)" || true; }

mapfile -t all < <(sources sharding fixtures plugin)
mapfile -t tests < <(sources tests)
if [ ${#all[@]} -eq 0 ]; then
  echo "no source found below $PWD" >&2
  exit 2
fi

# The arrows. Rooms include each other by the folder inside of sharding/, or by the public headers below cleave/.
mapfile -t files < <(sources sharding)
forbid "sharding includes neither fixtures nor plugin" '#include [<"](fixtures|plugin|entry|gtest|catch2|cleave/(gtest|catch2|fixtures))[/.]' "${files[@]}"
mapfile -t files < <(sources fixtures)
forbid "fixtures do not include plugin" '#include [<"](plugin|entry|gtest|catch2|cleave/(gtest|catch2))[/.]' "${files[@]}"
forbid "fixtures include nothing of sharding but os" '#include [<"](plan|run|report|cli)/' "${files[@]}"
mapfile -t files < <(sources sharding/plan)
forbid "plan is pure" '#include [<"](run|os|report|cli)/' "${files[@]}"
mapfile -t files < <(sources sharding/os)
forbid "os knows nothing of run, report and cli" '#include [<"](run|report|cli)/' "${files[@]}"
mapfile -t files < <(sources sharding/report)
forbid "report knows nothing of run and cli" '#include [<"](run|cli)/' "${files[@]}"
mapfile -t files < <(sources sharding/run)
forbid "run knows nothing of cli" '#include [<"]cli/' "${files[@]}"
forbid "products do not include tests" '#include [<"](tests|support)/' "${all[@]}"

# The operating system.
system='#include <(unistd\.h|sys/[a-z_/]+\.h|signal\.h|csignal|poll\.h|fcntl\.h|pthread\.h|sched\.h|dirent\.h|spawn\.h|dlfcn\.h|linux/[a-z_/]+\.h)>'
mapfile -t files < <(printf '%s\n' "${all[@]}" | outside 'sharding/os/')
forbid "system headers stay in sharding/os" "$system" "${files[@]}"
forbid "clocks are read in sharding/os" '_clock::now|clock_gettime|gettimeofday' "${files[@]}"
forbid "the environment is read in sharding/os" '(^|[^A-Za-z0-9_])(secure_)?(getenv|setenv|unsetenv|putenv)[ ]*\(' "${files[@]}"

# The frameworks and the libraries.
mapfile -t files < <(printf '%s\n' "${all[@]}" | outside 'plugin/(gtest|catch2)/')
forbid "framework headers stay in plugin/gtest and plugin/catch2" '#include [<"](gtest|gmock|catch2)/' "${files[@]}"
mapfile -t files < <(printf '%s\n' "${all[@]}" | outside 'sharding/cli/')
forbid "nlohmann/json stays in sharding/cli" '#include [<"]nlohmann/' "${files[@]}"
mapfile -t files < <(printf '%s\n' "${all[@]}" | outside 'sharding/cli/')
forbid "CLI11 stays in sharding/cli" '#include [<"]CLI/' "${files[@]}"
mapfile -t files < <(printf '%s\n' "${all[@]}" | outside 'sharding/stacks/')
forbid "elfutils stays in sharding/stacks" '#include [<"](elfutils/|dwarf\.h)' "${files[@]}"
forbid "nobody includes sharding/stacks, a program" '#include [<"]stacks/' "${files[@]}"
mapfile -t files < <(sources sharding/include fixtures/include plugin/gtest/include plugin/include)
forbid "public headers do not include private rooms" '#include "(plan|run|os|report|cli)/' "${files[@]}"

# The top level, and beside it what .gitignore names. Dotfiles are tools' own.
for entry in *; do
  case $entry in
    CMakeLists.txt | CMakePresets.json | LICENSE | README.md | dev | cmake | fixtures | plugin | sharding | tests) ;;
    build | compile_commands.json | CMakeUserPresets.json) ;;
    *)
      echo "$entry:1: the top level holds the rooms and nothing else: $entry"
      offences=$((offences + 1))
      ;;
  esac
done

# Size: past 400 lines a file has a second noun in it.
for file in "${all[@]}" "${tests[@]}" cmake/*.cmake; do
  [ -f "$file" ] || continue
  lines=$(wc -l <"$file")
  if [ "$lines" -gt 400 ]; then
    echo "$file:$lines: files have at most 400 lines: $lines lines"
    offences=$((offences + 1))
  fi
done

if [ "$offences" -gt 0 ]; then
  echo "$offences offences" >&2
  exit 1
fi
echo "${#all[@]} files keep to their rooms"
