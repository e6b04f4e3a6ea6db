#!/usr/bin/env bash
# How long the 152 tests of tests/examples/datastore take: in one process (the plain binary), and under ctest with 2, 4
# and 8 jobs, in both variants; medians. Then random orders, and what is left over afterwards. Writes the tables below
# "## Datastore (R38, R39)" of tests/bench/README.md. Takes about 3 minutes a round and 20 seconds a seed.
# usage: datastore_bench.sh [ROUNDS] [SEEDS] [FOLDER]     FOLDER has the binaries: build/dev/tests/examples/datastore
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
readme=$root/tests/bench/README.md
rounds=${1:-3}
seeds=${2:-20}
folder=$(cd "${3:-$root/build/dev/tests/examples/datastore}" && pwd) || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CLEAVE_DIR=$work/reports
load_before=$(cut -d' ' -f1 /proc/loadavg)
bad=0

# timed NAME COMMAND...: one more line in $work/NAME with the wall time and the CPU time, both in seconds. The CPU time is
# that of all children that somebody waited for: in one process those are the servers as well.
timed() {
  local name=$1 times TIMEFORMAT='%R %U %S'
  shift
  times=$({ time "$@" >"$work/log" 2>&1 || echo failed >"$work/failed"; } 2>&1)
  if [ -e "$work/failed" ]; then
    rm "$work/failed"
    bad=$((bad + 1))
    echo "FAILED: $*" >&2
    tail -n 40 "$work/log" >&2
  fi
  awk '{ print $1, $2 + $3 }' <<<"$times" >>"$work/$name"
  echo "$name: $times" >&2
}

# median NAME COLUMN
median() { sort -n -k"$2,$2" "$work/$1" | awk -v c="$2" '{ v[NR] = $c } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
spread() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { printf "%.2f–%.2f", v[1], v[NR] }'; }

for ((round = 1; round <= rounds; round++)); do
  for variant in own tagged; do
    timed "$variant-serial" env -u CLEAVE_DIR "$folder/datastore_${variant}_tests" # With the variable it is a run of Cleave.
    # How long the tests that are tagged take, of this run.
    sed -nE 's/^\[-+\] 15 tests from Shutdown \(([0-9]+) ms total\)/\1/p' "$work/log" >>"$work/$variant-share"
    for jobs in 2 4 8; do
      timed "$variant-$jobs" ctest --test-dir "$folder" -j "$jobs" -R "^datastore_${variant}_tests\\." --no-tests=error
      grep -q '"passed": *152\b' "$CLEAVE_DIR/cleave/datastore_${variant}_tests/latest/report.json" || {
        bad=$((bad + 1))
        echo "not 152 passed: $variant -j$jobs" >&2
      }
    done
  done
done

green=0
for ((seed = 1; seed <= seeds; seed++)); do
  for variant in own tagged; do
    "$folder/datastore_${variant}_tests" --cleave-jobs=8 --gtest_shuffle --cleave-seed=$((seed * 4999)) >"$work/log" 2>&1
    if grep -q '^152 tests: 152 passed' "$work/log"; then
      green=$((green + 1))
    else
      tail -n 60 "$work/log" >&2
    fi
  done
  echo "seed $seed: $green green" >&2
done

left=$(unset CLEAVE_DIR; grep -lsz "^CLEAVE_DIR=$work/" /proc/[0-9]*/environ | wc -l)

table() {
  local variant jobs serial wall share allowed
  echo "The 152 tests over a real PostgreSQL and Redis, wall time in seconds: medians of $rounds rounds (least–most), on"
  echo "$(nproc) CPUs ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)) with a load of $load_before before the first one. Serial is the plain binary, in one process,"
  echo "with the set-up of all servers, as in every other row. Written by \`tests/bench/datastore_bench.sh\`."
  echo
  echo "| Run | Seconds | Of serial | Limit |"
  echo "|---|--:|--:|--:|"
  for variant in own tagged; do
    serial=$(median $variant-serial 1)
    share=$(sort -n "$work/$variant-share" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1000 }')
    echo "| $variant: serial | $serial ($(spread $variant-serial)) | 100 % | |"
    for jobs in 2 4 8; do
      wall=$(median $variant-$jobs 1)
      if [ "$variant" = own ]; then
        case $jobs in 2) allowed=51 ;; 4) allowed=30 ;; 8) allowed=18 ;; esac
      else
        allowed=$(awk -v t="$serial" -v s="$share" -v n="$jobs" 'BEGIN { printf "%.1f", 108 * (s + (t - s) / n) / t }')
      fi
      awk -v v="$variant" -v j="$jobs" -v w="$wall" -v r="$(spread $variant-$jobs)" -v t="$serial" -v a="$allowed" \
        'BEGIN { printf "| %s: `ctest -j%d` | %.2f (%s) | %.1f %% | %s %% |\n", v, j, w, r, 100 * w / t, a }'
    done
  done
  echo
  echo "*own*: a service for each shard, nothing is serial. *tagged*: one service for all, and the 15 tests that stop it"
  echo "(${share} s) are \`serial\`; the limit is 1.08 times what that allows (share + rest / jobs)."
  echo "CPU time of the serial run, servers included: $(awk -v c="$(median own-serial 2)" -v t="$(median own-serial 1)" 'BEGIN { printf "%.2f s, %.1f %% of its wall time", c, 100 * c / t }')."
  echo "$seeds random orders in each variant over 8 shards (\`--gtest_shuffle --cleave-seed=N\`): $green of $((2 * seeds)) runs had 152 of 152 passed."
  echo "Processes left afterwards: $left. Runs that failed in the table: $bad."
}

# Replaces the section, or adds it.
{
  [ -e "$readme" ] && awk '/^## / { skip = ($0 == "## Datastore (R38, R39)") } !skip' "$readme"
  echo "## Datastore (R38, R39)"
  echo
  table
} >"$work/new"
cat -s "$work/new" >"$readme"
sed -n '/^## Datastore/,$p' "$readme"
[ "$bad" -eq 0 ] && [ "$green" -eq $((2 * seeds)) ] && [ "$left" -eq 0 ]
