#!/usr/bin/env python3
"""Runs quell's benchmark program, Brian2 and NEST on the same networks and prints the ratios.

    compare.py [NAME[/CASE]…] [--bench PATH] [--seconds S] [--threads N] [--rounds N] [--scale X]
               [--only PEER,PEER] [--json FILE]

Engines take turns: quell, Brian2, NEST, quell, Brian2, NEST, … so that whatever else the machine
does meets all of them. Figures are medians over rounds: rtf, wall seconds per biological second
without building, compiling and settling; spread, the largest over the smallest of them; and ratio,
rtf over quell's. Rates stand beside them: each engine draws its own graph of one distribution, and
figures can be compared only where rates agree.

NAME is coba4k, vogels2011, stdp10k, reward10k (a fifth of a second, NEST a twentieth: both are slow
there) or microcircuit (NEST only; with Poisson input, since a small
one with constant current falls silent); all of them if none is named. NEST is slow and is measured
for a second at most. The peers are installed into build/peers at the first use, from
requirements.txt; Brian2 needs a C++ compiler and make besides.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from networks import NETWORKS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENT = ROOT / "build" / "peers"
REQUIREMENTS = HERE / "requirements.txt"

# Peers by the name of their package's requirement, and what they cannot run.
PEERS = {"brian2": {"microcircuit"}, "nest": set()}
PACKAGES = {"brian2": "brian2", "nest": "nest-simulator"}


class Failed(Exception):
    """A run or an installation that did not work, with the reason in one line."""


def say(text):
    print(f"compare: {text}", file=sys.stderr, flush=True)


def run(command):
    """Runs a command in the root of the checkout; returns its standard output."""
    done = subprocess.run([str(c) for c in command], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no message"]
        raise Failed(f"exit code {done.returncode}: {lines[-1].strip()}")
    return done.stdout


# --- peers ----------------------------------------------------------------------------------------


def install(peer):
    """Makes the environment where there is none, and installs a peer into it, once."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / f"{peer}.txt"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    if not python.exists():
        say(f"making {ENVIRONMENT.relative_to(ROOT)}")
        venv.create(ENVIRONMENT, with_pip=True)
    say(f"installing {PACKAGES[peer]}")
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run([*pip, "-c", REQUIREMENTS, PACKAGES[peer]])
    shutil.copyfile(REQUIREMENTS, stamp)


def installed(peers):
    """The peers that can be used; the others are told of."""
    usable = []
    for peer in peers:
        try:
            install(peer)
            usable.append(peer)
        except (Failed, OSError, subprocess.SubprocessError) as reason:
            say(f"{peer} cannot be installed and is left out: {reason}")
    return usable


# --- runs -----------------------------------------------------------------------------------------


def run_quell(args, name, case, seconds):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [args.bench, f"{name}/{case}", "--seconds", seconds, "--threads", args.threads]
        command += ["--scale", args.scale] if name == "microcircuit" else []
        run([*command, "--json", file.name])
        return json.loads(Path(file.name).read_text())[0]


def run_peer(args, peer, name, case, seconds):
    python, program = ENVIRONMENT / "bin" / "python", HERE / f"{peer}_networks.py"
    command = [python, program, name, "--case", case, "--seconds", seconds]
    command += ["--threads", args.threads, "--scale", args.scale]
    return json.loads(run(command).splitlines()[-1])


def measure(args, engine, name, case):
    """One run of one engine; returns its result, an object as quell's program writes it."""
    seconds = args.seconds or NETWORKS[name].seconds[0]
    if engine == "quell":
        return run_quell(args, name, case, seconds)
    if engine == "nest":
        seconds = min(seconds, NETWORKS[name].seconds[1])
    return run_peer(args, engine, name, case, seconds)


def cases_of(args):
    """Pairs of a network's and a case's name that are to be run."""
    for item in args.networks or NETWORKS:
        name, _, case = item.partition("/")
        if case:
            yield name, case
        elif name == "microcircuit":
            yield name, "poisson"
        else:
            yield from ((name, case) for case in NETWORKS[name].cases)


