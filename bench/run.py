#!/usr/bin/env python3
"""Run servers x workloads, interleaved over rounds; print medians and ratios.

    python3 run.py                                   # all servers found, all workloads
    python3 run.py --servers nginx,methodical --workloads get1k,big1 --rounds 5
    python3 run.py --add 'other=other-server {dir} --listen 127.0.0.1:{port}'
    python3 run.py --add-caps other=get,put          # what the added server can do
"""
import argparse
import datetime
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import report
import servers
import workloads
from net import HOST

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--servers", default=",".join(servers.KNOWN), help="comma separated")
    p.add_argument("--add", action="append", default=[], metavar="NAME=COMMAND")
    p.add_argument("--add-caps", action="append", default=[], metavar="NAME=get,put,...")
    p.add_argument("--workloads", default=",".join(workloads.BY_NAME))
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, help="override the length of each timed load")
    p.add_argument("--root", default=os.path.join(tempfile.gettempdir(), "methodical-bench"))
    p.add_argument("--against", metavar="NAME,...", help="print ratios to one of these, too")
    p.add_argument("--json", help="write the raw results here")
    p.add_argument("--nice", type=int, default=0,
                   help="priority of servers and load (-10 on a machine shared with builds; root)")
    return p.parse_args()


def free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


# Files of a folder, and less than how many bytes each has.
FOLDERS = {"d100": (100, 2), "d10k": (10_000, 4096), "d100k": (100_000, 2)}


def make_folder(path, files, size, block):
    path.mkdir()
    for i in range(files):
        (path / f"file-{i:05}.txt").write_bytes(block[:i % size])
    os.chmod(path, 0o777)


def make_data(root, chosen):
    """1k.bin, 100k.bin, and what else a workload reads: 1g.bin, folders of many files."""
    reads = set().union(*(w.reads for w in chosen))
    data = root / "data"
    data.mkdir(parents=True, exist_ok=True)
    os.chmod(root, 0o755)
    os.chmod(data, 0o777)
    block = os.urandom(1 << 20)
    for name, size in (("1k.bin", 1024), ("100k.bin", 102400)):
        if not (data / name).exists():
            (data / name).write_bytes(block[:size])
    big = data / "1g.bin"
    if "1g.bin" in reads and (not big.exists() or big.stat().st_size != 1 << 30):
        with open(big, "wb") as f:
            for _ in range(1024):
                f.write(block)
    for name, (files, size) in FOLDERS.items():
        if name in reads and not (data / name).exists():
            make_folder(data / name, files, size, block)
    if big.exists():
        with open(big, "rb") as f:                   # into the page cache
            while f.read(1 << 22):
                pass
    os.sync()
    return data


def make_cert(root):
    cert, key = root / "cert.pem", root / "key.pem"
    if not cert.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "365",
                        "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", str(key), "-out", str(cert)],
                       check=True, capture_output=True)
    os.chmod(key, 0o644)                             # a throw-away key
    return cert, key


def noise():
    """Seconds of a fixed computation: how much the machine itself wavers."""
    t0 = time.perf_counter()
    x = 0
    for i in range(2_000_000):
        x += i & 7
    return time.perf_counter() - t0


def choose_servers(a, chosen):
    """The servers that can run any of the workloads, and the names of those not installed."""
    caps = {k: set(v.split(",")) for k, _, v in (x.partition("=") for x in a.add_caps)}
    fleet, missing = [], []
    for name in filter(None, a.servers.split(",")):
        s = servers.known(name)
        (fleet if s else missing).append(s or name)
    for text in a.add:
        name, _, command = text.partition("=")
        fleet.append(servers.from_template(name, command, caps.get(name)))
    needed = set().union(*(w.needs for w in chosen))
    return [s for s in fleet if s.caps & needed], missing


def start(fleet, root, data, nice, needs=servers.FILES, origin=443):
    """Start all, check their first answers; return those that passed."""
    cert, key = make_cert(root)
    started = []
    for s in fleet:
        ports = free_port(), free_port()
        ctx = servers.Context(data, root / "work" / s.name, *ports, cert, key, needs,
                              origin)
        try:
            s.start(ctx)
            for proc in s.procs if nice else ():
                servers.autogroup(proc.pid, nice)
            workloads.check(s)
            started.append(s)
        except Exception as e:
            print(f"# {s.name} does not start: {e}", file=sys.stderr)
            s.stop()
    return started


