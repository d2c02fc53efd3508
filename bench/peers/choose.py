"""Chooses the definitions that the questions are about, from the data itself and always the same.

A definition is {"type", "path"?, "text"?, "selector"?, "like"?}. `like` is a SQL pattern on the text of the element
chain that holds for exactly the chains that the CSS selector matches: the generator puts classes only on the elements
between the root and the target, and `a.link` and `button` are only ever targets.
"""

from __future__ import annotations

import json
import random
from typing import Any

import duckdb

from questions import WINDOW_MS, DataSet

SHARE = 0.0005
# Shares of the definitions that were never seen before.
FRESH_SHARES = (0.0005, 0.01)
FRESH = 16
# So many users that complete a funnel are enough to tell a right answer from a wrong one.
ENOUGH = 10
# Classes without characters that a chain or LIKE escapes.
CLASSES = (
    "container grid card flex items-center px-4 hero product-list sidebar checkout modal rounded toolbar footer-links"
).split()

Definition = dict[str, str]


def sql(definition: Definition) -> str:
    """The definition as a condition on the Parquet file's columns."""
    return " AND ".join(conditions(definition))


def conditions(definition: Definition, path: str = "path", text: str = "target_text", chain: str = "chain") -> list[str]:
    """The conditions of a definition on columns of these names, in SQL that all peers understand."""
    out = [f"type = {quote(definition['type'])}"]
    if "path" in definition:
        out.append(f"{path} = {quote(definition['path'])}")
    if "text" in definition:
        out.append(f"{text} = {quote(definition['text'])}")
    if "like" in definition:
        out.append(f"{chain} LIKE {quote(definition['like'])}")
    return out


def quote(text: str) -> str:
    """A string literal; none of the chosen texts needs more."""
    assert "\\" not in text and "_" not in text, text
    return "'" + text.replace("'", "''") + "'"


def selector_of(chain: str, href_letters: int) -> Definition | None:
    """A selector for the chain's target within an element of a class, and its LIKE pattern; none without such a class."""
    *inner, leaf = chain.split(">")
    within = next((name for name in CLASSES for element in inner if f".{name}" in element), None)
    if within is None:
        return None
    if leaf.startswith("a.link[href=/go/"):
        href = leaf.removeprefix("a.link[href=/go/").split("]")[0][:href_letters]
        return link(within, href)
    return {"selector": f".{within} button.btn", "like": f"%.{within}%>button%"}


def link(within: str, href: str) -> Definition:
    """A link that leads to a product beginning with `href`, within an element of a class."""
    return {"selector": f'.{within} a.link[href^="/go/{href}"]', "like": f"%.{within}%>a.link[href=/go/{href}%"}


