#!/usr/bin/env python3
"""The online path beside the same router over PostgreSQL 15, in one run.

    cargo build --bins -p jobs -p tieout-online -p tieout-online-postgres
    python3 bench/online.py target/debug [--seconds 20] [--connections 64]

Both servers are loaded by `bench` of their own, one after the other, twice in turn, each payment
durable before its answer (PostgreSQL with its own defaults: fsync on, synchronous_commit on). Prints
the figures and the share of CPU per payment, that of PostgreSQL's processes included; fails where
it is more than a third. Needs the PostgreSQL 15 server (Debian: postgresql-15).
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

# CPU per payment of ours, as a share of that over PostgreSQL, at most.
MOST = 1 / 3
# How often each is loaded, in turn.
TURNS = 2
PORT = 54329


def server_folder():
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).parent
    debian = pathlib.Path("/usr/lib/postgresql/15/bin")
    if (debian / "initdb").exists():
        return debian
    sys.exit("PostgreSQL 15 is not here: install postgresql-15, or put initdb on the PATH")


def cluster(folder):
    """Makes a cluster and starts it; answers its first process."""
    programs = server_folder()
    # It refuses to run as root.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    run = dict(check=True, stdout=subprocess.DEVNULL, cwd="/")
    subprocess.run([*as_owner, programs / "initdb", "-D", data, "-U", "bench", "-A", "trust"], **run)
    options = f"-p {PORT} -k {folder} -c listen_addresses=127.0.0.1"
    start = [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"]
    subprocess.run([*as_owner, *start], **run)
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def bench(command, asked):
    with tempfile.TemporaryDirectory() as folder:
        load = ["--seconds", str(asked.seconds), "--connections", str(asked.connections)]
        done = subprocess.run(
            [*command, *load, "--json", "--dir", folder], capture_output=True, text=True
        )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["sustained"]["load"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--connections", type=int, default=64)
    asked = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tieout-bench-"))
    first = cluster(folder)
    url = f"postgres://bench@127.0.0.1:{PORT}/postgres"
    over = asked.programs / "tieout-online-postgres"
    commands = {
        "tieout": [asked.programs / "tieout-online", "bench"],
        "postgresql": [over, "bench", "--url", url, "--postmaster", str(first)],
    }
    found = {name: [] for name in commands}
    try:
        for _ in range(TURNS):
            for name, command in commands.items():
                found[name].append(bench(command, asked))
                print(name, json.dumps(found[name][-1]), flush=True)
    finally:
        os.kill(first, signal.SIGINT)
    cpu = {
        name: statistics.median(one["server_cpu_micros_per_payment"] for one in all)
        for name, all in found.items()
    }
    share = cpu["tieout"] / cpu["postgresql"]
    print(json.dumps({"cpu_micros_per_payment": cpu, "share": round(share, 3), "at_most": MOST}))
    sys.exit(share > MOST)


if __name__ == "__main__":
    main()
