"""DuckDB: one table sorted by user and time, repeated texts as enumerations, elements and users as tables of their own.

Numbering the elements makes a pattern on the chain a join with 8,000 rows instead of a comparison per event; numbering
the users makes them half as wide, and lets events carry a key that grows with the table's order.
"""

from __future__ import annotations

import threading
import time

import duckdb

from engine import THREADS, TIMEOUT_S, Row, SqlEngine, TimedOut, element_query, quote

WORDS = "type name title referrer utm_source browser device country region city plan".split()
# Unique in half of the hostile set's events.
PATHS = ["path"]


class DuckDb(SqlEngine):
    """DuckDB in this process."""

    name = "duckdb"

    def connect(self) -> None:
        self.db = duckdb.connect(str(self.dir / "events.duckdb"), config={"threads": THREADS, "memory_limit": "12GB"})

    def load(self) -> dict[str, float]:
        self.make_folder()
        self.connect()
        started = time.perf_counter()
        for statement in load_statements(self.columns(), self.data.events_file, self.data.users_file, self.data.hostile):
            self.db.execute(statement)
        self.db.execute("CHECKPOINT")
        seconds = time.perf_counter() - started
        figures = {"seconds": seconds, "bytes": (self.dir / "events.duckdb").stat().st_size}
        self.close()
        return figures

    def columns(self) -> dict[str, str]:
        """The file's columns with their types."""
        rows = self.db.execute(f"DESCRIBE SELECT * FROM read_parquet('{self.data.events_file}')").fetchall()
        return {row[0]: row[1] for row in rows}

    def open(self) -> None:
        self.connect()
        assert self.run("SELECT current_setting('threads')") == [(THREADS,)]

    def make(self) -> dict[str, float]:
        seconds = super().make()
        self.db.execute("CHECKPOINT")
        return seconds

    def close(self) -> None:
        self.db.close()

    def run(self, sql: str) -> list[Row]:
        timer = threading.Timer(TIMEOUT_S, self.db.interrupt)
        timer.start()
        try:
            with self.timed():
                return self.db.execute(sql).fetchall()
        except duckdb.InterruptException:
            raise TimedOut from None
        finally:
            timer.cancel()

    def definition(self, definition: dict[str, str], variant: str) -> str:
        elements = element_query(definition)
        return " AND ".join(event_conditions(definition) + ([f"element IN ({elements})"] if elements else []))

    def joined_definition(self, definition: dict[str, str]) -> str:
        elements = element_query(definition)
        return " AND ".join(event_conditions(definition) + ([elements.split(" WHERE ")[1]] if elements else []))


def event_conditions(definition: dict[str, str]) -> list[str]:
    """The conditions on the event itself."""
    return [f"{name} = {quote(definition[name])}" for name in ("type", "path") if name in definition]


def load_statements(columns: dict[str, str], events: object, users: object, hostile: bool) -> list[str]:
    """Makes the types, the numbered users and elements, and the sorted table of events."""
    source = f"read_parquet('{events}')"
    texts = [name for name, kind in columns.items() if name.startswith("custom_") and kind == "VARCHAR"]
    words = WORDS + texts + ([] if hostile else PATHS)
    own = {"user_id", "event_id", "time", "session_id", "href", "target_text", "chain", *words}
    rest = "".join(f", {name}" for name in columns if name not in own)
    words_sql = ", ".join(f"events.{name}::{name}_words AS {name}" for name in words)
    types = [
        f"CREATE TYPE {name}_words AS ENUM (SELECT DISTINCT {name} FROM {source} WHERE {name} IS NOT NULL ORDER BY 1)"
        for name in words
    ]
    return types + [
        "CREATE TABLE users AS SELECT row_number() OVER (ORDER BY user_id)::INTEGER AS user_no, *"
        f" FROM read_parquet('{users}') ORDER BY user_id",
        "CREATE TABLE elements AS SELECT row_number() OVER (ORDER BY chain, href, target_text)::USMALLINT AS id, *"
        f" FROM (SELECT DISTINCT chain, href, target_text FROM {source} WHERE chain IS NOT NULL) ORDER BY id",
        "CREATE TABLE events AS SELECT user_no, event_id, time, session_id::BIGINT AS session_id,"
        f" elements.id AS element, {words_sql}{rest}"
        f" FROM {source} AS events JOIN users USING (user_id) LEFT JOIN elements"
        " ON elements.chain = events.chain AND elements.href IS NOT DISTINCT FROM events.href"
        " AND elements.target_text = events.target_text ORDER BY user_no, time",
    ]
