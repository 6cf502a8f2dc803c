"""A server, its clients that are told what to send, and what a case demands."""
import os
import re
import resource
import select
import socket
import struct
import subprocess
import threading
import time

ATTACKER, HONEST = "127.0.0.66", "127.0.0.7"
SECONDS = 3
MIB = 1 << 20
CONTENT_MEMORY = 32 * MIB  # what the server is told
PATIENCE = 30  # what no answer takes


class Failed(Exception):
    pass


def demand(holds, why):
    if not holds:
        raise Failed(why)


class Server:
    def __init__(self, binary, folder, *flags, stdout=None, descriptors=None,
                 one_thread=False):
        self.folder = folder
        # It has a thread a processor.
        pinned = ["taskset", "-c", "0"] if one_thread else []
        command = [*pinned, binary, "serve", folder, "--port", "0", "--bind", "127.0.0.1",
                   "--content-memory-bytes-max", str(CONTENT_MEMORY), *flags]
        limit = (descriptors, descriptors)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit)))
        self.port, begun = None, time.monotonic()
        while self.port is None:
            line = self.process.stdout.readline().decode(errors="replace")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            self.port = int(found[1]) if found else None
            demand(line and time.monotonic() < begun + 20, "the server does not start: " + line)
        if stdout != "unread":
            threading.Thread(target=self.process.stdout.read, daemon=True).start()
        for _ in range(20):
            self.ask(b"GET", b"/honest")
        self.descriptors, self.memory = self.open_descriptors(), self.status("VmRSS")

    def status(self, name):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(name + r":\s+(\d+) kB", status.read())[1]) * 1024

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, address=ATTACKER, receive_buffer=None):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.bind((address, 0))
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def exchange(self, method, path, fields=b"", content=b"", address=HONEST):
        """Status, fields by their names in small letters, and content."""
        with self.connect(address) as connection:
            connection.sendall(request(method, path, fields + b"Connection: close\r\n", content))
            answer = b""
            while part := connection.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        demand(head.startswith(b"HTTP/1.1 "), f"no answer to {method.decode()}: {answer[:60]}")
        lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
        return int(head[9:12]), {name.lower(): value for name, _, value in lines}, body

    def ask(self, method, path, fields=b"", content=b"", address=HONEST):
        """Status and content."""
        status, _, body = self.exchange(method, path, fields, content, address)
        return status, body

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def request(method, path, fields=b"", content=b""):
    length = b"Content-Length: %d\r\n" % len(content) if content else b""
    return b"%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n%s" % (
        method, path, fields, length, content)


def many(count, work, seconds=SECONDS, once=False):
    """Runs `work(number, is_over)` in threads again and again until the time is over, or once."""
    end = time.monotonic() + seconds

    def is_over():
        return time.monotonic() >= end

    def run(number):
        while not is_over():
            try:
                work(number, is_over)
                if once:
                    break
            except (OSError, Failed):
                time.sleep(0.01)
    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + PATIENCE)
        demand(not thread.is_alive(), "an attacker waits without an end")


def hold(connections, seconds=SECONDS):
    time.sleep(seconds)
    for connection in connections:
        connection.close()


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def block(method, path, *fields):
    """Fields that no table keeps (RFC 7541 6.2.2)."""
    listed = [(b":method", method), (b":scheme", b"http"), (b":authority", b"localhost"),
              (b":path", path), *fields]
    return b"".join(b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value
                    for name, value in listed)


def http2(server, settings=b"", **options):
    connection = server.connect(**options)
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, settings))
    return connection


def can_be_read(connection):
    return bool(select.select([connection], [], [], 0)[0])


def get_by_http2(server, path):
    connection = http2(server)
    connection.sendall(frame(4, 0, 0, struct.pack(">HI", 4, MIB)) + frame(8, 0, 0, struct.pack(
        ">I", MIB)) + frame(1, 5, 1, block(b"GET", path)))
    came, content = connection.makefile("rb"), b""
    while head := came.read(9):
        payload = came.read(int.from_bytes(head[:3], "big"))
        if head[3] == 0:
            content += payload
            if head[4] & 1:
                break
    connection.close()
    return content
