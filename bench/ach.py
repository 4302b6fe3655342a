#!/usr/bin/env python3
"""What `tieout ach` costs on 1,000,000 PPD entries, beside `sha256sum` of the same files.

    cargo build && python3 bench/ach.py

CPU (user and system) and peak memory are the operating system's figures of each whole process
(wait4), the medians of a few runs in turn. `sha256sum` is the yardstick that travels between
machines: limits are shares of what it takes for the file that is read or written, in the same
minute. The exit status is 0 where every limit holds.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024


def run(command, out=None):
    """CPU seconds, peak KiB and exit status of a process; its stdout goes to `out`."""
    with open(out or os.devnull, "wb") as sink:
        child = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss, child.returncode


class Bench:
    def __init__(self, tieout, folder, runs):
        self.tieout, self.folder, self.runs = tieout, folder, runs
        self.missed = []

    def path(self, name):
        return str(self.folder / name)

    def ach(self, *args, out=None, status=0):
        cost = run([self.tieout, "ach", *args], out)
        if cost[2] != status:
            sys.exit(f"tieout ach {' '.join(args[:2])}: exit status {cost[2]}, not {status}")
        return cost

    def row(self, what, file, limit, peak_mib, *args, out=None, status=0):
        """One row: `limit` is a share of sha256sum's CPU on `file`, or seconds as text."""
        costs, sums = [], []
        for _ in range(self.runs):
            sums.append(run(["sha256sum", file])[0])
            costs.append(self.ach(*args, out=out, status=status))
        cpu = statistics.median(cost[0] for cost in costs)
        peak = max(cost[1] for cost in costs) / MIB
        yard = statistics.median(sums)
        if isinstance(limit, str):
            allowed, text = float(limit), f"{limit} s"
        else:
            allowed, text = limit * yard, f"{limit:.2f}"
        if cpu > allowed or peak > peak_mib:
            self.missed.append(what)
        print(
            f"| {what} | {cpu:.3f} | {yard:.3f} | {cpu / yard:.2f} | {text} | {peak:.0f} |"
            f" {peak_mib} |",
            flush=True,
        )


def answers(file, entries):
    """A list of returns for the first `entries` traces, as `ach return --list` reads it."""
    with open(file, "w", encoding="ascii") as sink:
        for number in range(1, entries + 1):
            sink.write(f"07640125{number % 10_000_000:07}:R01\n")


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--entries", type=int, default=1_000_000)
    parse.add_argument("--runs", type=int, default=5)
    parse.add_argument("--folder", help="where the files go; by default a new one, removed after")
    parse.add_argument("--tieout", default=str(ROOT / "target" / "debug" / "tieout"))
    told = parse.parse_args()
    with tempfile.TemporaryDirectory(dir=told.folder) as folder:
        bench = Bench(told.tieout, Path(folder), told.runs)
        rows(bench, told.entries)
    if bench.missed:
        sys.exit(f"above a limit: {', '.join(bench.missed)}")


def rows(bench, entries):
    path = bench.path
    big, other, back, json = path("big.ach"), path("other.ach"), path("back.ach"), path("big.json")
    size = ["--batch", "2500", "--entries"]
    bench.ach("generate", *size, str(entries), "--out", big)
    bench.ach("generate", *size, str(entries), "--seed", "2", "--out", other)
    bench.ach("generate", *size, str(entries // 2), "--kind", "returns", "--out", back)
    bench.ach("json", big, out=json)
    answers(path("answers"), entries // 2)
    many = []
    for part in range(200):
        many.append(path(f"part-{part:03}.ach"))
        count = str(max(1, entries // 400))
        bench.ach("generate", *size, count, "--seed", str(part), "--out", many[-1])
    new = ["--date", "2026-11-25"]
    folder = str(bench.folder)
    third, two = 1 / 3, 2 / 3
    print("| work | CPU s | `sha256sum` s | share | at most | MiB | at most |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    bench.row("validate", big, third, 32, "validate", big)
    bench.row("generate: invent and write", big, two, 64,
              "generate", *size, str(entries), "--out", path("out.ach"))
    half = f"{entries // 2:,}"
    bench.row(f"return file, read: validate {half} with addenda 99", back, third, 32,
              "validate", back)
    bench.row("return file, made: generate --kind returns, the same file", back, two, 64,
              "generate", *size, str(entries // 2), "--kind", "returns", "--out", path("out.ach"))
    answered = ["return", big, *new, "--list", path("answers"), "--out", path("returned.ach")]
    bench.ach(*answered)
    made = path("returned.ach")
    bench.row(f"return file, made: return of {half} by a list, another file", made, "1", 48,
              *answered)
    bench.row("return file, read: validate what return made", made, "0.5", 32, "validate", made)
    bench.row("json", big, "0.5", 64, "json", big, out=path("out.json"))
    bench.row("from-json", big, "0.5", 64, "from-json", json, out=path("out.ach"))
    if hashlib.file_digest(open(path("out.ach"), "rb"), "sha256").digest() != hashlib.file_digest(
        open(big, "rb"), "sha256"
    ).digest():
        bench.missed.append("from-json gives the same bytes")
    # Every file has the same traces, and the two millions differ: findings, exit status 1.
    bench.row("merge: 200 files of 2,500", big, "2", 64, "merge", *many, *new, "--out", folder,
              status=1)
    bench.row("split by entry class", big, "2", 64, "split", big, "--by", "sec", "--out", folder)
    bench.row("mask", big, "2", 64, "mask", big, "--out", path("out.ach"))
    bench.row("diff with another million", big, "2", 64, "diff", big, other, status=1)
    bench.row("reverse", big, "2", 64, "reverse", big, *new, "--out", path("out.ach"))
    bench.row("describe", big, "2", 64, "describe", big)


if __name__ == "__main__":
    main()
