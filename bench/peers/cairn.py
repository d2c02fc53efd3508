"""Cairn, as its peers are: in process, from the question's text to the answer's. And once more over HTTP, as a variant."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Any, ClassVar

from cairn_asked import Asked, InProcess, Query, Served
from engine import COLD, Engine, Row, folder_bytes
from questions import BY_ID, PERIODS, TOP

ALL = {"all": []}
PAGEVIEW, CLICK, SUBMIT = ({"type": kind} for kind in ("pageview", "click", "submit"))
QUIET_S = 0.4
HTTP = "http"
# Events that questions without chosen definitions ask about. An analyst names them, and then they have an index.
LOGGED_IN, ADDED = ({"name": name} for name in ("Logged In", "Added To Cart"))
WITH_AMOUNT = {"property": "amount", "is_set": True}
NAMED = {"Q6 logged in": LOGGED_IN, "Q6 added": ADDED, "Q10 amount": WITH_AMOUNT}


class Cairn(Engine):
    """Cairn's engine, or its server."""

    name: ClassVar[str] = "cairn"
    plain: ClassVar[str] = "scan"
    indexed: ClassVar[str] = "index"
    over_http = False
    engine_ms: float | None = None

    @property
    def program(self) -> str:
        return os.environ["CAIRN"]

    def run(self, *words: str) -> None:
        """Runs a command of the program on the data folder."""
        subprocess.run([self.program, *words, "--data", str(self.dir)], check=True, stdout=subprocess.DEVNULL)

    def load(self) -> dict[str, float]:
        shutil.rmtree(self.dir, ignore_errors=True)
        started = time.perf_counter()
        self.run("project", "add", "bench", "--zone", "UTC")
        self.run("import", "users", str(self.data.users_file))
        self.run("import", "events", str(self.data.events_file))
        seconds = time.perf_counter() - started
        # What the import left for later counts too.
        self.open()
        started = time.perf_counter()
        self.settle()
        settled = time.perf_counter() - started - QUIET_S
        self.close()
        return {"seconds": seconds + max(settled, 0.0), "bytes": folder_bytes(self.dir), **self.opened()}

    def opened(self) -> dict[str, float]:
        """How long opening takes once all is settled, and the memory beyond the page cache after Q4b and Q7."""
        self.open()
        open_ms = self.asked.about()["open_ms"]
        self.rows("Q4b", self.plain, COLD)
        self.rows("Q7", self.plain, COLD)
        anonymous_bytes = self.asked.about()["anonymous_bytes"]
        self.close()
        return {"open_ms": open_ms, "anonymous_bytes": anonymous_bytes}

    def count(self) -> int:
        query = {"graph": {**self.graph(ALL, "whole"), "bots": True}}
        return self.post(query)["graph"]["total"]["total"]

    def open(self) -> None:
        self.asked: Asked = Served(self.program, self.dir) if self.over_http else InProcess(self.dir)

    def close(self) -> None:
        self.asked.close()

    def settle(self) -> None:
        """Waits until Cairn has nothing more to do."""
        ticks = os.sysconf("SC_CLK_TCK")
        used = -1.0
        while True:
            with open(f"/proc/{self.asked.pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            now = (int(fields[11]) + int(fields[12])) / ticks
            if now - used <= QUIET_S / 20:
                return
            used = now
            time.sleep(QUIET_S)

    def post(self, query: Query) -> Any:
        """Asks a question, and adds its time to what is measured."""
        seconds, answer = self.asked.query(query)
        self.took_s += seconds
        self.engine_ms = (self.engine_ms or 0.0) + answer.get("explain", {}).get("total_ms", 0.0)
        return answer

    def prepare(self, variant: str) -> None:
        """Defines the events of the indexed questions, or sees to it that nothing is defined."""
        for name in self.asked.definitions():
            self.asked.forget(name)
        if variant != self.plain:
            self.define("Q1", self.chosen["Q1"][0])
            for at, definition in enumerate(self.chosen["Q4a"], 1):
                self.define(f"Q4a step {at}", definition)
            for name, event in NAMED.items():
                self.asked.define(name, event)
        self.settle()

    def define(self, name: str, definition: dict[str, str]) -> None:
        self.took_s += self.asked.define(name, predicate(definition))

    def phrasings(self, question: str, variant: str) -> list[str]:
        return [variant]

    def variants(self) -> list[str]:
        return [self.plain, self.indexed, HTTP]

    def choose_variant(self, variant: str) -> None:
        self.over_http = variant == HTTP

    def is_indexed(self, question: str, variant: str) -> bool:
        return variant != self.plain and (BY_ID[question].defined or question in ("Q6", "Q10"))

    def questions(self, variant: str) -> list[str]:
        """Over HTTP all once more, by index where there is one. Defining is what makes Q9, so that it has one variant."""
        if variant == HTTP:
            return list(BY_ID)
        if variant == self.indexed:
            return [question for question in BY_ID if self.is_indexed(question, variant)]
        return [question for question in super().questions(variant) if (question, variant) != ("Q9", self.plain)]

    def after(self, question: str, variant: str) -> None:
        if question == "Q9":
            self.asked.forget("Q9")

    def ask(self, question: str, variant: str, phrasing: str, repetition: int) -> list[Row]:
        self.engine_ms = None
        return self.rows(question, variant, repetition)

    def rows(self, question: str, variant: str, repetition: int) -> list[Row]:
        """Asks and brings the answer into rows; what rows come in, `questions.py` says."""
        match question:
            case "Q1" | "Q2":
                event = "Q1" if variant != self.plain else predicate(self.chosen["Q1"][0])
                return self.by_day(event, question == "Q2")
            case "Q3":
                return self.countries()
            case "Q4a":
                events = [predicate(definition) for definition in self.chosen["Q4a"]]
                return self.funnel([f"Q4a step {at}" for at in (1, 2, 3)] if variant != self.plain else events)
            case "Q4b":
                return self.funnel([PAGEVIEW, CLICK, SUBMIT])
            case "Q5":
                return self.retention()
            case "Q6":
                named = variant != self.plain
                return self.active("Q6 logged in" if named else LOGGED_IN, "Q6 added" if named else ADDED)
            case "Q7":
                return self.by_day(predicate(self.chosen["Q7"][repetition]), False)
            case "Q10":
                return self.amounts("Q10 amount" if variant != self.plain else WITH_AMOUNT)
            case "Q9":
                self.define("Q9", self.chosen["Q9"][repetition])
                return self.by_day("Q9", False)
            case "Q8":
                return self.pairs()
            case _:
                raise KeyError(question)

    def pairs(self) -> list[Row]:
        """The most frequent pairs of paths."""
        found = self.post({"pairs": {"top": TOP, **self.range()}})["pairs"]["pairs"]
        return [(pair["from"]["path"], pair["to"]["path"], pair["count"]) for pair in found]

    def range(self) -> Query:
        return {"from": self.data.from_ms, "to": self.data.to_ms}

    def graph(self, event: Any, interval: str, measure: Any = "count") -> Query:
        return {"event": event, "measure": measure, "interval": interval, **self.range()}

    def by_day(self, event: Any, enterprise: bool) -> list[Row]:
        graph = self.graph(event, "day")
        if enterprise:
            graph["where"] = {"user": "enterprise_code", "is_set": True}
        series = self.post({"graph": graph})["graph"]["series"]
        return list(enumerate(series[0]["values"])) if series else []

    def countries(self) -> list[Row]:
        """Two questions: pageviews, and their users."""
        found: list[dict[str, int]] = []
        for measure in ("count", "users"):
            graph = {**self.graph(PAGEVIEW, "whole", measure), "group_by": [{"event": "country"}], "top": 1000}
            series = self.post({"graph": graph})["graph"]["series"]
            found.append({one["group"][0]: one["total"] for one in series if not one["other"]})
        return [(country, events, found[1][country]) for country, events in found[0].items()]

    def funnel(self, steps: list[Any]) -> list[Row]:
        answer = self.post({"funnel": {"steps": steps, "window": "7d", **self.range()}})
        return [tuple(step["reached"] for step in answer["funnel"]["total"])]

    def retention(self) -> list[Row]:
        """A cohort's users as period -1."""
        query = {"start": PAGEVIEW, "return": PAGEVIEW, "interval": "week", "periods": PERIODS, **self.range()}
        cohorts = enumerate(self.post({"retention": query})["retention"]["cohorts"])
        counts = ((at, [cohort["users"], *(cell["users"] for cell in cohort["cells"])]) for at, cohort in cohorts)
        return [(at, period, users) for at, users_of in counts for period, users in enumerate(users_of, -1)]

    def amounts(self, event: Any) -> list[Row]:
        answer = self.post({"graph": self.graph(event, "week", {"summary": "amount"})})["graph"]["total"]["values"]
        return [(week, of["avg"], of["p50"], of["p90"], of["sum"]) for week, of in enumerate(answer) if of is not None]

    def active(self, logged_in: Any, added: Any) -> list[Row]:
        """Handles of users who logged in more than four times and added to the cart, in the week before."""
        segment = {"all": [{"did": logged_in, "more_than": 4, "in": "7d"}, {"did": added, "at_least": 1, "in": "7d"}]}
        query = {"segment": segment, "as_of": self.data.as_of_ms, "properties": [], "limit": 1000}
        found: list[Row] = []
        # A list has 1,000 people at most; the rest are asked for in turn.
        while True:
            answer = self.post({"users": query | {"offset": len(found)}})["users"]
            found += [(user["handle"],) for user in answer["users"]]
            if len(found) >= answer["total"] or not answer["users"]:
                return found


def predicate(definition: dict[str, str]) -> Query:
    """A definition in Cairn's language."""
    conditions: list[Query] = [{"type": definition["type"]}]
    if "path" in definition:
        conditions.append({"property": "path", "is": definition["path"]})
    if "selector" in definition:
        conditions.append({"selector": definition["selector"]})
    if "text" in definition:
        conditions.append({"property": "target_text", "is": definition["text"]})
    return {"all": conditions}
