"""`methodical check` against servers that never end: it ends, and says what it saw."""
import re
import socket
import subprocess
import sys
import threading
import time

from server import MIB, PATIENCE, demand

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = OK + b"Content-Length: 0\r\n\r\n"
LARGE = OK + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(200)) + (
    b"Content-Length: 0\r\n\r\n")
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n"
# What is answered first, what without an end, and seconds between.
ENDLESS = {
    "silence": (b"", b"", 0),
    "drip": (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", 1),
    "head": (OK, b"X-A: a\r\n" * 1000, 0),
    "line": (OK, b"x" * 8000, 0),
    "content": (OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536, 0),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n%s\r\n" % (b"x" * 8192), 0),
    "interim answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 10, 0),
    "redirects": (REDIRECT, None, 0),
    "large heads": (LARGE, None, 0),
}
WELL_BEFORE = (0, 3)  # answers to GET before it begins
ANSWER_SECONDS = 1
CHECK_SECONDS_MAX = 60  # 24 requests without an answer, and what is cleaned up
MEMORY_MAX = 96 * MIB


class Server:
    """A server whose answers do not end, after so many that do."""
    def __init__(self, first, rest, pause, well):
        self.first, self.rest, self.pause, self.well = first, rest, pause, well
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.over = self.listening.getsockname()[1], False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.over:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.speak, args=(connection,), daemon=True).start()

    def speak(self, connection):
        asked, connection_over = 0, False
        connection.settimeout(PATIENCE)
        try:
            with connection:
                while not self.over and not connection_over and connection.recv(65536):
                    self.well -= 1
                    if self.well >= 0:
                        connection.sendall(EMPTY)
                        continue
                    asked += 1
                    connection.sendall(self.first.replace(b"%d", b"%d" % asked))
                    connection_over = self.rest is not None
                while not self.over and self.rest is not None:
                    self.go_on(connection)
        except OSError:
            pass

    def go_on(self, connection):
        pieces = [bytes([octet]) for octet in self.rest] if self.pause else [self.rest]
        for piece in pieces or [b""]:
            if piece:
                connection.sendall(piece)
            if not piece or self.pause:
                time.sleep(self.pause or 0.1)
            if self.over or not piece and gone(connection):
                return

    def stop(self):
        self.over = True
        self.listening.close()


def gone(connection):
    connection.settimeout(0.1)
    try:
        return not connection.recv(65536)
    except TimeoutError:
        return False


class Case:
    name = "check against servers that never end"

    def __init__(self, binary):
        self.binary = binary

    def run(self):
        wrong, threads, begun = [], [], time.monotonic()
        for name, endless in ENDLESS.items():
            for well in WELL_BEFORE:
                def one(name=name, endless=endless, well=well):
                    try:
                        self.examine(Server(*endless, well))
                    except Exception as failure:  # One must not hide the others.
                        wrong.append(f"{name} behind {well} answers: {failure}")
                threads.append(threading.Thread(target=one, daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(CHECK_SECONDS_MAX + PATIENCE)
        demand(not wrong, "; ".join(wrong))
        print(f"{self.name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)

    def examine(self, server):
        command = [self.binary, "check", f"http://127.0.0.1:{server.port}/", "--write",
                   "--timeout", str(ANSWER_SECONDS)]
        checked = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        memory = []
        watch = threading.Thread(target=peak, args=(checked, memory), daemon=True)
        watch.start()
        try:
            out, err = checked.communicate(timeout=CHECK_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            demand(False, f"it goes on for more than {CHECK_SECONDS_MAX} s")
        finally:
            checked.kill()
            checked.wait()
            server.stop()
        demand(checked.returncode in (0, 1, 3), f"it ends with {checked.returncode}: {err[-200:]}")
        demand(out.strip() or err.strip(), "it says nothing")
        demand("panicked" not in err, err[-300:])
        watch.join(PATIENCE)
        most = max(memory, default=0)
        demand(most <= MEMORY_MAX, f"it takes {most // MIB} MiB")


def peak(checked, memory):
    while checked.poll() is None:
        try:
            with open(f"/proc/{checked.pid}/status", encoding="ascii") as status:
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
        except OSError:
            return
        if found:
            memory.append(int(found[1]) * 1024)
        time.sleep(0.05)
