"""Small bounded clients: cheap sinks and senders, idle connections, tunnels.

`python3 net.py source FILE PORT` is the origin behind CONNECT: a client sends
'D' and gets FILE, or 'E' and gets one byte back.
"""
import multiprocessing
import os
import re
import resource
import socket
import struct
import sys
import threading
import time

HOST = "127.0.0.1"
DISCARD = socket.MSG_TRUNC       # Linux TCP: take bytes without copying them out


def head(sock):
    """Read one response head; return (status, head bytes, body bytes already read)."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise OSError("closed in head: %r" % data[:200])
        data += more
    h, _, rest = data.partition(b"\r\n\r\n")
    return int(h.split(None, 2)[1]), h, rest


def content_length(h):
    for line in h.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return None


def drain(sock, left, end):
    """Discard `left` bytes (None: until close); return how many came."""
    buf, got = bytearray(4 << 20), 0
    while left is None or got < left:
        n = sock.recv_into(buf, len(buf) if left is None else min(len(buf), left - got), DISCARD)
        if n == 0:
            break
        got += n
        if time.monotonic() > end:
            raise TimeoutError("transfer took too long")
    return got


def fetch_once(port, path, end):
    with socket.create_connection((HOST, port), 10) as s:
        s.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"
                  % (path.encode(), port))
        status, h, rest = head(s)
        assert status == 200, h
        size = content_length(h)
        return len(rest) + drain(s, None if size is None else size - len(rest), end)


def throughput(port, path, connections, limit=60):
    """MiB/s of `connections` simultaneous GETs of a large file."""
    end, total, errors = time.monotonic() + limit, [], []

    def one():
        try:
            total.append(fetch_once(port, path, end))
        except Exception as e:
            errors.append(e)
    t0 = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(connections)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    if errors:
        raise errors[0]
    return sum(total) / (time.monotonic() - t0) / 2**20, sum(total)


def put_file(port, path, file, limit=120):
    """MiB/s of one PUT of a large file, sent with sendfile, until its response."""
    size = os.path.getsize(file)
    with socket.create_connection((HOST, port), limit) as s, open(file, "rb") as f:
        s.settimeout(None)           # blocking: os.sendfile does not wait by itself
        tv = struct.pack("ll", limit, 0)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, tv)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, tv)
        t0 = time.monotonic()
        s.sendall(b"PUT %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n"
                  % (path.encode(), port, size))
        sent = 0
        while sent < size:
            sent += os.sendfile(s.fileno(), f.fileno(), sent, min(size - sent, 1 << 24))
        status, h, _ = head(s)
        assert status in (200, 201, 204), h
        return size / (time.monotonic() - t0) / 2**20


def prop(names):
    """What a PROPFIND asks for, by these names."""
    return b"<D:prop>" + b"".join(b"<D:%s/>" % name.encode() for name in names) + b"</D:prop>"


def propfind(port, path, asked, limit=60):
    """(seconds, bytes, number of responses) of a PROPFIND Depth 1."""
    body = (b'<?xml version="1.0" encoding="utf-8"?>'
            b'<D:propfind xmlns:D="DAV:">%s</D:propfind>' % asked)
    with socket.create_connection((HOST, port), limit) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        t0 = time.monotonic()
        s.sendall(b"PROPFIND %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nDepth: 1\r\n"
                  b"Content-Type: application/xml\r\nConnection: close\r\n"
                  b"Content-Length: %d\r\n\r\n%s" % (path.encode(), port, len(body), body))
        data = bytearray()
        while True:
            more = s.recv(1 << 20)
            if not more:
                break
            data += more
            if time.monotonic() - t0 > limit:
                raise TimeoutError("PROPFIND took too long")
        took = time.monotonic() - t0
    assert b" 207 " in data[:40], bytes(data[:200])
    h, _, rest = bytes(data).partition(b"\r\n\r\n")
    if b"chunked" in h.lower():
        rest = dechunk(rest)
    return took, len(rest), len(re.findall(rb"</(?:[A-Za-z0-9]+:)?response>", rest))


def dechunk(data):
    out, i = bytearray(), 0
    while True:
        line = data.index(b"\r\n", i)
        n = int(data[i:line].split(b";")[0], 16)
        if n == 0:
            return bytes(out)
        out += data[line + 2:line + 2 + n]
        i = line + 4 + n


def idle_connections(port, path, count):
    """Open `count` keep-alive connections, one GET each; return the sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    out = []
    for _ in range(count):
        s = socket.create_connection((HOST, port), 10)
        s.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (path.encode(), port))
        status, h, rest = head(s)
        need = content_length(h) - len(rest)
        while need > 0:
            need -= len(s.recv(need))
        out.append(s)
    return out


# ---- tunnels -----------------------------------------------------------------
def tunnel(proxy, target):
    """A connection to `target`, through `proxy` unless that is None."""
    s = socket.create_connection((HOST, proxy or target), 20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if proxy:
        s.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (target, target))
        status, h, rest = head(s)
        assert status == 200 and not rest, h
    return s


def tunnel_throughput(proxy, target, size, limit=60):
    end = time.monotonic() + limit
    t0 = time.monotonic()
    with tunnel(proxy, target) as s:
        s.sendall(b"D")
        got = drain(s, size, end)
    assert got == size, got
    return size / (time.monotonic() - t0) / 2**20


def _setup_loop(proxy, target, seconds, out):
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        with tunnel(proxy, target) as s:
            s.sendall(b"E")
            assert s.recv(1)
        done += 1
    out.put(done)


def tunnel_rate(proxy, target, seconds, workers=4):
    """Tunnels per second: connect, CONNECT, one byte there and back, close."""
    out = multiprocessing.Queue()
    procs = [multiprocessing.Process(target=_setup_loop, args=(proxy, target, seconds, out))
             for _ in range(workers)]
    [p.start() for p in procs]
    total = sum(out.get(timeout=seconds + 30) for _ in procs)
    [p.join(5) for p in procs]
    return total / seconds


def source(file, port):
    size = os.path.getsize(file)
    fd = os.open(file, os.O_RDONLY)
    listener = socket.create_server((HOST, port), backlog=4096)

    def serve(s):
        with s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                what = s.recv(1)
                if what == b"E":
                    s.sendall(b"e")
                elif what == b"D":
                    sent = 0
                    while sent < size:
                        sent += os.sendfile(s.fileno(), fd, sent, min(size - sent, 1 << 24))
                s.recv(1)
            except OSError:
                pass
    while True:
        s, _ = listener.accept()
        threading.Thread(target=serve, args=(s,), daemon=True).start()


if __name__ == "__main__" and sys.argv[1:2] == ["source"]:
    source(sys.argv[2], int(sys.argv[3]))
