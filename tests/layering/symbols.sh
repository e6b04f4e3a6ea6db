#!/usr/bin/env bash
# The archive is linked into other people's programs, where the symbols of an executable win over those of its shared
# libraries. So it may define nothing for others to see but its own names and instantiations of the standard library.
set -u -o pipefail
archive=${1:?usage: symbols.sh ARCHIVE}
symbols=$(nm --demangle --defined-only --extern-only "$archive" 2>/dev/null | sed -n 's/^[0-9a-f]* [A-Za-z] //p' | sort -u)
[ -n "$symbols" ] || { echo "$archive: no symbol can be read"; exit 1; }
foreign=$(grep -vE 'cleave|std::|__gnu_cxx|^operator (new|delete)|^__clang_call_terminate$|^(__asan|__ubsan|__odr_asan|_ZTS|DW\.ref)' <<<"$symbols")
if grep -E '(CLI|nlohmann|tbb|testing|Catch)::' <<<"$symbols" || [ -n "$foreign" ]; then
  echo "$foreign"
  echo "$archive defines symbols that are not Cleave's"
  exit 1
fi
echo "$(wc -l <<<"$symbols") symbols, all of them Cleave's or the standard library's"