class Chooser:
    """Looks into one data set."""

    def __init__(self, data: DataSet) -> None:
        self.data = data
        self.db = duckdb.connect(config={"threads": 2})
        self.db.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{data.events_file}')")
        # What was done with which element of which page, far fewer rows than events; and on pages of any path.
        self.db.execute(
            "CREATE TABLE deeds AS SELECT type, path, target_text, chain, count(*) AS n FROM events"
            " WHERE chain IS NOT NULL AND path NOT LIKE '/products/%/o/%' GROUP BY ALL"
        )
        self.db.execute("CREATE TABLE anywhere AS SELECT type, chain, count(*) AS n FROM events GROUP BY ALL")

    def count(self, definition: Definition) -> int:
        """The events that match a definition."""
        table = "deeds" if "path" in definition else "anywhere"
        found = self.db.execute(f"SELECT coalesce(sum(n), 0) FROM {table} WHERE {sql(definition)}").fetchone()
        return int(found[0])

    def elements(self, condition: str, limit: int) -> list[Definition]:
        """Definitions of the most frequent elements of pages, each by type, path, text and selector."""
        rows = self.db.execute(
            "SELECT type, path, target_text, chain FROM deeds WHERE " + condition
            + f" ORDER BY n DESC, path, target_text, chain, type LIMIT {limit}"
        ).fetchall()
        found = []
        for kind, path, text, chain in rows:
            selector = selector_of(chain, 3)
            if selector:
                found.append({"type": kind, "path": path, "text": text, **selector})
        return found

    def selective(self) -> Definition:
        """The click nearest to 0.05 % of all events."""
        candidates = self.elements("type = 'click' AND n > 1", 400)
        return min(candidates, key=lambda definition: abs(self.count(definition) - SHARE * self.data.events))

    def steps(self, other_than: Definition) -> list[Definition]:
        """Two clicks and a change on one page, each near 0.05 % of all events, that some users do in this order."""
        pages = self.db.execute(
            "SELECT path FROM deeds WHERE n > 1 GROUP BY path ORDER BY sum(n) DESC, path LIMIT 24"
        ).fetchall()
        options: list[tuple[tuple[Any, ...], list[Definition]]] = []
        for (page,) in pages:
            if page == other_than["path"]:
                continue
            clicks = self.elements(f"type = 'click' AND path = '{page}'", 12)[:2]
            changes = self.elements(f"type = 'change' AND path = '{page}'", 12)[:1]
            steps = clicks + changes
            if len(steps) == 3 and steps[0]["text"] != steps[1]["text"]:
                distance = sum(abs(self.count(step) - SHARE * self.data.events) for step in steps)
                done = min(self.completed(steps), ENOUGH)
                options.append(((-done, distance), steps))
        return min(options, key=lambda option: option[0])[1]

    def completed(self, steps: list[Definition]) -> int:
        """The users that do the steps in order within the window."""
        ctes = ", ".join(
            f"s{at} AS MATERIALIZED (SELECT user_id, time FROM events WHERE {sql(step)})" for at, step in enumerate(steps)
        )
        found = self.db.execute(
            f"WITH {ctes} SELECT count(DISTINCT s0.user_id) FROM s0"
            " JOIN s1 ON s1.user_id = s0.user_id AND s1.time > s0.time"
            " JOIN s2 ON s2.user_id = s0.user_id AND s2.time > s1.time"
            f" AND s2.time <= s0.time + {WINDOW_MS}"
        ).fetchone()
        return int(found[0])

    def fresh(self) -> list[Definition]:
        """Clicks on links to some products within an element of a class: no two alike."""
        heads = self.db.execute(
            r"SELECT DISTINCT unnest([regexp_extract(chain, '>a\.link\[href=/go/([a-z]+-)', 1),"
            r" regexp_extract(chain, '>a\.link\[href=/go/([a-z]+-[a-z])', 1)]) AS head FROM anywhere"
            " WHERE type = 'click' ORDER BY head"
        ).fetchall()
        options = [{"type": "click", **link(within, head)} for within in CLASSES for (head,) in heads if head]
        random.Random(1).shuffle(options)
        low, high = (share * self.data.events for share in FRESH_SHARES)
        found: list[Definition] = []
        for option in options:
            if len(found) < 2 * FRESH and low <= self.count(option) <= high:
                found.append(option)
        assert len(found) == 2 * FRESH, f"only {len(found)} definitions have the share that is asked for"
        return found


def choose(data: DataSet) -> dict[str, Any]:
    """Chooses all definitions of a data set and writes them beside it; made once."""
    path = data.dir / "questions.json"
    if path.exists():
        return json.loads(path.read_text())
    chooser = Chooser(data)
    q1 = chooser.selective()
    fresh = chooser.fresh()
    chosen = {"Q1": [q1], "Q4a": chooser.steps(q1), "Q7": fresh[:FRESH], "Q9": fresh[FRESH:]}
    chosen["counts"] = {name: [chooser.count(d) for d in definitions] for name, definitions in chosen.items()}
    path.write_text(json.dumps(chosen, indent=1))
    return chosen
