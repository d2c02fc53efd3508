"""The report: do the answers agree, the table, the list for bench/report.json, and the bars."""

from __future__ import annotations

import json
from typing import Any

from engine import THREADS
from questions import QUESTIONS, DataSet, same

PEERS = ("clickhouse", "duckdb", "postgres")
# Question, Cairn's variant, the peers compared with (nothing made for the definition, or something), at least so often faster.
BARS = [
    ("Q1", "index", False, 40),
    ("Q1", "scan", False, 6),
    ("Q2", "index", False, 30),
    ("Q3", "scan", False, 3),
    ("Q4a", "index", False, 40),
    ("Q4b", "scan", False, 12),
    ("Q5", "scan", False, 10),
    ("Q6", "index", False, 10),
    ("Q7", "scan", False, 6),
    ("Q8", "scan", False, 6),
    ("Q10", "index", False, 10),
    ("Q1", "index", True, 2),
    ("Q4a", "index", True, 4),
]
HOSTILE_RATIO = 2
BYTES_MAX = {"random": 24, "time": 20}
HOSTILE_BYTES_OF_CLICKHOUSE = 2.5
LOAD_OF_FASTEST_MAX = 2

Measured = dict[str, Any]
Results = dict[str, Measured]


def disagreements(results: Results) -> list[str]:
    """Where two engines or variants answer the same question differently, with what differs."""
    found = []
    first: dict[tuple[str, str], tuple[str, Any]] = {}
    for engine, measured in results.items():
        for result in measured["results"]:
            who = f"{engine} {result['variant']} {result['state']}"
            for key, answer in result["answers"].items():
                other, expected = first.setdefault((result["question"], key), (who, answer))
                if not same(answer, expected):
                    found.append(f"{result['question']} ({key}): {other} and {who} differ\n" + diff(expected, answer))
    return found


def diff(left: Any, right: Any) -> str:
    """The first elements that differ."""
    if not isinstance(left, list) or not isinstance(right, list):
        return f"  {left!r} / {right!r}"
    lines = [f"  {len(left)} / {len(right)} elements"] if len(left) != len(right) else []
    unlike = [at for at, (a, b) in enumerate(zip(left, right)) if not same(a, b)]
    lines += [f"  at {at}: {left[at]!r} / {right[at]!r}" for at in unlike[:5]]
    return "\n".join(lines)


def flat(results: Results, data: DataSet) -> list[Measured]:
    """The list for the report file."""
    out = []
    for engine, measured in results.items():
        load = measured["load"]
        common = {"engine": engine, "events": data.events, "set": data.kind, "ids": data.ids}
        out.append({
            "question": "load",
            **common,
            "events_per_s": data.events / load["seconds"],
            "bytes_per_event": load["bytes"] / data.events,
            **{name: value for name, value in load.items() if name not in ("seconds", "bytes")},
        })
        for result in measured["results"]:
            figures = {name: value for name, value in result.items() if name != "answers"}
            out.append({**common, "threads": THREADS, **figures})
    return out


def figure(results: Results, engine: str, question: str, variant: str | bool, state: str = "warm") -> Measured | None:
    """An engine's result by the variant's name, or by whether it is indexed."""
    for result in results.get(engine, {}).get("results", []):
        is_it = result["indexed"] == variant if isinstance(variant, bool) else result["variant"] == variant
        if result["question"] == question and result["state"] == state and is_it:
            return result
    return None


def best(results: Results, question: str, indexed: bool, state: str = "warm") -> float | None:
    """The fastest peer's median."""
    found = (figure(results, peer, question, indexed, state) for peer in PEERS)
    return min((result["median_ms"] for result in found if result and result["median_ms"] is not None), default=None)


def ratio(results: Results, question: str, variant: str, indexed: bool, state: str = "warm") -> float | None:
    """How many times as fast as the fastest peer Cairn is."""
    cairn = figure(results, "cairn", question, variant, state)
    peer = best(results, question, indexed, state)
    return peer / cairn["median_ms"] if peer and cairn and cairn["median_ms"] else None


