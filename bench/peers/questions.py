"""The questions: what each asks, with which definitions, and the form in which answers are compared.

Every engine's rows are brought into one canonical form: lists and numbers that are equal exactly when the answers are.
The range of every question is the whole data set, so engines whose language needs no range may leave it out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
# 2026-08-03, a Monday, as in bench/src/data/events.rs.
START_MS = 1_785_715_200_000
DAYS = 90
# A window of the funnels, inclusive.
WINDOW_MS = 7 * DAY_MS
PERIODS = 8
TOP = 50

Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True)
class DataSet:
    """One generated data set: its files and the questions chosen for it."""

    kind: str
    ids: str
    events: int
    dir: Path

    @property
    def hostile(self) -> bool:
        return self.kind == "hostile"

    @property
    def events_file(self) -> Path:
        return self.dir / f"events-{self.events}.parquet"

    @property
    def users_file(self) -> Path:
        return self.dir / f"users-{self.events}.parquet"

    @property
    def from_ms(self) -> int:
        """The first instant of the range: events of the hostile set are up to 60 days late."""
        return START_MS - (9 * WEEK_MS if self.hostile else 0)

    @property
    def to_ms(self) -> int:
        """The end of the range, exclusive: sessions that begin on the last day end on the next."""
        return START_MS + 13 * WEEK_MS

    @property
    def as_of_ms(self) -> int:
        """The end of the trailing week of Q6."""
        return START_MS + DAYS * DAY_MS

    def chosen(self) -> dict[str, list[dict[str, str]]]:
        """The definitions by question, as `choose.py` wrote them."""
        return json.loads((self.dir / "questions.json").read_text())


@dataclass(frozen=True)
class Question:
    """What is asked, in words, and how rows become the canonical answer."""

    id: str
    title: str
    canonical: Callable[[list[tuple[Any, ...]], DataSet], Any]
    # Whether a definition is in it, so that something can be made for it beforehand.
    defined: bool = False
    # Whether every repetition asks for another definition.
    fresh: bool = False
    # The question whose SQL it shares.
    like: str = ""

    @property
    def sql_name(self) -> str:
        """What its SQL files are called."""
        return (self.like or self.id).lower()


def by_day(rows: Rows, data: DataSet) -> list[int]:
    """Rows of (day, count) to the count of every day, zeros included."""
    counts = [0] * ((data.to_ms - data.from_ms) // DAY_MS)
    for day, count in rows:
        counts[int(day)] += int(count)
    return counts


def by_country(rows: Rows, _data: DataSet) -> list[list[Any]]:
    """Rows of (country, pageviews, users)."""
    return sorted([country, int(events), int(users)] for country, events, users in rows)


def reached(rows: Rows, _data: DataSet) -> list[int]:
    """One row with the users that reached each step."""
    return [int(users) for row in rows for users in row]


def cells(rows: Rows, _data: DataSet) -> list[list[int]]:
    """Rows of (cohort, period, users), period -1 being the cohort's size; empty cells left out."""
    return sorted([int(value) for value in row] for row in rows if row[2])


def names(rows: Rows, _data: DataSet) -> list[str]:
    """Rows of one handle each."""
    return sorted(row[0] for row in rows)


def pairs(rows: Rows, _data: DataSet) -> list[list[Any]]:
    """Rows of (path, next path, count)."""
    ordered = sorted((-int(count), first.encode(), second.encode()) for first, second, count in rows)
    return [[first.decode(), second.decode(), -count] for count, first, second in ordered]


def figures(rows: Rows, _data: DataSet) -> list[list[float]]:
    """Rows of (week, average, p50, p90, sum)."""
    return sorted([int(row[0]), *(float(value) for value in row[1:])] for row in rows)


QUESTIONS = [
    Question("Q1", "a definition of 0.05 % of the events (type, path, selector, text), by day", by_day, defined=True),
    Question("Q2", "the same, of users with an enterprise code", by_day, defined=True),
    Question("Q3", "pageviews and their users by country", by_country),
    Question("Q4a", "funnel of three selective definitions, 7 days", reached, defined=True),
    Question("Q4b", "funnel of any pageview, click, submit, 7 days", reached),
    Question("Q5", "weekly retention over 8 weeks, pageview to pageview", cells),
    Question("Q6", "users with more than 4 log-ins and an add-to-cart in the prior week", names),
    Question("Q7", "a definition never seen before, by day", by_day, fresh=True, like="Q1"),
    Question("Q8", "the 50 most frequent pairs of successive paths within sessions", pairs),
    Question("Q9", "from defining an event to its first answer", by_day, defined=True, fresh=True, like="Q1"),
    Question("Q10", "average, median, p90 and sum of amount by week", figures),
]
BY_ID = {question.id: question for question in QUESTIONS}


def same(left: Any, right: Any) -> bool:
    """Whether two canonical answers are equal; numbers that are not whole to 1e-9 of their size."""
    if isinstance(left, float) or isinstance(right, float):
        return abs(left - right) <= 1e-9 * max(abs(left), abs(right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right
