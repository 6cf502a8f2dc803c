#!/usr/bin/env python3
"""What servers keep when writers race and uploads break off; a table as Markdown.

    python3 guarantees.py                            # all servers found that take PUT
    python3 guarantees.py --servers nginx,methodical --rounds 200

* race: 8 writers PUT with If-Match and one valid ETag at once; a round is right when exactly one of
  them gets a 2xx. A server without ETags, or one that ignores If-Match, is right in no round.
* create: 8 writers PUT with If-None-Match: * to a free name; right when exactly one gets a 2xx.
* abort: a PUT onto a file breaks off half-way; right when the file is still what it was.
* same size: a file is overwritten twice with as many bytes within a moment; right when all ETags
  differ.
"""
import argparse
import http.client
import os
import pathlib
import socket
import tempfile
import threading
import time

import run
import servers
from net import HOST

WRITERS = 8


def request(port, method, path, body=None, headers=()):
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("ETag")
    finally:
        connection.close()


def tag(port, path):
    return request(port, "GET", path)[2]


def at_once(port, path, headers):
    """Statuses of writers that all send their last byte at the same moment."""
    barrier, statuses = threading.Barrier(WRITERS), []

    def write(number):
        body = f"writer {number}".encode()
        try:
            with socket.create_connection((HOST, port), 10) as s:
                head = f"PUT {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
                head += f"Content-Length: {len(body)}\r\nConnection: close\r\n"
                head += "".join(f"{k}: {v}\r\n" for k, v in headers) + "\r\n"
                s.sendall(head.encode() + body[:-1])
                barrier.wait(10)
                s.sendall(body[-1:])
                status = s.makefile("rb").readline().split()
                statuses.append(int(status[1]))
        except (OSError, IndexError, ValueError, threading.BrokenBarrierError):
            statuses.append(0)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return statuses


def one_winner(statuses):
    return sum(200 <= s < 300 for s in statuses) == 1


def race(port, rounds):
    right = 0
    for n in range(rounds):
        path = f"/race-{n}.txt"
        request(port, "PUT", path, b"start")
        etag = tag(port, path)
        right += bool(etag) and one_winner(at_once(port, path, [("If-Match", etag)]))
    return right


def create(port, rounds):
    made = (at_once(port, f"/new-{n}.txt", [("If-None-Match", "*")]) for n in range(rounds))
    return sum(map(one_winner, made))


def abort(port, rounds):
    right = 0
    for n in range(rounds):
        path, old = f"/abort-{n}.txt", b"old content " * 1000
        request(port, "PUT", path, old)
        with socket.create_connection((HOST, port), 10) as s:
            s.sendall(f"PUT {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
                      f"Content-Length: 100000\r\n\r\n".encode() + b"new " * 12500)
            time.sleep(0.02)
        time.sleep(0.05)
        right += request(port, "GET", path)[1] == old
    return right


def same_size(port, rounds):
    right = 0
    for n in range(rounds):
        path, tags = f"/same-{n}.txt", []
        for body in (b"aaaa", b"bbbb", b"cccc"):
            request(port, "PUT", path, body)
            tags.append(tag(port, path))
        right += None not in tags and len(set(tags)) == 3
    return right


CHECKS = [("race: one winner", race), ("create: one winner", create),
          ("abort: old file kept", abort), ("same size: new ETag", same_size)]


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--servers", default=",".join(servers.KNOWN))
    p.add_argument("--rounds", type=int, default=50)
    a = p.parse_args()
    print("| server | " + " | ".join(name for name, _ in CHECKS) + " |")
    print("|---|" + "---:|" * len(CHECKS))
    for name in a.servers.split(","):
        s = servers.known(name)
        if s is None or "put" not in s.caps:
            continue
        with tempfile.TemporaryDirectory(prefix="guarantees-") as root:
            data = pathlib.Path(root) / "data"
            data.mkdir()
            os.chmod(root, 0o755)
            os.chmod(data, 0o777)
            cert, key = run.make_cert(pathlib.Path(root))
            work, port = pathlib.Path(root) / "work", run.free_port()
            ctx = servers.Context(data, work, port, run.free_port(), cert, key)
            try:
                s.start(ctx)
                cells = [f"{fn(ctx.port, a.rounds)}/{a.rounds}" for _, fn in CHECKS]
                print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
            except Exception as e:                   # what is broken here says so in its row
                print(f"| {name} | does not run: {e} |", flush=True)
            finally:
                s.stop()


if __name__ == "__main__":
    main()
