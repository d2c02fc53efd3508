"""Measures one engine, each task in a process of its own: its load, its warm answers, one cold answer."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Callable

from engine import COLD, FIRST, REPETITIONS, THREADS, TRIAL, WARM_UP, Engine, TimedOut
from questions import BY_ID, DataSet, same

ENGINES = {
    "cairn": ("cairn", "Cairn"),
    "clickhouse": ("clickhouse", "ClickHouse"),
    "duckdb": ("duck", "DuckDb"),
    "postgres": ("postgres", "Postgres"),
}
# Slow questions are repeated less often than `REPETITIONS`, but at least so often.
BUDGET_S = 60
AT_LEAST = 2
# Quick questions are asked more often, of every engine alike: seven of a millisecond say more of the moment than of the engine.
LEAST_S = 0.2
MOST = 500
TRIALS = 3
SLOW_S = 5

Result = dict[str, Any]


def apart(task: Callable[..., Any], *words: Any) -> Any:
    """Runs a task in a process of its own: no engine keeps anything from the one before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *words).result()


def engine_of(name: str, data: DataSet) -> Engine:
    """The engine, on two cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    module, kind = ENGINES[name]
    return getattr(importlib.import_module(module), kind)(data)


def load(name: str, data: DataSet) -> Result:
    """Loads the data set and makes what the indexed variants need."""
    engine = engine_of(name, data)
    figures: Result = dict(engine.load())
    engine.open()
    found = engine.count()
    assert found == data.events, f"{name} has {found} events of {data.events}"
    figures["made"] = engine.make()
    engine.close()
    return figures


def cases(name: str, data: DataSet) -> list[tuple[str, list[str]]]:
    """The variants of an engine, each with its questions."""
    engine = engine_of(name, data)
    return [(variant, engine.questions(variant)) for variant in engine.variants()]


def warm(name: str, data: DataSet, variant: str, questions: list[str]) -> list[Result]:
    """Asks the questions of one variant, many times each."""
    engine = engine_of(name, data)
    engine.choose_variant(variant)
    engine.open()
    engine.prepare(variant)
    results = []
    for question in questions:
        result = head(engine, question, variant, "warm")
        try:
            phrasing = fastest(engine, question, variant)
            result |= repeat(engine, question, variant, phrasing)
        except TimedOut as reason:
            result |= missing(reason)
        print(line(name, result), flush=True)
        results.append(result)
    engine.close()
    return results


def fastest(engine: Engine, question: str, variant: str) -> str:
    """The phrasing that answers fastest; all must give the same answer."""
    phrasings = engine.phrasings(question, variant)
    if len(phrasings) == 1:
        return phrasings[0]
    best: dict[str, float] = {}
    answers: dict[str, Any] = {}
    for phrasing in phrasings:
        for trial in range(TRIALS):
            try:
                seconds, _, answer = ask(engine, question, variant, phrasing, TRIAL + trial)
            except TimedOut:
                break
            best[phrasing] = min(best.get(phrasing, seconds), seconds)
            answers.setdefault(phrasing, answer)
            if seconds > SLOW_S:
                break
    if not best:
        raise TimedOut
    first, *others = answers
    for other in others:
        assert same(answers[first], answers[other]), f"{engine.name} {question}: {first} and {other} differ"
    return min(best, key=lambda phrasing: best[phrasing])


def repeat(engine: Engine, question: str, variant: str, phrasing: str) -> Result:
    """Minimum and median of the repetitions after a warm-up, and the answers by repetition."""
    ask(engine, question, variant, phrasing, WARM_UP)
    times: list[float] = []
    engine_times: list[float] = []
    answers: dict[str, Any] = {}
    while wanted(question, times):
        repetition = FIRST + len(times)
        seconds, engine_ms, answer = ask(engine, question, variant, phrasing, repetition)
        times.append(seconds)
        if engine_ms is not None:
            engine_times.append(engine_ms)
        answers[key(question, repetition)] = answer
    figures = {"phrasing": phrasing, "repetitions": len(times), **milliseconds(times), "answers": answers}
    return figures | ({"engine_ms": statistics.median(engine_times)} if engine_times else {})


def wanted(question: str, times: list[float]) -> bool:
    """Whether to ask once more. There are only so many definitions that were never seen before."""
    if len(times) < REPETITIONS:
        return sum(times) < BUDGET_S or len(times) < AT_LEAST
    return not BY_ID[question].fresh and sum(times) < LEAST_S and len(times) < MOST


def cold(name: str, data: DataSet, question: str, variant: str, phrasing: str) -> Result:
    """Asks once, of an engine that has just started and whose files are not in the page cache."""
    engine = engine_of(name, data)
    engine.choose_variant(variant)
    engine.drop_from_cache()
    engine.open()
    result = head(engine, question, variant, "cold")
    try:
        seconds, engine_ms, answer = ask(engine, question, variant, phrasing, COLD)
        result |= {"phrasing": phrasing, "repetitions": 1, **milliseconds([seconds])}
        result |= {"answers": {key(question, COLD): answer}} | ({"engine_ms": engine_ms} if engine_ms is not None else {})
    except TimedOut as reason:
        result |= missing(reason)
    engine.close()
    print(line(name, result), flush=True)
    return result


def ask(engine: Engine, question: str, variant: str, phrasing: str, repetition: int) -> tuple[float, float | None, Any]:
    """Seconds to the full answer, the engine's own milliseconds if it tells, and the answer."""
    engine.took_s = 0.0
    rows = engine.ask(question, variant, phrasing, repetition)
    seconds = engine.took_s
    engine_ms = getattr(engine, "engine_ms", None)
    engine.after(question, variant)
    return seconds, engine_ms, BY_ID[question].canonical(rows, engine.data)


def head(engine: Engine, question: str, variant: str, state: str) -> Result:
    """What a result is about."""
    indexed = engine.is_indexed(question, variant)
    return {"question": question, "variant": variant, "indexed": indexed, "state": state}


def key(question: str, repetition: int) -> str:
    """Answers with the same key must be equal."""
    return str(repetition) if BY_ID[question].fresh else "all"


def milliseconds(times: list[float]) -> dict[str, float]:
    return {"min_ms": round(min(times) * 1e3, 4), "median_ms": round(statistics.median(times) * 1e3, 4)}


def missing(reason: Exception) -> Result:
    """A result without figures, and why."""
    note = "timeout" if isinstance(reason, TimedOut) else "not yet"
    return {"min_ms": None, "median_ms": None, "note": note, "reason": str(reason), "answers": {}}


def line(name: str, result: Result) -> str:
    """One result to be read while the rest is measured."""
    head = f"{name:>10} {result['question']:4} {result['variant']:8} {result['state']:4}"
    if result["median_ms"] is None:
        return f"{head} {result['note']:>12}"
    own = f"  engine {result['engine_ms']:.2f} ms" if "engine_ms" in result else ""
    return f"{head} {result['median_ms']:12.2f} ms  min {result['min_ms']:.2f}  {result['phrasing']}{own}"
