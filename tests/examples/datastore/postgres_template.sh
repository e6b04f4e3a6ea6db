#!/usr/bin/env bash
# postgres_template.sh INITDB FOLDER: makes FOLDER an empty PostgreSQL cluster without passwords, which has one database,
# template1. Every run of the tests copies it; the databases it does not need would be two thirds of the files.
set -eu -o pipefail
initdb=$1 folder=$2
postgres=$(dirname "$initdb")/postgres
rm -rf "$folder"

# Neither program runs as root. The user of Debian's package need not be able to reach FOLDER.
run=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$work"
  run=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
cd "$work"
"${run[@]}" "$initdb" -D "$work/cluster" --username=postgres --auth=trust --no-sync --no-locale --encoding=UTF8 \
  --no-instructions --wal-segsize=1 >"$work/log" || { cat "$work/log"; exit 1; }
"${run[@]}" "$postgres" --single -D "$work/cluster" -c fsync=off template1 >"$work/log" 2>&1 <<'SQL' || { cat "$work/log"; exit 1; }
UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'
DROP DATABASE template0
DROP DATABASE postgres
SQL
cp -r "$work/cluster" "$folder"
