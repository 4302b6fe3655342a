"""Every named question, and some of entries with names, asked of DuckDB and of `tieout query`: the
same rows, or what differs; that none is left out is counted.

    python3 bench/questions.py target/debug/tieout tieout-demo

Needs the Python package duckdb. DuckDB is told of the tables by `tieout tables ddl`, and gets the
SQL that `tieout query NAME --json` says it ran. Beside the rows it prints the median of three
runs of each, in milliseconds; tieout's has the start of the process, the reading of every record
and the proof of every part in it.
"""

import json
import os
import statistics
import subprocess
import sys
import time

import duckdb


# The view is the same in both.
WITH_NAMES = [
    "SELECT cut_date, COUNT(*) AS entries, COUNT(NULLIF(individual_name, '')) AS named,"
    " SUM(amount_cents) AS cents FROM v_ach_entries WHERE cut_date >= DATE '2020-01-01'"
    " GROUP BY cut_date ORDER BY cut_date",
    "SELECT payment_id, trace, individual_name, remittance FROM v_ach_entries"
    " WHERE cut_date >= DATE '2020-01-01' ORDER BY payment_id, trace",
]


def main(tieout, folder):
    env = dict(os.environ, TIEOUT_DATA=f"file:{folder}")

    def ask(*args):
        done = subprocess.run([tieout, *args, "--json"], env=env, capture_output=True, check=True)
        return json.loads(done.stdout)

    engine = duckdb.connect()
    for statement in ask("tables", "ddl", "--engine", "duckdb")["statements"]:
        engine.execute(statement)
    given = {
        "payment": "SELECT min(payment_id) FROM ach_returns",
        "originator": "SELECT min(originator) FROM ach_entries",
    }
    given = {name: engine.execute(sql).fetchone()[0] for name, sql in given.items()}
    first = str(engine.execute("SELECT min(cut_date) FROM ach_entries").fetchone()[0])
    differ, questions = 0, ask("query", "--list")["queries"]
    questions += [{"name": sql, "takes": []} for sql in WITH_NAMES]
    for query in questions:
        args = ["query", query["name"]]
        for takes in query["takes"]:
            if takes["parameter"] in given:
                args += ["--param", f"{takes['parameter']}={given[takes['parameter']]}"]
            elif takes["parameter"] == "from":
                args += ["--from", first]
        ours, ours_ms = timed(lambda: ask(*args))
        theirs, theirs_ms = timed(lambda: engine.execute(ours["sql"]).fetchall())
        columns = [column[0] for column in engine.description]
        same = columns == ours["columns"] and [list(map(plain, row)) for row in theirs] == ours["rows"]
        differ += not same
        verdict = "same" if same else "DIFFERS"
        print(f"{query['name'][:22]:22} {len(theirs):7} rows  {verdict:8}"
              f" tieout {ours_ms:7.0f} ms  duckdb {theirs_ms:7.0f} ms")
    print(f"{len(questions) - differ} of {len(questions)} are the same")
    return 1 if differ else 0


def timed(work):
    times = []
    for _ in range(3):
        begun = time.monotonic()
        answer = work()
        times.append(1000 * (time.monotonic() - begun))
    return answer, statistics.median(times)


def plain(value):
    """A value as the JSON document has it: sums are decimals of whole numbers there."""
    if value is None or isinstance(value, int):
        return value
    if type(value).__name__ == "Decimal":
        return int(value)
    return str(value)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
