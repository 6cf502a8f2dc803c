"""What each workload does to one server, and the number it gives.

A workload returns a dict: `value` in its unit, `ops` (requests done, for CPU per
request) and anything else worth keeping.  Every load is bounded in time.
"""
import http.client
import os
import pathlib
import re
import shutil
import subprocess
import time

import net

HERE = pathlib.Path(__file__).resolve().parent
BIG = "/1g.bin"


class Workload:
    """`higher`: more is better. `reads`: 1g.bin or folders that are made only where they are read.
    `closes`: each answer ends a connection."""

    def __init__(self, name, unit, needs, fn, seconds=None, higher=True, reads=(), closes=False,
                 about=""):
        self.name, self.unit, self.needs, self.fn = name, unit, set(needs), fn
        self.seconds, self.higher, self.about = seconds, higher, about
        self.reads, self.closes = set(reads), closes


def wrk(url, seconds, connections=64, headers=(), script=None):
    cmd = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    for h in headers:
        cmd += ["-H", h]
    if script:
        cmd += ["-s", str(HERE / script)]
    text = subprocess.run(cmd + [url], capture_output=True, text=True,
                          timeout=seconds + 60).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sock = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    total, took = re.search(r"(\d+) requests in ([\d.]+)s", text).groups()
    bad = int(bad[1]) if bad else 0
    good = int(total) - bad
    unit = {"us": 1e-3, "ms": 1, "s": 1e3}
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", text)
    return dict(value=good / float(took), ops=good, bad=bad,
                socket_errors=sum(map(int, sock.groups())) if sock else 0,
                p99_ms=float(p99[1]) * unit[p99[2]] if p99 else None)


def check(s):
    """The server gives the very bytes of the file, over every protocol it claims."""
    want = (pathlib.Path(s.ctx.dir) / "1k.bin").read_bytes()
    kinds = [(plain(s, "/1k.bin"), [])]
    if s.speaks_tls():
        kinds.append((secure(s, "/1k.bin"), ["-k", "--http1.1"]))
    if s.speaks_tls() and "h2" in s.caps:
        kinds.append((secure(s, "/1k.bin"), ["-k", "--http2"]))
    for url, extra in kinds if "get" in s.caps else ():
        got = subprocess.run(["curl", "-sf", "-m", "10", *extra, url], capture_output=True).stdout
        if got != want:
            raise RuntimeError(f"wrong answer for {url} {' '.join(extra)}")


def plain(s, path):
    return f"http://127.0.0.1:{s.ctx.port}{path}"


def secure(s, path):
    return f"https://127.0.0.1:{s.ctx.tls_port}{path}"


def get1k(s, t):
    return wrk(plain(s, "/1k.bin"), t)


def get100k(s, t):
    return wrk(plain(s, "/100k.bin"), t)


def close1k(s, t):
    return wrk(plain(s, "/1k.bin"), t, headers=["Connection: close"])


def inm304(s, t):
    c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=10)
    c.request("GET", "/1k.bin")
    r = c.getresponse()
    r.read()
    tag, date = r.getheader("ETag"), r.getheader("Last-Modified")
    header = f"If-None-Match: {tag}" if tag else f"If-Modified-Since: {date}"
    name, _, value = header.partition(": ")
    c.request("GET", "/1k.bin", headers={name: value})
    r = c.getresponse()
    r.read()
    c.close()
    if r.status != 304:
        raise RuntimeError(f"no 304 but {r.status} for {header}")
    return dict(wrk(plain(s, "/1k.bin"), t, headers=[header]),
                note="" if tag else "If-Modified-Since")


def range64k(s, t):
    c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=10)
    c.request("GET", BIG, headers={"Range": "bytes=65536-131071"})
    r = c.getresponse()
    size = len(r.read())
    c.close()
    if r.status != 206 or size != 65536:
        raise RuntimeError(f"range: {r.status}, {size} bytes")
    return wrk(plain(s, BIG), t, script="range.lua")


def big(connections):
    def fn(s, t):
        value, size = net.throughput(s.ctx.port, BIG, connections)
        if size != connections << 30:
            raise RuntimeError(f"{size} bytes came")
        return dict(value=value, ops=size / 2**30)
    return fn


_put = 0


def fresh_folder(s):
    """A new folder, by MKCOL where the server has it (its caches then know it), or on the disk."""
    global _put
    _put += 1
    path = pathlib.Path(s.ctx.dir) / f"put-{s.name}-{_put}"
    c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=10)
    c.request("MKCOL", f"/{path.name}/")
    c.getresponse().read()
    c.close()
    path.mkdir(exist_ok=True)
    os.chmod(path, 0o777)
    return path


def remove(folder):
    for _ in range(50):            # a server may still be finishing its last requests
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(0.1)
    os.sync()                      # the next server starts without this one's write-back