def table(results: Results, data: DataSet) -> str:
    """All figures, and Cairn's ratios to the best peer with nothing and with something made for the definition."""
    lines = [f"\n{data.events:,} events, {data.kind} set, {data.ids} ids, {THREADS} threads; medians in ms, `cold` once"]
    columns = [("cairn", variant, f"cairn {variant}") for variant in ("scan", "index", "http")]
    columns += [(peer, variant, f"{peer[:8]} {variant}") for variant in ("plain", "indexed") for peer in PEERS]
    for state in ("warm", "cold"):
        lines.append(f"\n{state:5}" + "".join(f"{title:>17}" for *_, title in columns) + "   ratios to the best peer")
        for question in QUESTIONS:
            cells = "".join(f"{cell(figure(results, who, question.id, variant, state)):>17}" for who, variant, _ in columns)
            lines.append(f"{question.id:5}{cells}   {ratios(results, question.id, state)}")
    lines.append(f"\n{'load':12}{'events/s':>12}{'bytes/event':>13}")
    for engine, measured in results.items():
        load = measured["load"]
        figures = f"{data.events / load['seconds']:12,.0f}{load['bytes'] / data.events:13.1f}"
        lines.append(f"{engine:12}{figures}   load average before {load.get('load_average_before', '?')}")
        if "open_ms" in load:
            memory = load["anonymous_bytes"] / 2**20
            lines.append(f"{'':12}opens in {load['open_ms']:.1f} ms; {memory:,.0f} MB of no file after Q4b and Q7")
    return "\n".join(lines)


def cell(result: Measured | None) -> str:
    if result is None:
        return ""
    return result["note"] if result["median_ms"] is None else f"{result['median_ms']:,.2f}"


def ratios(results: Results, question: str, state: str) -> str:
    """Such as `index 80 / 3.1 (plain / indexed)`."""
    out = []
    for variant in ("scan", "index"):
        plain, indexed = (ratio(results, question, variant, made, state) for made in (False, True))
        if plain is not None:
            out.append(f"{variant} {plain:.1f}" + (f" / {indexed:.1f} indexed" if indexed is not None else ""))
    return ", ".join(out)


def failures(results: Results, data: DataSet) -> list[str]:
    """The bars that are not reached."""
    found = []
    for question, variant, indexed, bar in BARS:
        at_least = HOSTILE_RATIO if data.hostile else bar
        reached = ratio(results, question, variant, indexed)
        against = "the best indexed peer" if indexed else "the best peer with nothing made"
        if reached is None or reached < at_least:
            shown = "no figure" if reached is None else f"{reached:.1f} times"
            found.append(f"{question} {variant} against {against}: {shown}, the bar is {at_least}")
    loads = {engine: measured["load"] for engine, measured in results.items()}
    if "cairn" in loads and any(peer in loads for peer in PEERS):
        found += load_failures(loads, data)
    return found


def load_failures(loads: dict[str, Measured], data: DataSet) -> list[str]:
    """The bars of bytes and load."""
    found = []
    per_event = loads["cairn"]["bytes"] / data.events
    most = BYTES_MAX[data.ids]
    if data.hostile:
        most = HOSTILE_BYTES_OF_CLICKHOUSE * loads.get("clickhouse", {}).get("bytes", 0) / data.events
    if per_event > most:
        found.append(f"{per_event:.1f} bytes an event, the bar is {most:.1f}")
    fastest = min(loads[peer]["seconds"] for peer in PEERS if peer in loads)
    if loads["cairn"]["seconds"] > LOAD_OF_FASTEST_MAX * fastest:
        times = loads["cairn"]["seconds"] / fastest
        found.append(f"the load takes {times:.2f} times as long as the fastest peer's, the bar is {LOAD_OF_FASTEST_MAX}")
    return found


def write(path: Any, results: Results, data: DataSet) -> None:
    path.write_text(json.dumps(flat(results, data), indent=1) + "\n")
