#!/usr/bin/env bash
# What ./dev configures by a preset it also builds by one: each preset that can be configured has one of its name.
set -u -o pipefail
root=${1:?usage: presets.sh ROOT CMAKE}
cmake=${2:?usage: presets.sh ROOT CMAKE}
cd "$root" || exit 1

names() { "$cmake" --list-presets="$1" | sed -n 's/^  "\([^"]*\)".*/\1/p' | sort; }
configured=$(names configure)
built=$(names build)
[[ -n $configured ]] || { echo "no preset can be configured"; exit 1; }
missing=$(comm -23 <(echo "$configured") <(echo "$built"))
[[ -z $missing ]] || { echo "no build preset: $missing"; exit 1; }
echo "$(wc -l <<<"$configured") presets, and all can be built"