def put4k(s, t):
    folder = fresh_folder(s)
    try:
        r = wrk(plain(s, f"/{folder.name}"), t, connections=16, script="put.lua")
        time.sleep(0.2)
        files = [f for f in os.scandir(folder) if not f.name.startswith(".")]
        wrong = sum(f.stat().st_size != 4096 for f in files)
        if abs(len(files) - r["ops"]) > 64 or wrong > 16:
            r["note"] = f"{len(files)} files, {wrong} of a wrong size"
        return r
    finally:
        remove(folder)


def put1g(s, t):
    folder = fresh_folder(s)
    try:
        value = net.put_file(s.ctx.port, f"/{folder.name}/big", s.ctx.dir + BIG)
        size = os.path.getsize(folder / "big")
        if size != 2**30:
            raise RuntimeError(f"stored {size} bytes")
        return dict(value=value, ops=1)
    finally:
        remove(folder)


# What nginx's dav-ext knows, which all others know, too: so all do the same work.
PROPERTIES = ("displayname", "getcontentlength", "getlastmodified", "resourcetype",
              "lockdiscovery", "supportedlock")


def propfind(asked, times=5):
    def fn(s, t):
        took, size, responses = 0, 0, 0
        for _ in range(times):
            once, size, responses = net.propfind(s.ctx.port, "/d10k/", asked)
            took += once
            if responses < 10000:
                raise RuntimeError(f"only {responses} responses")
        return dict(value=times / took, ops=times, bytes=size, responses=responses)
    return fn


def propfind_peak(s, t):
    s.forget_peak()
    _, size, responses = net.propfind(s.ctx.port, "/d100k/", net.prop(PROPERTIES))
    if responses < 100_000:
        raise RuntimeError(f"only {responses} responses")
    return dict(value=s.peak() / 1024, ops=1, bytes=size)


def ask(connection, method, path, headers=(), body=None):
    """An answer of class 2xx, else an error; gives its fields."""
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    answer.read()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path}: {answer.status}")
    return answer.headers


def moved_and_back(s, connection, name, times=20):
    """Seconds of the quickest MOVE of a tree to another name; it stands where it stood then."""
    took = []
    for n in range(times):
        names = (name, f"{name}-{s.name}")
        there, here = names if n % 2 else reversed(names)
        t0 = time.monotonic()
        ask(connection, "MOVE", f"/{here}/", {"Destination": plain(s, f"/{there}/")})
        took.append(time.monotonic() - t0)
    return min(took)


def movetree(s, t):
    c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=60)
    small, large = moved_and_back(s, c, "d100"), moved_and_back(s, c, "d100k")
    c.close()
    return dict(value=small / large, note=f"{small * 1e3:.1f} and {large * 1e3:.1f} ms")


def copytree(s, t):
    copy = f"copy-{s.name}"
    folder = pathlib.Path(s.ctx.dir) / copy
    try:
        c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=120)
        s.forget_peak()
        t0 = time.monotonic()
        ask(c, "COPY", "/d100k/", {"Destination": plain(s, f"/{copy}/"), "Depth": "infinity"})
        took, peak = time.monotonic() - t0, s.peak()
        c.close()
        if len(os.listdir(folder)) != 100_000:
            raise RuntimeError("not all was copied")
        return dict(value=peak / 1024, ops=1, note=f"{took:.1f} s")
    finally:
        remove(folder)


LOCK = ("<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope>"
        "<D:locktype><D:write/></D:locktype></D:lockinfo>")


def lockedget(s, t):
    """The rate of GETs while 1,000 other files are locked, to the rate while none is."""
    c = http.client.HTTPConnection("127.0.0.1", s.ctx.port, timeout=10)
    free = wrk(plain(s, "/1k.bin"), t)["value"]
    held = {}
    try:
        for n in range(1000):
            path = f"/d10k/file-{n:05}.txt"
            headers = {"Timeout": "Second-600", "Content-Type": "application/xml", "Depth": "0"}
            held[path] = ask(c, "LOCK", path, headers, LOCK)["Lock-Token"]
        locked = wrk(plain(s, "/1k.bin"), t)["value"]
    finally:
        for path, token in held.items():
            ask(c, "UNLOCK", path, {"Lock-Token": token})
        c.close()
    return dict(value=locked / free, note=f"{free:,.0f} and {locked:,.0f} req/s")


def tls1k(s, t):
    return wrk(secure(s, "/1k.bin"), t)


def tlsnew(s, t):
    return wrk(secure(s, "/1k.bin"), t, headers=["Connection: close"])


