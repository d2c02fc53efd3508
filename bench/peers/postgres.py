"""PostgreSQL 15: narrow rows sorted by user and time, words numbered in tables of their own; plain questions scan in two
processes, indexed ones have covering partial indexes.

The server runs as a user of its own on a socket in a folder of its own, from the start to the end of this process.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv

from engine import THREADS, TIMEOUT_S, Row, SqlEngine, TimedOut, element_query, quote

PROGRAMS = Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "4GB",
    "work_mem": "512MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "random_page_cost": "1.1",
    "max_worker_processes": "8",
    "max_parallel_workers": str(THREADS),
    # The leader takes part: two processes.
    "max_parallel_workers_per_gather": str(THREADS - 1),
    "max_parallel_maintenance_workers": str(THREADS - 1),
    "min_parallel_table_scan_size": "0",
    "parallel_setup_cost": "100",
    "parallel_tuple_cost": "0.01",
    "autovacuum": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
}
TYPES = ["session", "pageview", "click", "change", "submit", "custom"]
# Numbered in the order of their bytes, so that numbers sort as the words do.
WORDS = {
    "name": "names",
    "title": "titles",
    "referrer": "referrers",
    "utm_source": "sources",
    "browser": "browsers",
    "device": "devices",
    "country": "countries",
    "region": "regions",
    "city": "cities",
    "plan": "plans",
}
PATHS = {"path": "paths"}
BATCH_ROWS = 100_000


class Postgres(SqlEngine):
    """PostgreSQL in processes of its own."""

    name = "postgres"

    def start(self) -> None:
        """Starts the server on the folder and connects."""
        self.sockets = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self.sockets, "postgres", "postgres")
        settings = {**SETTINGS, "unix_socket_directories": f"'{self.sockets}'"}
        (self.store / "postgresql.auto.conf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
        self.control("start", "--log", str(self.store / "server.log"))
        self.db = psycopg.connect(host=str(self.sockets), user="postgres", dbname="postgres", autocommit=True)
        self.db.execute(f"SET statement_timeout = {TIMEOUT_S * 1000}")

    def control(self, *words: str) -> None:
        command = [str(PROGRAMS / "pg_ctl"), "--pgdata", str(self.store), "--wait", "--silent", *words]
        subprocess.run(as_user(command), check=True, cwd="/", stdout=subprocess.DEVNULL)

    @property
    def store(self) -> Path:
        return self.dir.absolute() / "store"

    def open(self) -> None:
        self.start()
        assert self.run("SHOW max_parallel_workers_per_gather") == [(str(THREADS - 1),)]
        # Looked up once per definition, as a client that knows its definitions does.
        self.conditions: dict[tuple[str, str], str] = {}
        self.numbers = {word: str(at) for at, word in self.run("SELECT id, word FROM names")}

    def close(self) -> None:
        self.db.close()
        self.control("stop", "--mode", "fast")
        shutil.rmtree(self.sockets)

    def run(self, sql: str) -> list[Row]:
        try:
            with self.timed():
                cursor = self.db.execute(sql)
                return cursor.fetchall() if cursor.description else []
        except psycopg.errors.QueryCanceled:
            raise TimedOut from None

    def load(self) -> dict[str, float]:
        self.make_folder()
        if os.geteuid() == 0:
            shutil.chown(self.dir, "postgres", "postgres")
        initdb = [str(PROGRAMS / "initdb"), "--pgdata", str(self.store), "--username", "postgres", "--auth", "trust"]
        subprocess.run(as_user([*initdb, "--locale", "C", "--encoding", "UTF8"]), check=True, cwd="/", stdout=subprocess.DEVNULL)
        self.start()
        self.db.execute("SET statement_timeout = 0")
        started = time.perf_counter()
        self.load_tables()
        self.db.execute("VACUUM (FREEZE, ANALYZE)")
        figures = {"seconds": time.perf_counter() - started, "bytes": self.bytes()}
        self.db.execute("CHECKPOINT")
        self.close()
        return figures

    def bytes(self) -> float:
        """What all tables take on disk, indexes included."""
        found = self.run("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid >= 16384")
        return float(found[0][0])

    def load_tables(self) -> None:
        """Numbers words, elements and users in memory, and copies all in the order of user and time."""
        db = duckdb.connect(config={"threads": THREADS, "memory_limit": "8GB", "temp_directory": str(self.data.dir / "spill")})
        db.execute(f"CREATE VIEW source AS SELECT * FROM read_parquet('{self.data.events_file}')")
        words = {**WORDS, **({} if self.data.hostile else PATHS)}
        for name, table in words.items():
            db.execute(
                f"CREATE TABLE {table} AS SELECT row_number() OVER (ORDER BY word)::SMALLINT AS id, word"
                f" FROM (SELECT DISTINCT {name} AS word FROM source WHERE {name} IS NOT NULL) ORDER BY id"
            )
            self.copy(db, table, "id smallint PRIMARY KEY, word text", f"SELECT * FROM {table}")
        db.execute(
            "CREATE TABLE elements AS SELECT row_number() OVER (ORDER BY chain, href, target_text)::SMALLINT AS id, *"
            " FROM (SELECT DISTINCT chain, href, target_text FROM source WHERE chain IS NOT NULL) ORDER BY id"
        )
        declared = "id smallint PRIMARY KEY, chain text, href text, target_text text"
        self.copy(db, "elements", declared, "SELECT id, chain, href, target_text FROM elements")
        db.execute(
            "CREATE TABLE users AS SELECT row_number() OVER (ORDER BY user_id)::INTEGER AS user_no, *"
            f" FROM read_parquet('{self.data.users_file}') ORDER BY user_id"
        )
        declared = (
            "user_no int PRIMARY KEY, user_id bigint, handle text, email text, plan text, enterprise_code text, ab_test_grp text"
        )
        self.copy(db, "users", declared, "SELECT * FROM users")
        self.copy(db, "events", *self.events(db, words))

    def events(self, db: duckdb.DuckDBPyConnection, words: dict[str, str]) -> tuple[str, str]:
        """The columns of the events, wide ones first so that no padding is lost, and the query that makes their rows."""
        kinds = {row[0]: row[1] for row in db.execute("DESCRIBE source").fetchall()}
        columns = {name: ("bigint", f"source.{name}") for name in ("time", "event_id")}
        columns["session_id"] = ("bigint", "session_id::BIGINT")
        columns["amount"] = ("float8", "amount")
        columns["user_no"] = ("int", "user_no")
        columns["element"] = ("smallint", "elements.id")
        types = " ".join(f"WHEN '{name}' THEN {at}" for at, name in enumerate(TYPES))
        columns["type"] = ("smallint", f"CASE type {types} END")
        columns |= {name: ("smallint", f"{table}.id") for name, table in words.items()}
        if self.data.hostile:
            columns |= {name: ("text", f"source.{name}") for name in ("path", "query")}
            native = {"VARCHAR": "text", "DOUBLE": "float8", "BOOLEAN": "boolean"}
            custom = {name: kind for name, kind in kinds.items() if name.startswith("custom_")}
            columns |= {name: (native[kind], f"source.{name}") for name, kind in custom.items()}
        joins = " ".join(f"LEFT JOIN {table} ON {table}.word = source.{name}" for name, table in words.items())
        select = ", ".join(f"{value} AS {name}" for name, (_, value) in columns.items())
        return ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items()), (
            f"SELECT {select} FROM source JOIN users USING (user_id) {joins} LEFT JOIN elements"
            " ON elements.chain = source.chain AND elements.href IS NOT DISTINCT FROM source.href"
            " AND elements.target_text = source.target_text ORDER BY user_no, time"
        )

    def copy(self, db: duckdb.DuckDBPyConnection, table: str, declared: str, query: str) -> None:
        """Makes a table and copies the rows of a query into it."""
        self.db.execute(f"CREATE UNLOGGED TABLE {table} ({declared})")
        options = pa.csv.WriteOptions(include_header=False)
        with self.db.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            for batch in db.sql(query).to_arrow_reader(BATCH_ROWS):
                sink = pa.BufferOutputStream()
                pa.csv.write_csv(batch, sink, options)
                copy.write(sink.getvalue())

    def run_all(self, statements: str) -> None:
        self.db.execute("SET statement_timeout = 0")
        super().run_all(statements)
        self.db.execute(f"SET statement_timeout = {TIMEOUT_S * 1000}")

    def drop(self, made: str) -> str:
        return f"DROP INDEX {made}"

    def phrasings(self, question: str, variant: str) -> list[str]:
        """Each with and without compiling; what an index answers is too short for that."""
        found = super().phrasings(question, variant)
        return found if variant == self.indexed else [f"{file}@{jit}" for file in found for jit in ("jit-off", "jit-on")]

    def ask(self, question: str, variant: str, phrasing: str, repetition: int) -> list[Row]:
        file, _, jit = phrasing.partition("@jit-")
        self.db.execute(f"SET jit = {jit or 'off'}")
        return super().ask(question, variant, file, repetition)

    def definition(self, definition: dict[str, str], variant: str) -> str:
        key = (json.dumps(definition), variant)
        if key not in self.conditions:
            self.conditions[key] = self.condition(definition, variant)
        return self.conditions[key]

    def condition(self, definition: dict[str, str], variant: str) -> str:
        """For a partial index the ids stand in the condition itself, else they are looked up."""
        conditions = [f"type = {TYPES.index(definition['type'])}"]
        if "path" in definition:
            path = quote(definition["path"])
            if not self.data.hostile:
                path = str(self.run(f"SELECT id FROM paths WHERE word = {path}")[0][0])
            conditions.append(f"path = {path}")
        elements = element_query(definition)
        if elements and variant == self.indexed:
            ids = sorted(row[0] for row in self.run(elements))
            elements = ", ".join(map(str, ids))
        return " AND ".join(conditions + ([f"element IN ({elements})"] if elements else []))

    def words(self) -> dict[str, str]:
        word = "(SELECT word FROM paths WHERE id = {})"
        return {
            **{name: str(at) for at, name in enumerate(TYPES)},
            "logged_in": self.numbers["Logged In"],
            "added_to_cart": self.numbers["Added To Cart"],
            "first_word": "path" if self.data.hostile else word.format("path"),
            "next_word": "next" if self.data.hostile else word.format("next"),
        }


def as_user(command: list[str]) -> list[str]:
    """The command as a user that PostgreSQL accepts: it does not run as root."""
    if os.geteuid() != 0:
        return command
    pwd.getpwnam("postgres")
    return ["runuser", "-u", "postgres", "--", *command]
