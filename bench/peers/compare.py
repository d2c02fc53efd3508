"""Asks Cairn, ClickHouse, DuckDB and PostgreSQL the same questions about the same events: `make bench-compare`.

compare.py --generate PROGRAM --cairn PROGRAM --ask PROGRAM [--events N] [--set plain|hostile] [--ids random|time] [--engines A,B]

Everything is kept in bench/data/SET-IDS-EVENTS: the data set, what each engine loaded, and its results. Engines that are
not named stand in the report with their results of the last time, so that one engine can be measured alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import choose
import report
from measure import ENGINES, Result, apart, cases, cold, load, warm
from questions import DataSet

BENCH = Path(__file__).resolve().parent.parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--set", choices=["plain", "hostile"], default="plain")
    parser.add_argument("--ids", choices=["random", "time"], default="random")
    parser.add_argument("--engines", default=",".join(ENGINES), help="who is measured now")
    parser.add_argument("--skip-load", action="store_true", help="use what was loaded the last time")
    parser.add_argument("--skip-cold", action="store_true")
    parser.add_argument("--generate", type=Path, required=True, help="the data set's generator")
    parser.add_argument("--cairn", type=Path, required=True, help="Cairn's program")
    parser.add_argument("--ask", type=Path, required=True, help="the program that asks Cairn in process")
    parser.add_argument("--report", type=Path, default=BENCH / "report.json")
    parser.add_argument("--check", action="store_true", help="fail if a bar is not reached")
    return parser.parse_args()


def generate(data: DataSet, program: Path) -> None:
    """Makes the data set; only once."""
    data.dir.mkdir(parents=True, exist_ok=True)
    if data.events_file.exists():
        return
    print(f"Writing {data.events_file} …", flush=True)
    unfinished = data.events_file.with_suffix(".part")
    command = [program, "--events", str(data.events), "--ids", data.ids, "--out", unfinished, "--users", data.users_file]
    subprocess.run(command + (["--hostile"] if data.hostile else []), check=True)
    unfinished.rename(data.events_file)


def measure(name: str, data: DataSet, skip_load: bool, skip_cold: bool) -> Result:
    """Loads an engine and asks it everything; leaves its results beside its data."""
    kept = data.dir / f"loaded-{name}.json"
    if skip_load and kept.exists():
        figures = json.loads(kept.read_text())
    else:
        print(f"{name}: loading …", flush=True)
        kept.unlink(missing_ok=True)
        figures = apart(load, name, data)
        kept.write_text(json.dumps(figures))
    per_s, per_event = data.events / figures["seconds"], figures["bytes"] / data.events
    print(f"{name}: {figures['seconds']:.1f} s, {per_s:,.0f} events/s, {per_event:.1f} bytes/event", flush=True)
    results = []
    for variant, questions in apart(cases, name, data):
        answered = apart(warm, name, data, variant, questions)
        results += answered
        # What HTTP adds to a cold answer is no more than to a warm one.
        if not skip_cold and variant != "http":
            results += [
                apart(cold, name, data, result["question"], variant, result["phrasing"])
                for result in answered
                if "phrasing" in result
            ]
    return {"load": figures, "results": results}


def main() -> int:
    args = arguments()
    data = DataSet(args.set, args.ids, args.events, BENCH / "data" / f"{args.set}-{args.ids}-{args.events}")
    os.environ["CAIRN"], os.environ["CAIRN_ASK"] = str(args.cairn.resolve()), str(args.ask.resolve())
    generate(data, args.generate)
    choose.choose(data)
    print(f"load average before: {' '.join(map(str, os.getloadavg()))}", flush=True)
    results = {}
    for name in ENGINES:
        kept = data.dir / f"results-{name}.json"
        if name in args.engines.split(","):
            started = time.monotonic()
            load_average = " ".join(map(str, os.getloadavg()))
            results[name] = measure(name, data, args.skip_load, args.skip_cold)
            results[name]["load"]["load_average_before"] = load_average
            kept.write_text(json.dumps(results[name]))
            print(f"{name}: measured in {time.monotonic() - started:.0f} s", flush=True)
        elif kept.exists():
            results[name] = json.loads(kept.read_text())
    report.write(args.report, results, data)
    print(report.table(results, data))
    wrong = report.disagreements(results)
    if wrong:
        print("\nThe answers differ:\n" + "\n".join(wrong), file=sys.stderr)
        return 1
    print("\nAll answers agree.")
    missed = report.failures(results, data) if args.check else []
    if missed:
        print("\nBars not reached:\n  " + "\n  ".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
