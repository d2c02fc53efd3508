"""Loads a Parquet file of events into a DuckDB table sorted by user and time, on disk.

duckdb_load.py PARQUET DATABASE THREADS FIGURES: writes {"seconds", "rows", "version"} to the file FIGURES.
"""

import json
import sys
import time

import duckdb

parquet, database, threads, figures = sys.argv[1:]
connection = duckdb.connect(database, config={"threads": int(threads)})
started = time.perf_counter()
connection.execute(
    "CREATE TABLE events AS SELECT * FROM read_parquet(?) ORDER BY user_id, time", [parquet]
)
connection.execute("CHECKPOINT")
seconds = time.perf_counter() - started
rows = connection.execute("SELECT count(*) FROM events").fetchone()[0]
connection.close()
with open(figures, "w") as out:
    json.dump({"seconds": seconds, "rows": rows, "version": duckdb.__version__}, out)
