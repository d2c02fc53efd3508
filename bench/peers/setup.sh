#!/bin/sh
# Installs the peers that Cairn is measured against: ClickHouse and DuckDB into bench/data/venv, PostgreSQL by the system's
# packages where that is allowed. Does nothing if they are there. With arguments, only these: setup.sh duckdb
set -eu
cd "$(dirname "$0")"
venv=../data/venv
stamp=$venv/requirements.txt
if ! cmp -s requirements.txt "$stamp"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
    cp requirements.txt "$stamp"
fi
for peer in ${*:-duckdb clickhouse postgres}; do
    case "$peer" in
        duckdb) "$venv/bin/python" -c 'import duckdb; print("DuckDB", duckdb.__version__)' ;;
        clickhouse) "$venv/bin/python" -c 'import chdb; print("ClickHouse", chdb.engine_version)' ;;
        postgres)
            ../../scripts/need postgresql
            "${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}/postgres" --version
            ;;
        cairn) ;;
        *) echo "There is no peer $peer." >&2 && exit 1 ;;
    esac
done
