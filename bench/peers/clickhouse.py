"""ClickHouse, in this process (chdb): the events by user and time, and a second time by type, path and time.

Repeated texts are LowCardinality, elements are numbered in a table of their own (3 bytes an event less, and a pattern on
the chain looks at 8,000 rows), `day` stands beside `time` so that a count by day need not unpack 8 bytes an event, and
times are Delta with LZ4: 1.4 bytes an event more than ZSTD, and twice as fast to read.
"""

from __future__ import annotations

import json
import time

from chdb import session

from duck import event_conditions
from engine import SQL, THREADS, TIMEOUT_S, Row, SqlEngine, TimedOut, element_query

SETTINGS = {
    "max_threads": THREADS,
    "max_insert_threads": THREADS,
    "max_execution_time": TIMEOUT_S,
    "use_query_cache": 0,
    # It remembers which granules a condition matched: an answer's cache in all but name.
    "use_query_condition_cache": 0,
    "output_format_json_quote_64bit_integers": 0,
    "max_memory_usage": 14 << 30,
}
TABLES = {"events": "user_id, time", "events_by_path": "type, path, time"}
WORDS = "name title referrer utm_source browser device country region city plan".split()
WORD = "LowCardinality(String)"


class ClickHouse(SqlEngine):
    """ClickHouse in this process."""

    name = "clickhouse"

    def load(self) -> dict[str, float]:
        self.make_folder()
        self.connect()
        started = time.perf_counter()
        self.run("CREATE DATABASE bench ENGINE = Atomic")
        self.run("USE bench")
        self.load_users()
        self.load_elements()
        self.load_events("events")
        figures = {"seconds": time.perf_counter() - started, "bytes": self.bytes("'events', 'elements', 'users'")}
        started = time.perf_counter()
        self.load_events("events_by_path")
        figures["second_order_seconds"] = time.perf_counter() - started
        figures["second_order_bytes"] = self.bytes("'events_by_path'")
        self.close()
        return figures

    def connect(self) -> None:
        self.session = session.Session(str(self.dir / "store"))
        for name, value in SETTINGS.items():
            self.run(f"SET {name} = {value}")

    def open(self) -> None:
        self.connect()
        self.run("USE bench")
        names = ("max_threads", "use_query_cache", "use_query_condition_cache")
        settings = self.run("SELECT " + ", ".join(f"toUInt64(getSetting('{name}'))" for name in names))
        assert settings == [(THREADS, 0, 0)], settings

    def close(self) -> None:
        self.session.close()

    def run(self, sql: str) -> list[Row]:
        try:
            with self.timed():
                answer = self.session.query(sql, "JSONCompact").bytes()
        except Exception as error:
            if "TIMEOUT_EXCEEDED" in str(error):
                raise TimedOut from None
            raise
        return [tuple(row) for row in json.loads(answer)["data"]] if answer else []

    def bytes(self, tables: str) -> float:
        """What tables take on disk."""
        parts = f"FROM system.parts WHERE active AND database = 'bench' AND table IN ({tables})"
        return self.run(f"SELECT toFloat64(sum(bytes_on_disk)) {parts}")[0][0]

    def load_users(self) -> None:
        self.run(
            "CREATE TABLE users (user_id UInt64, handle String, email String, plan LowCardinality(String),"
            " enterprise_code String, ab_test_grp LowCardinality(String)) ENGINE = MergeTree ORDER BY user_id"
        )
        self.run(
            "INSERT INTO users SELECT user_id, handle, email, plan, ifNull(enterprise_code, ''), ab_test_grp"
            f" FROM file('{self.data.users_file.absolute()}', 'Parquet')"
        )
        self.run("OPTIMIZE TABLE users FINAL")

    def load_elements(self) -> None:
        self.run("CREATE TABLE elements (id UInt16, chain String, href String, target_text String) ENGINE = MergeTree ORDER BY id")
        self.run(
            "INSERT INTO elements SELECT row_number() OVER (ORDER BY chain, href, target_text), chain, href, target_text"
            f" FROM (SELECT DISTINCT ifNull(chain, '') AS chain, ifNull(href, '') AS href, ifNull(target_text, '') AS target_text"
            f" FROM {self.file()} WHERE chain <> '')"
        )
        self.run("OPTIMIZE TABLE elements FINAL")

    def file(self) -> str:
        return f"file('{self.data.events_file.absolute()}', 'Parquet')"

    def load_events(self, table: str) -> None:
        """Loads the events in the order of a table and merges its parts into one."""
        custom = {row[0]: row[1] for row in self.run(f"DESCRIBE {self.file()}") if row[0].startswith("custom_")}
        path = "String CODEC(ZSTD(1))" if self.data.hostile else WORD
        columns = {
            "user_id": ("UInt64 CODEC(Delta, ZSTD(1))", "user_id"),
            "time": ("UInt64 CODEC(Delta, LZ4)", "time"),
            "day": ("UInt16 CODEC(Delta, LZ4)", "intDiv(time, 86400000)"),
            "event_id": (f"UInt64 CODEC({'Delta, ZSTD(1)' if self.data.ids == 'time' else 'NONE'})", "event_id"),
            "type": ("Enum8('session', 'pageview', 'click', 'change', 'submit', 'custom')", "type"),
            "path": (path, "path"),
            "element": ("UInt16", "elements.id"),
            "session_id": ("UInt64 CODEC(ZSTD(1))", "toUInt64(session_id)"),
            "amount": ("Nullable(Float64) CODEC(ZSTD(1))", "amount"),
            **{name: (WORD, f"ifNull(events.{name}, '')") for name in WORDS},
            **{name: custom_column(name, kind) for name, kind in custom.items()},
        }
        if self.data.hostile:
            columns["query"] = (path, "query")
        declared = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
        self.run(f"CREATE TABLE {table} ({declared}) ENGINE = MergeTree ORDER BY ({TABLES[table]})")
        # Columns that are often missing are joined by what is there instead: no join key is null.
        self.run(
            f"INSERT INTO {table} SELECT {', '.join(value for _, value in columns.values())} FROM {self.file()} AS events"
            " LEFT JOIN elements ON elements.chain = ifNull(events.chain, '') AND elements.href = ifNull(events.href, '')"
            " AND elements.target_text = ifNull(events.target_text, '')"
        )
        self.run(f"OPTIMIZE TABLE {table} FINAL")

    def phrasings(self, question: str, variant: str) -> list[str]:
        found = []
        for file in super().phrasings(question, variant):
            both = "$events" in (SQL / self.name / variant / f"{file}.sql").read_text()
            found += [f"{file}@{table}" for table in (TABLES if both else ["events"])]
        return found

    def render(self, file: str, question: str, variant: str, repetition: int) -> str:
        file, _, self.table = file.partition("@")
        return super().render(file, question, variant, repetition)

    def words(self) -> dict[str, str]:
        return {"events": self.table or "events_by_path"}

    def definition(self, definition: dict[str, str], variant: str) -> str:
        elements = element_query(definition)
        return " AND ".join(event_conditions(definition) + ([f"element IN ({elements})"] if elements else []))


def custom_column(name: str, kind: str) -> tuple[str, str]:
    """Type and value of a custom property, which most events do not have."""
    if "String" in kind:
        return WORD, f"ifNull(events.{name}, '')"
    return f"Nullable({'Bool' if 'Bool' in kind else 'Float64'})", f"events.{name}"
