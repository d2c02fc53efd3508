#!/bin/sh
# Installs the peers that Cairn is measured against into bench/data/venv. Does nothing if they are there.
set -eu
cd "$(dirname "$0")"
venv=../data/venv
stamp=$venv/requirements.txt
if ! cmp -s requirements.txt "$stamp"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
    cp requirements.txt "$stamp"
fi
"$venv/bin/python" -c 'import duckdb; print("DuckDB", duckdb.__version__)'
