#!/usr/bin/env python3
"""A day's jobs, each a process of its own: seconds, CPU and the most memory.

    cargo build -p jobs
    python3 bench/day.py target/debug/tieout [--payments 1000000] [--folder FOLDER]

`tieout demo` takes a day's payments in and is killed once its first window is cut; then each job of
that date runs over the installation, as a schedule would start it. Prints a row for each, and the
SHA-256 of 95 MB beside them, by which machines compare. Fails where a job takes more memory than
`--most` MiB.
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DATE = "2026-11-24"
JOBS = ["cut", "deliver", "ingest", "allocate", "post", "reconcile", "savings", "archive"]


def profile(folder):
    """The sandbox's profile with files large enough for a day of any size: 36 have a name."""
    text = pathlib.Path(__file__).parent.parent.joinpath("data/banks/sandbox.toml").read_text()
    at = text.index("[file]")
    head, tail = text[:at], text[at:]
    bank = folder / "large.toml"
    bank.write_text(head + tail.replace("max_entries = 50000", "max_entries = 200000", 1))
    config = folder / "tieout.toml"
    config.write_text(f"bank = '{bank}'\n")
    return config


def taken_in(tieout, config, data, payments):
    """Payments that wait, and one window that is cut."""
    command = [tieout, "--config", config, "demo", "--payments", str(payments), "--days", "1"]
    demo = subprocess.Popen(
        command + ["--dir", data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not any((data / "objects" / "cuts").rglob("*.json")):
        if demo.poll() is not None:
            sys.exit(f"the demo ended before it cut: {demo.returncode}")
        time.sleep(0.02)
    demo.send_signal(signal.SIGKILL)
    demo.wait()


def run(tieout, config, data, job):
    """Wall seconds, CPU seconds and MiB of one job."""
    began = time.monotonic()
    environment = {**os.environ, "TIEOUT_DATA": f"file:{data}"}
    process = subprocess.Popen(
        [tieout, "--config", config, job, "--date", DATE, "--json"],
        env=environment, stdout=subprocess.PIPE, text=True,
    )
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"{job}: exit status {code}: {said}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tieout")
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--folder", help="for a day that fits no temporary folder")
    parser.add_argument("--most", type=int, default=512, help="MiB that a job may take")
    asked = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tieout-day-", dir=asked.folder))
    try:
        config, data = profile(folder), folder / "data"
        tieout = str(pathlib.Path(asked.tieout).resolve())
        load = os.getloadavg()[0]
        began = time.process_time()
        hashlib.sha256(bytes(95_000_000)).digest()
        print(f"SHA-256 of 95 MB: {time.process_time() - began:.3f} s; load average {load:.1f}")
        taken_in(tieout, config, data, asked.payments)
        print(f"{'job':<10} {'wall s':>8} {'CPU s':>8} {'MiB':>6}")
        walls, cpus, most = 0.0, 0.0, 0.0
        for job in JOBS:
            wall, cpu, mib = run(tieout, config, data, job)
            print(f"{job:<10} {wall:>8.1f} {cpu:>8.1f} {mib:>6.0f}", flush=True)
            walls, cpus, most = walls + wall, cpus + cpu, max(most, mib)
        print(f"{'all':<10} {walls:>8.1f} {cpus:>8.1f} {most:>6.0f}")
        rows = subprocess.run(
            [tieout, "--config", config, "tables", "list", "--json"], text=True,
            env={**os.environ, "TIEOUT_DATA": f"file:{data}"}, capture_output=True,
        )
        tables = json.loads(rows.stdout).get("tables", [])
        entries = [table["rows"] for table in tables if table["table"] == "ach_entries"]
        print(f"entries that were cut: {entries}")
        if most > asked.most:
            sys.exit(f"more than {asked.most} MiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
