"""What all engines have in common: SQL from files, answers as rows, and files that can be dropped from the page cache."""

from __future__ import annotations

import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from questions import BY_ID, DAY_MS, PERIODS, TOP, WEEK_MS, WINDOW_MS, DataSet

THREADS = 2
# No answer is waited for longer.
TIMEOUT_S = 120
SQL = Path(__file__).parent / "sql"

# Which repetition asks for which of the definitions that were never seen before.
COLD, WARM_UP, FIRST, TRIAL = 0, 1, 2, 9
REPETITIONS = 7

Row = tuple[Any, ...]


class TimedOut(Exception):
    """No answer within `TIMEOUT_S`."""


class Refused(Exception):
    """The engine refuses this question."""


class Engine(ABC):
    """An engine that holds one data set in a folder of its own."""

    name: ClassVar[str]
    # What was made beforehand for the very definition: nothing, or something.
    plain: ClassVar[str] = "plain"
    indexed: ClassVar[str] = "indexed"

    def __init__(self, data: DataSet) -> None:
        self.data = data
        self.dir = data.dir / self.name
        self.chosen = data.chosen()
        # What the statements since the last reset took, from the statement's text to the whole answer.
        self.took_s = 0.0

    @abstractmethod
    def load(self) -> dict[str, float]:
        """Loads the data set into an empty folder, to its final sorted state: {"seconds", "bytes", ...}."""

    @abstractmethod
    def open(self) -> None:
        """Starts the engine on what was loaded, and asserts that it has two threads and no cache of results."""

    @abstractmethod
    def close(self) -> None:
        """Stops it."""

    @abstractmethod
    def count(self) -> int:
        """The events that it has."""

    def make(self) -> dict[str, float]:
        """Makes what the indexed variants need; returns the seconds by name."""
        return {}

    def prepare(self, variant: str) -> None:
        """Called on the open engine before questions of a variant."""

    @abstractmethod
    def phrasings(self, question: str, variant: str) -> list[str]:
        """The ways to ask; the fastest counts."""

    @abstractmethod
    def ask(self, question: str, variant: str, phrasing: str, repetition: int) -> list[Row]:
        """Asks and takes the full answer; adds to `took_s` what the engine took, and nothing of what stands around it."""

    def after(self, question: str, variant: str) -> None:
        """Cleans up after one answer; not measured."""

    def variants(self) -> list[str]:
        """How it is asked: with nothing made for the definition, and with something."""
        return [self.plain, self.indexed]

    def choose_variant(self, variant: str) -> None:
        """Called before `open`: the variant that is going to be asked."""

    def is_indexed(self, question: str, variant: str) -> bool:
        """Whether something was made for the question's very definition."""
        return variant == self.indexed

    def questions(self, variant: str) -> list[str]:
        """The questions of a variant."""
        return [question.id for question in BY_ID.values() if variant == self.plain or question.defined]

    def make_folder(self) -> None:
        """An empty folder."""
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)

    def drop_from_cache(self) -> None:
        """Drops the engine's files from the page cache; the engine is stopped."""
        os.sync()
        for path in self.dir.rglob("*"):
            if path.is_file() and not path.is_symlink():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take on disk, or their length if that is less (preallocated files)."""
    files = (path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(min(stat.st_blocks * 512, stat.st_size) for stat in files)


def quote(text: str) -> str:
    """A SQL literal; the chosen texts hold nothing that engines escape differently."""
    assert "\\" not in text, text
    return "'" + text.replace("'", "''") + "'"


class SqlEngine(Engine):
    """An engine that is asked in SQL, by the files of `sql/NAME/VARIANT`: QUESTION.sql or QUESTION.PHRASING.sql."""

    @abstractmethod
    def run(self, sql: str) -> list[Row]:
        """Runs one statement, and adds its time to `took_s`; raises TimedOut."""

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Adds the time of what it encloses to `took_s`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.took_s += time.perf_counter() - started

    @abstractmethod
    def definition(self, definition: dict[str, str], variant: str) -> str:
        """The condition for a definition's events on the events' table."""

    def joined_definition(self, definition: dict[str, str]) -> str:
        """The same where the elements' table is joined."""
        raise NotImplementedError

    def drop(self, made: str) -> str:
        """Statement that drops what was made for a definition."""
        return f"DROP TABLE {made}"

    def words(self) -> dict[str, str]:
        """Further placeholders."""
        return {}

    def phrasings(self, question: str, variant: str) -> list[str]:
        name = BY_ID[question].sql_name
        files = sorted(path.stem for path in (SQL / self.name / variant).glob(f"{name}.*"))
        assert files, f"no SQL for {question} in {SQL / self.name / variant}"
        return files

    def render(self, file: str, question: str, variant: str, repetition: int) -> str:
        """The statement of a file with all placeholders filled in."""
        text = (SQL / self.name / variant / f"{file}.sql").read_text()
        data = self.data
        words = {
            "from_ms": data.from_ms,
            "first_day": data.from_ms // DAY_MS,
            "as_of_ms": data.as_of_ms,
            "day_ms": DAY_MS,
            "week_ms": WEEK_MS,
            "window_ms": WINDOW_MS,
            "periods": PERIODS,
            "top": TOP,
            "made": "made_q9" if question == "Q9" else "made_q1",
            **self.words(),
        }
        definitions = self.chosen.get(question, self.chosen["Q1"])
        names = {"definition": definitions[repetition if BY_ID[question].fresh else 0]}
        if question == "Q4a":
            names = {f"step{at}": definition for at, definition in enumerate(definitions, 1)}
        for name, definition in names.items():
            if f"${name}" in text:
                words[name] = self.definition(definition, variant)
            if f"$joined_{name}" in text:
                words[f"joined_{name}"] = self.joined_definition(definition)
        return Template(text).substitute(words)

    def count(self) -> int:
        return self.run("SELECT count(*) FROM events")[0][0]

    def make(self) -> dict[str, float]:
        seconds = {}
        for question, made in (("Q1", "made_q1"), ("Q4a", "made_q4a")):
            started = time.perf_counter()
            self.run_all(self.render(f"make-{question.lower()}", question, self.indexed, COLD))
            seconds[made] = time.perf_counter() - started
        return seconds

    def run_all(self, statements: str) -> None:
        """Runs statements that are separated by semicolons and have no rows."""
        for statement in statements.split(";\n"):
            self.run(statement)

    def ask(self, question: str, variant: str, phrasing: str, repetition: int) -> list[Row]:
        if question == "Q9" and variant == self.indexed:
            self.run_all(self.render("make-q1", question, variant, repetition))
        return self.run(self.render(phrasing, question, variant, repetition))

    def after(self, question: str, variant: str) -> None:
        if question == "Q9" and variant == self.indexed:
            self.run(self.drop("made_q9"))


def element_query(definition: dict[str, str]) -> str | None:
    """The ids of the elements that a definition means; none if it means all."""
    conditions = []
    if "text" in definition:
        conditions.append(f"target_text = {quote(definition['text'])}")
    if "like" in definition:
        conditions.append(f"chain LIKE {quote(definition['like'])}")
    return f"SELECT id FROM elements WHERE {' AND '.join(conditions)}" if conditions else None
