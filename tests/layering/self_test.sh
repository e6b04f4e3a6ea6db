#!/usr/bin/env bash
# A check that cannot fail checks nothing: each row plants one offence in a small tree, and check.sh must name it.
set -u -o pipefail
check=$(cd "$(dirname "$0")" && pwd)/check.sh
tree=${1:?usage: self_test.sh SCRATCH_FOLDER}
failures=0

fresh_tree() {
  rm -rf "$tree"
  mkdir -p "$tree"/sharding/{plan,os,run,report,cli,stacks,include/cleave} "$tree"/fixtures/include "$tree"/plugin/{gtest,catch2,entry}
  echo '#include <unistd.h>' >"$tree/sharding/os/fd.cpp"
  echo "#include <nlohmann/json.hpp>" >"$tree/sharding/cli/json.cpp"
  echo "#include <CLI/CLI.hpp>" >"$tree/sharding/cli/options.cpp"
  echo '#include <elfutils/libdwfl.h>' >"$tree/sharding/stacks/main.cpp"
  echo '#include <gtest/gtest.h>' >"$tree/plugin/gtest/adapter.cpp"
  echo '#include "os/fd.hpp"' >"$tree/fixtures/lock.cpp"
  echo '// Never calls getenv() itself.' >"$tree/sharding/plan/planner.cpp"
}

expect_clean() {
  if ! "$check" "$tree" >"$tree.log" 2>&1; then
    echo "FAILED: a clean tree is refused:"; cat "$tree.log"
    failures=$((failures + 1))
  fi
}

# expect_offence FILE LINE: check.sh must fail and begin a line with FILE:2.
expect_offence() {
  fresh_tree
  printf '#pragma once\n%s\n' "$2" >"$tree/$1"
  if "$check" "$tree" >"$tree.log" 2>&1 || ! grep -q "^$1:2: " "$tree.log"; then
    echo "FAILED: not found: $1: $2"
    failures=$((failures + 1))
  fi
}

fresh_tree
expect_clean
expect_offence sharding/run/a.cpp '#include "fixtures/lock.hpp"'
expect_offence sharding/run/a.cpp '#include <cleave/gtest.hpp>'
expect_offence sharding/os/a.cpp '#include "entry/wrap_main.hpp"'
expect_offence fixtures/a.cpp '#include "plugin/entry/wrap_main.hpp"'
expect_offence fixtures/a.cpp '#include "run/queue.hpp"'
expect_offence sharding/plan/a.cpp '#include "os/clock.hpp"'
expect_offence sharding/os/a.cpp '#include "run/queue.hpp"'
expect_offence sharding/report/a.cpp '#include "run/queue.hpp"'
expect_offence sharding/run/a.cpp '#include "cli/main.hpp"'
expect_offence sharding/run/a.cpp '#include "support/fake_clock.hpp"'
expect_offence sharding/run/a.cpp '#include <unistd.h>'
expect_offence sharding/run/a.cpp '#include <sys/wait.h>'
expect_offence sharding/report/a.cpp '#include <signal.h>'
expect_offence fixtures/a.cpp '#include <poll.h>'
expect_offence plugin/entry/a.hpp '#include <fcntl.h>'
expect_offence sharding/plan/a.cpp 'auto now = std::chrono::steady_clock::now();'
expect_offence sharding/run/a.cpp 'const char* jobs = std::getenv("CLEAVE_JOBS");'
expect_offence plugin/entry/a.hpp '#include <gtest/gtest.h>'
expect_offence sharding/run/a.cpp '#include <catch2/catch.hpp>'
expect_offence sharding/run/a.cpp '#include <nlohmann/json.hpp>'
expect_offence sharding/report/a.cpp '#include <CLI/CLI.hpp>'
expect_offence sharding/report/a.cpp "#include <nlohmann/json.hpp>"
expect_offence sharding/run/a.cpp '#include <elfutils/libdw.h>'
expect_offence sharding/run/a.cpp '#include "stacks/symbols.hpp"'
expect_offence sharding/include/cleave/a.hpp '#include "plan/glob.hpp"'

fresh_tree
yes '// A line.' | head -n 401 >"$tree/sharding/run/long.cpp"
if "$check" "$tree" >"$tree.log" 2>&1 || ! grep -q '^sharding/run/long.cpp:401: ' "$tree.log"; then
  echo "FAILED: a file of 401 lines is not found"
  failures=$((failures + 1))
fi

fresh_tree
mkdir "$tree/left-by-hand" "$tree/build"
if "$check" "$tree" >"$tree.log" 2>&1 || ! grep -q '^left-by-hand:1: ' "$tree.log" || grep -q '^build:' "$tree.log"; then
  echo "FAILED: a folder that is no room is not found, or build/ is taken for one"
  failures=$((failures + 1))
fi

rm -rf "$tree" "$tree.log"
[ "$failures" -eq 0 ] && echo "every rule can fail"
exit $((failures > 0))
