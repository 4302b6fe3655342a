#!/usr/bin/env python3
"""Ten million ledger entries against ten million bank entries: our kernel beside DuckDB.

One command, from the project's root, does everything and prints its tables:

    pip install duckdb && python3 bench/reconcile.py

It builds the example `reconcile_10m` of the formats crate, has it write two Parquet files (kept
for the next time), runs it on them, and asks DuckDB the same question on the same files: in two
processes of their own, one after the other, each with two threads and the files in the page
cache. CPU and memory are the operating system's own figures (getrusage).

It does so twice: with the ledger sorted by trace, as our tables are, and with the ledger shuffled.
The bank's entries come shuffled both times: a bank keeps its own order. The columns that matter
are encoded as our tables have them, as packed differences without zstd, which helps DuckDB, too
(its join takes a quarter more CPU on plain values under zstd).

DuckDB is asked two queries. `classified` gives the same counts as we do: it counts each trace on
each side, then joins (a UNION ALL with one GROUP BY costs it as much). `join` is the cheapest
query that finds what is missing and what differs, a FULL OUTER JOIN and a count: it answers less,
for it cannot tell a duplicate from a second match. The exit status is 0 where the counts agree
with both queries, we use at most a third of the CPU of either, and less than 1.2 GB.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_SHARE = 1 / 3
PEAK_MB = 1200
NAMES = {"ours": "tieout", "join": "DuckDB join", "classified": "DuckDB classified"}
ORDERS = ["sorted", "shuffled"]
FILES = "v2"  # raise it when the generated files change: older ones are then written anew

JOIN = """
SELECT count(*) FILTER (l.amount_cents = r.amount_cents),
       sum(l.amount_cents) FILTER (l.amount_cents = r.amount_cents),
       count(*) FILTER (l.amount_cents <> r.amount_cents),
       count(*) FILTER (r.trace IS NULL), sum(l.amount_cents) FILTER (r.trace IS NULL),
       count(*) FILTER (l.trace IS NULL), sum(r.amount_cents) FILTER (l.trace IS NULL)
FROM read_parquet('{dir}/ledger.parquet') l
FULL OUTER JOIN read_parquet('{dir}/bank.parquet') r ON l.trace = r.trace
"""

CLASSIFIED = """
WITH l AS (SELECT trace, count(*) n, min(amount_cents) cents
           FROM read_parquet('{dir}/ledger.parquet') GROUP BY trace),
     r AS (SELECT trace, count(*) n, min(amount_cents) cents
           FROM read_parquet('{dir}/bank.parquet') GROUP BY trace)
SELECT sum(least(l.n, r.n)) FILTER (l.cents = r.cents),
       sum(least(l.n, r.n) * l.cents) FILTER (l.cents = r.cents),
       count(*) FILTER (l.cents <> r.cents),
       count(*) FILTER (r.trace IS NULL), sum(l.cents) FILTER (r.trace IS NULL),
       count(*) FILTER (l.trace IS NULL), sum(r.cents) FILTER (l.trace IS NULL),
       sum(l.n - r.n) FILTER (l.n > r.n), sum(r.n - l.n) FILTER (r.n > l.n)
FROM l FULL OUTER JOIN r ON l.trace = r.trace
"""


def ask_duckdb(query: str, threads: int) -> None:
    """Runs one query in this process and prints what it said and what it cost."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    counts = [int(n or 0) for n in connection.execute(query).fetchone()]
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    # The query alone: neither Python's start nor DuckDB's is held against it.
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss * 1024 // 1_000_000
    print(json.dumps({"counts": counts, "wall": wall, "cpu": cpu, "peak_mb": peak}))