def jobs_of(args, engines):
    """What is run in one round, in order."""
    for name, case in cases_of(args):
        for engine in engines:
            if name not in PEERS.get(engine, ()):
                yield engine, name, case


def run_rounds(args, engines):
    """Lists of results by job; a job that fails is told of and not tried again."""
    runs = {job: [] for job in jobs_of(args, engines)}
    failed = set()
    for i in range(args.rounds):
        for job in (job for job in runs if job not in failed):
            say(f"round {i + 1} of {args.rounds}: {' '.join(job)}")
            try:
                runs[job].append(measure(args, *job))
            except (Failed, OSError, ValueError, LookupError) as reason:
                say(f"{' '.join(job)} is left out: {reason}")
                failed.add(job)
    return {job: results for job, results in runs.items() if results}


# --- results --------------------------------------------------------------------------------------


def summary(engine, results):
    """The medians of one engine's runs of one case, and the last run's remarks."""
    rtfs = [result["rtf"] for result in results]
    rates = {
        name: statistics.median(result["rates_hz"][name] for result in results)
        for name in results[0]["rates_hz"]
    }
    figures = {name: results[-1][name] for name in ("name", "case", "threads", "bio_s")}
    figures |= {"engine": engine, "rtf": statistics.median(rtfs), "spread": max(rtfs) / min(rtfs)}
    figures |= {"build_s": statistics.median(result["build_s"] for result in results)}
    figures |= {"rates_hz": rates, "runs": results}
    figures |= {key: results[-1][key] for key in ("version", "note", "isa") if key in results[-1]}
    return figures


def summaries(runs):
    """One summary a job; `ratio` is rtf over quell's, where quell ran."""
    rows = [summary(engine, results) for (engine, _, _), results in runs.items()]
    quell = {(r["name"], r["case"]): r["rtf"] for r in rows if r["engine"] == "quell"}
    for row in rows:
        base = quell.get((row["name"], row["case"]))
        row["ratio"] = row["rtf"] / base if base else None
    return rows


def print_table(rows):
    layout = "{:12} {:8} {:7} {:>7} {:>6} {:>9} {:>7} {:>7}  {}"
    heading = ("name", "case", "engine", "threads", "bio s", "rtf", "spread", "ratio", "rates, Hz")
    print(layout.format(*heading))
    for r in rows:
        rates = ", ".join(f"{name} {hz:.3g}" for name, hz in r["rates_hz"].items())
        ratio = f"{r['ratio']:.1f}" if r["ratio"] else "-"
        figures = (f"{r['bio_s']:g}", f"{r['rtf']:.4f}", f"{r['spread']:.2f}", ratio, rates)
        print(layout.format(r["name"], r["case"], r["engine"], r["threads"], *figures))
    for note in {f"{r['name']}, {r['engine']}: {r['note']}": None for r in rows if "note" in r}:
        print(note)


def warn_if_busy():
    load, cores = os.getloadavg()[0], os.cpu_count()
    if load > 0.5:
        say(f"the machine is busy (load {load:.1f} on {cores} cores): figures will be too large")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="*", metavar="NAME[/CASE]")
    parser.add_argument("--bench", type=Path, default=ROOT / "build/gcc/benchmarks/bench")
    parser.add_argument("--seconds", type=float, help="biological seconds that are measured")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=0.1, help="of the microcircuit")
    parser.add_argument(
        "--only", dest="peers", default=",".join(PEERS), help="default: %(default)s"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    args.bench = args.bench.resolve()
    args.peers = [peer for peer in args.peers.split(",") if peer]
    check(parser, args)
    return args


def check(parser, args):
    """Ends the program if there is no such network, case or peer."""
    for item in args.networks:
        name, _, case = item.partition("/")
        if name not in NETWORKS or (case and case not in NETWORKS[name].cases):
            parser.error(f"there is no {item}")
    for peer in args.peers:
        if peer not in PEERS:
            parser.error(f"there is no peer {peer}")
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")


def main():
    args = arguments()
    engines = ["quell", *installed(args.peers)]
    warn_if_busy()
    rows = summaries(run_rounds(args, engines))
    if not rows:
        say("nothing ran")
        return 1
    print_table(rows)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