def keep(cell, out, cpu_seconds):
    """Add what one run of one workload gave to its cell."""
    cell.setdefault("values", []).append(out["value"])
    if cpu_seconds is not None and out.get("ops"):
        cell.setdefault("cpu_us", []).append(cpu_seconds / out["ops"] * 1e6)
    if out.get("p99_ms"):
        cell.setdefault("p99", []).append(out["p99_ms"])
    notes = cell.setdefault("notes", [])
    notes.append(out.get("note"))
    if out.get("bad"):
        notes.append("some refused or failed")
        cell["bad"] = cell.get("bad", 0) + out["bad"]
    if out.get("socket_errors"):
        cell["socket_errors"] = cell.get("socket_errors", 0) + out["socket_errors"]
        notes.append("socket errors")
    for k in ("rss", "per_conn_kib", "bytes", "responses"):
        if k in out:
            cell.setdefault(k, []).append(out[k])


def measure_once(w, s, seconds, results):
    name = s.name if s else "(direct)"
    cell = results.setdefault(w.name, {}).setdefault(name, {"peer": bool(s and s.peer)})
    if "error" in cell:
        return
    before = s.cpu() if s else 0
    try:
        out = w.fn(s, seconds)
    except Exception as e:
        cell["error"] = f"{type(e).__name__}: {e}"[:160]
        cell.pop("values", None)
        print(f"# {w.name} {name}: {cell['error']}", file=sys.stderr)
        return
    if w.closes:
        out.pop("socket_errors", None)               # wrk counts the closing that was asked for
    keep(cell, out, s.cpu() - before if s else None)
    print(f"# {w.name} {name}: {out['value']:,.1f} {w.unit}", file=sys.stderr, flush=True)


def measure(chosen, started, rounds, seconds):
    """All workloads, each on every server in turn, round after round."""
    results, noises = {}, []
    for w in chosen:
        runners = [s for s in started if w.needs <= s.caps]
        if "connect" in w.needs:
            runners = [None] + runners
        for _ in range(rounds):
            noises.append(noise())
            for s in runners:
                measure_once(w, s, int(seconds or w.seconds or 1), results)
    return results, noises


def take_priority(nice):
    """Go on in a child that is a session, and so a group, of its own."""
    if os.fork():
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    os.setsid()
    os.nice(nice)
    servers.autogroup(os.getpid(), nice)


def main():
    a = arguments()
    if a.nice:
        take_priority(a.nice)
    root = pathlib.Path(a.root)
    chosen = [workloads.BY_NAME[w] for w in a.workloads.split(",") if w]
    data = make_data(root, chosen)
    fleet, missing = choose_servers(a, chosen)
    source = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        needs = set().union(*(w.needs for w in chosen))
        port = free_port()
        started = start(fleet, root, data, a.nice, needs, port)
        if "connect" in needs:
            source = subprocess.Popen([sys.executable, str(HERE / "net.py"), "source",
                                       str(data / "1g.bin"), str(port)])
            workloads.SOURCE.update(port=port, size=1 << 30)
        time.sleep(1)
        results, noises = measure(chosen, started, a.rounds, a.seconds)
    finally:
        for s in fleet:
            s.stop()
        if source:
            source.kill()
            source.wait()
    order = ["(direct)"] + [s.name for s in fleet]
    print(f"{datetime.date.today()}: {os.cpu_count()} cores, {a.rounds} rounds, fixed computation "
          f"{statistics.median(noises):.3f} s, spread {report.spread(noises) * 100:.0f}%, "
          f"missing servers: {', '.join(missing) or 'none'}")
    print(report.table(results, order, chosen))
    if a.against:
        print(report.against(a.against.split(","), results, order, chosen))
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps(
            dict(results=results, noise=noises, rounds=a.rounds), indent=1))


if __name__ == "__main__":
    main()