def measured(command: list) -> dict:
    """Runs a command to its end: its JSON, with the system's own figures for all of it."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]}: ended with {child.returncode}")
    whole = {
        "wall": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * 1024 // 1_000_000,
    }
    return whole | json.loads(out)


def build(profile: str) -> Path:
    # The whole workspace, or its dependencies would be built again with fewer features.
    command = ["cargo", "build", "--workspace", "--example", "reconcile_10m"]
    command += ["--profile", profile, "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        sys.exit("the benchmark does not build: see above")
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return Path(next(m["executable"] for m in reversed(messages) if m.get("executable")))


def generate(binary: Path, folder: Path, rows: int, order: str) -> None:
    mark = folder / f"{rows}.{order}.{FILES}"
    if not mark.exists():
        print(f"writing {rows:,} rows a side to {folder}", file=sys.stderr)
        subprocess.run([binary, "generate", folder, str(rows), order], check=True)
        mark.touch()
    for path in folder.glob("*.parquet"):  # into the page cache, for everybody alike
        path.read_bytes()


def expected(ours: dict) -> dict:
    """Our counts in the order in which each query gives them."""
    alone = ours["left_only"] + ours["right_only"]
    twice = [ours["duplicate_left"][0], ours["duplicate_right"][0]]
    copies = ours["duplicate_left"][1] + ours["duplicate_right"][1]
    differs = ours["amount_differs_left"][0]
    rows, cents = ours["matched"]
    return {
        "join": [rows + sum(twice), cents + copies, differs, *alone],
        "classified": [rows, cents, differs, *alone, *twice],
    }


def median(runs: list) -> dict:
    return sorted(runs, key=lambda run: run["cpu"])[len(runs) // 2]


def arguments() -> argparse.Namespace:
    about = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    about.add_argument("--rows", type=int, default=10_000_000, help="rows on each side")
    about.add_argument("--dir", type=Path, help="folder for the files (default: in target/)")
    about.add_argument("--order", choices=ORDERS, help="the ledger's order (default: both)")
    about.add_argument("--profile", default="dev", help="cargo profile (default: dev, optimised)")
    about.add_argument("--threads", type=int, default=2, help="threads for each (default: 2)")
    about.add_argument("--runs", type=int, default=5, help="runs of each; the median counts")
    about.add_argument("--json", action="store_true", help="print one JSON document")
    about.add_argument("--ask", help=argparse.SUPPRESS)
    return about.parse_args()


def main() -> None:
    args = arguments()
    if args.ask:
        return ask_duckdb(args.ask, args.threads)
    try:
        import duckdb
    except ImportError:
        sys.exit("DuckDB is not installed: pip install duckdb, then run this again")

    binary = build(args.profile)
    results = {}
    for order in [args.order] if args.order else ORDERS:
        folder = args.dir or binary.parents[2] / "reconcile" / str(args.rows)
        results[order] = compare(binary, folder.resolve() / order, order, args)
    if args.json:
        print(json.dumps(results))
    else:
        print(f"{args.rows:,} rows a side, {args.threads} threads, median of {args.runs}, ", end="")
        print(f"DuckDB {duckdb.__version__}")
        for order, result in results.items():
            show(order, result)
    sys.exit(0 if all(result["good"] for result in results.values()) else 1)


def compare(binary: Path, folder: Path, order: str, args: argparse.Namespace) -> dict:
    """Runs everybody on the files of one order: medians, shares, and whether all is well."""
    generate(binary, folder, args.rows, order)
    queries = {"join": JOIN, "classified": CLASSIFIED}
    runs = {"ours": [], "join": [], "classified": []}
    for _ in range(args.runs):  # in turn, so that a busy moment falls on everybody
        runs["ours"].append(measured([binary, "run", folder, str(args.threads)]))
        for name, query in queries.items():
            command = [sys.executable, __file__, "--threads", str(args.threads)]
            asked = subprocess.run(
                [*command, "--ask", query.format(dir=folder)], stdout=subprocess.PIPE, check=True
            )
            runs[name].append(json.loads(asked.stdout))
    ours, theirs = median(runs["ours"]), {name: median(runs[name]) for name in queries}
    wanted = expected(ours)
    agree = ours["conserves"] and all(theirs[n]["counts"] == wanted[n] for n in queries)
    shares = {name: ours["cpu"] / run["cpu"] for name, run in theirs.items()}
    cheap = all(share <= CPU_SHARE for share in shares.values())
    good = agree and cheap and ours["peak_mb"] < PEAK_MB
    counts = {"counts_agree": agree, "counts_wanted": wanted}
    return {"ours": ours, **theirs, **counts, "cpu_share": shares, "good": good}


def show(order: str, result: dict) -> None:
    ours = result["ours"]
    print(f"\nledger {order}, bank shuffled")
    print(f"{'':22}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}{'our share of its CPU':>23}")
    for key, name in NAMES.items():
        run = result[key]
        part = f"{result['cpu_share'][key]:.2f}" if key in result["cpu_share"] else ""
        print(f"{name:22}{run['cpu']:9.2f}{run['wall']:9.2f}{run['peak_mb']:9,}{part:>23}")
    print(f"\n{'':22}{'rows':>12}{'dollars':>24}")
    classes = ["matched", "left_only", "right_only", "amount_differs_left"]
    for name in [*classes, "duplicate_left", "duplicate_right"]:
        print(f"{name:22}{ours[name][0]:12,}{ours[name][1] / 100:24,.2f}")
    if result["counts_agree"]:
        print("counts agree")
    else:
        print(f"counts DIFFER: ours {result['counts_wanted']}, DuckDB's", end=" ")
        print({name: result[name]["counts"] for name in ["join", "classified"]})
    for name, share in result["cpu_share"].items():
        verdict = "yes" if share <= CPU_SHARE else "NO"
        print(f"at most a third of the CPU of DuckDB {name}: {verdict} ({share:.2f})")
    print(f"under {PEAK_MB:,} MB: {'yes' if ours['peak_mb'] < PEAK_MB else 'NO'}")


if __name__ == "__main__":
    main()
