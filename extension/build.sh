#!/usr/bin/env bash
# Builds the extension for a PostgreSQL, or installs what was built into one.
#   build.sh build PG_CONFIG     with that server's headers
#   build.sh install PG_CONFIG   library, control file and SQL to where that server looks for them
set -euo pipefail
cd "$(dirname "$0")"
export PGRX_PG_CONFIG_PATH=$2

version=$("$2" --version)
major=$(grep -oE '[0-9]+' <<<"$version" | head -1)

case "$1" in
    build)
        "${CARGO:-cargo}" build --release --locked --no-default-features --features "pg$major"
        ;;
    install)
        built=${CARGO_TARGET_DIR:-target}/release/libcairn.so
        [ -e "$built" ] || { echo "cairn: $built is not there; build it first: build.sh build $2" >&2; exit 1; }
        libraries=$("$2" --pkglibdir)
        share=$("$2" --sharedir)/extension
        # A running server may have the old file mapped: a new file takes its place, the old one stays as it is until it is let go.
        install -m 755 "$built" "$libraries/cairn.so.new"
        mv -f "$libraries/cairn.so.new" "$libraries/cairn.so"
        install -m 644 cairn.control sql/cairn--*.sql "$share/"
        echo "cairn: installed into $version:"
        printf '  %s\n' "$libraries/cairn.so" "$share/cairn.control" sql/*.sql | sed "s|  sql/|  $share/|"
        echo "cairn: in each database, once: create extension cairn;"
        ;;
    *)
        echo "usage: build.sh build|install PG_CONFIG" >&2
        exit 2
        ;;
esac