def h2(s, t):
    cmd = ["h2load", "-t2", "-c16", "-m32", "-D", str(t), secure(s, "/1k.bin")]
    text = subprocess.run(cmd, capture_output=True, text=True, timeout=t + 60).stdout
    done = re.search(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored", text)
    ok = re.search(r"status codes: (\d+) 2xx", text)
    if not ok or "Application protocol: h2" not in text:
        raise RuntimeError("no h2: " + text[-300:])
    return dict(value=int(ok[1]) / t, ops=int(ok[1]), bad=int(done[2]) + int(done[3]))


SOURCE = {}        # port and size of the tunnels' origin, set by run.py


def tunnel1g(s, t):
    v = net.tunnel_throughput(s.ctx.port if s else None, SOURCE["port"], SOURCE["size"])
    return dict(value=v, ops=1)


def tunnels(s, t):
    v = net.tunnel_rate(s.ctx.port if s else None, SOURCE["port"], t)
    return dict(value=v, ops=v * t)


def idle(s, t):
    return dict(value=s.memory()[1] / 1024, rss=s.memory()[0] / 1024)


def idle2000(s, t):
    before = s.memory()
    socks = net.idle_connections(s.ctx.port, "/1k.bin", 2000)
    after = s.memory()
    for k in socks:
        k.close()
    return dict(value=after[1] / 1024, rss=after[0] / 1024,
                per_conn_kib=(after[1] - before[1]) / 2000)


WORKLOADS = [
    # memory comes first, while the servers are fresh
    Workload("idle", "MiB PSS", {"get"}, idle, higher=False, about="memory after start"),
    Workload("idle2000", "MiB PSS", {"get"}, idle2000, higher=False,
             about="memory with 2,000 idle keep-alive connections"),
    Workload("get1k", "req/s", {"get"}, get1k, 5, about="GET 1 KiB, 64 keep-alive connections"),
    Workload("get100k", "req/s", {"get"}, get100k, 3, about="GET 100 KiB, 64 connections"),
    Workload("close1k", "req/s", {"get"}, close1k, 3, closes=True,
             about="GET 1 KiB, new connection each"),
    Workload("inm304", "req/s", {"get"}, inm304, 3, about="If-None-Match -> 304, 64 connections"),
    Workload("range64k", "req/s", {"get"}, range64k, 3, reads=["1g.bin"],
             about="Range of 64 KiB in 1 GiB, 64 conn."),
    Workload("big1", "MiB/s", {"get"}, big(1), reads=["1g.bin"], about="GET 1 GiB, 1 connection"),
    Workload("big8", "MiB/s", {"get"}, big(8), reads=["1g.bin"],
             about="GET 1 GiB, 8 connections at once"),
    Workload("put4k", "req/s", {"put"}, put4k, 3, about="PUT new 4 KiB files, 16 connections"),
    Workload("put1g", "MiB/s", {"put"}, put1g, reads=["1g.bin"], about="PUT 1 GiB, 1 connection"),
    Workload("propfind", "1/s", {"propfind"}, propfind(net.prop(PROPERTIES)),
             reads=["d10k"],
             about="PROPFIND Depth 1 of six properties, 10,000 files, 1 connection"),
    Workload("propfindall", "1/s", {"propfind"}, propfind(b"<D:allprop/>"),
             reads=["d10k"],
             about="PROPFIND Depth 1 allprop, which are more with some than with others"),
    Workload("propfind100k", "MiB peak RSS", {"propfind"}, propfind_peak, higher=False,
             reads=["d100k"], about="memory of a PROPFIND Depth 1 of 100,000 files"),
    Workload("movetree", "ratio", {"dav"}, movetree, reads=["d100", "d100k"],
             about="time of a MOVE of 100 files, to that of 100,000"),
    Workload("copytree", "MiB peak RSS", {"dav"}, copytree, higher=False, reads=["d100k"],
             about="memory of a COPY of 100,000 files"),
    Workload("lockedget", "ratio", {"dav"}, lockedget, 3, reads=["d10k"],
             about="rate of GETs with 1,000 locks, to that without"),
    Workload("tls1k", "req/s", {"tls"}, tls1k, 3, about="HTTPS GET 1 KiB, 64 keep-alive conn."),
    Workload("tlsnew", "req/s", {"tls"}, tlsnew, 3, closes=True,
             about="HTTPS GET 1 KiB, new TLS connection each"),
    Workload("h2", "req/s", {"h2"}, h2, 3,
             about="HTTP/2 over TLS GET 1 KiB, 16 conn. x 32 streams"),
    Workload("tunnel1g", "MiB/s", {"connect"}, tunnel1g, reads=["1g.bin"],
             about="1 GiB through CONNECT"),
    Workload("tunnels", "1/s", {"connect"}, tunnels, 3, reads=["1g.bin"],
             about="CONNECT, 1 byte echo, close"),
]
BY_NAME = {w.name: w for w in WORKLOADS}
