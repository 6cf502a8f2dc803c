"""Hostile clients beside an honest one: attacks.py BINARY SCRATCH NAME_OF_SUITE GROUP.

Each case starts a server of its own, attacks it from one address of loopback for some seconds and
asks it from another. It passes when the honest client was answered within a second (99 of 100
times), memory stayed below what the server was told plus 64 MiB, descriptors and memory were given
back within five seconds, and the server still serves. GROUP is `clients`, or `disks` for what
mounts disks (in a namespace of its own).
"""
import os
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

from attacks_slow import slow_disk, slow_files
from attacks_wire import Failed, block, demand, frame, http2, request

BINARY, SCRATCH, SUITE, GROUP = sys.argv[1:5]
HONEST_CLIENT = os.path.join(os.path.dirname(__file__), "attacks_honest.py")
ATTACKER, HONEST = "127.0.0.66", "127.0.0.7"
SECONDS = 3
ANSWERED_SECONDS = 1.0
RELEASED_SECONDS = 5
MIB = 1 << 20
CONTENT_MEMORY = 32 * MIB  # what the server is told
SPARE_MEMORY = 64 * MIB
SPARE_DESCRIPTORS = 24  # the ledger is opened once it is needed
TOKEN_PROPFIND = b'<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>'

class Server:
    def __init__(self, folder, *flags, stdout=None, one_thread=False):
        self.folder = folder
        # It has a thread a processor.
        pinned = ["taskset", "-c", "0"] if one_thread else []
        command = [*pinned, BINARY, "serve", folder, "--port", "0", "--bind", "127.0.0.1",
                   "--content-memory-bytes-max", str(CONTENT_MEMORY), *flags]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
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
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def ask(self, method, path, fields=b"", content=b"", address=HONEST):
        """Status and content."""
        with self.connect(address) as connection:
            connection.sendall(request(method, path, fields + b"Connection: close\r\n", content))
            answer = b""
            while part := connection.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        demand(head.startswith(b"HTTP/1.1 "), f"no answer to {method.decode()}: {answer[:60]}")
        return int(head[9:12]), body

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def many(count, work, seconds=SECONDS):
    """Runs `work(number, is_over)` in threads again and again until the time is over."""
    end = time.monotonic() + seconds

    def is_over():
        return time.monotonic() >= end

    def run(number):
        while not is_over():
            try:
                work(number, is_over)
            except (OSError, Failed):
                time.sleep(0.01)
    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 30)
        demand(not thread.is_alive(), "an attacker waits without an end")


def hold(connections, seconds=SECONDS):
    time.sleep(seconds)
    for connection in connections:
        connection.close()


# The attacks: each gets a server and returns when it is over.

def tokens_in_if(server):
    found = re.search(rb"sync-token>([^<]+)<",
                      server.ask(b"PROPFIND", b"/", b"Depth: 0\r\n", TOKEN_PROPFIND)[1])
    token = found[1] if found else b"http://methodical/ns/sync/1"
    same = b"(Not <%s>)" % token * (50000 // (len(token) + 8))
    others = b"".join(b"</d%d/> (<%sx%d>) " % (n, token, n) for n in range(600))

    def work(number, is_over):
        connection = server.connect()
        connection.sendall(request(b"GET", b"/f1", b"If: " + (others if number % 2 else same)
                                   + b"\r\n"))
        time.sleep(0.1)
        connection.close()
    many(12, work)


def infinity_of_tokens(server):
    def work(number, is_over):
        connection = server.connect()
        connection.sendall(request(b"PROPFIND", b"/", b"Depth: infinity\r\n", TOKEN_PROPFIND))
        time.sleep(0.05)
        connection.close()
    many(40, work)


def slow_readers(server):
    open_ones = [server.connect(receive_buffer=4096) for _ in range(60)]
    for number, connection in enumerate(open_ones):
        asked = ((b"GET", b"/"), (b"GET", b"/big"), (b"PROPFIND", b"/", b"Depth: 1\r\n"))
        connection.sendall(request(*asked[number % 3]))
    hold(open_ones)


def resets_of_http2(server):
    def work(number, is_over):
        connection = http2(server)
        for stream in range(1, 4001, 2):
            connection.sendall(frame(1, 5, stream, block(b"GET", b"/"))
                               + frame(3, 0, stream, struct.pack(">I", 8)))
            if is_over():
                break
        connection.close()
    many(8, work)


def fields_without_an_end_on_http2(server):
    def work(number, is_over):
        connection = http2(server)
        connection.sendall(frame(1, 1, 1, block(b"GET", b"/")))
        while not is_over():
            connection.sendall(frame(9, 0, 1, block(b"", b"", (b"x-a", b"y" * 120))[-130:]))
    many(8, work)


def slow_heads(server):
    open_ones = [server.connect() for _ in range(300)]
    end = time.monotonic() + SECONDS
    for connection in open_ones:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    while time.monotonic() < end:
        for number, connection in enumerate(open_ones):
            try:
                connection.sendall(b"X-%d: y\r\n" % number)
            except OSError:
                pass
        time.sleep(0.2)
    hold(open_ones, 0)


def slow_uploads(server):
    open_ones = [server.connect() for _ in range(200)]
    for number, connection in enumerate(open_ones):
        head = request(b"PUT", b"/up%d" % number, b"Content-Length: 1000000\r\n")
        connection.sendall(head + b"a few")
    hold(open_ones)


LOCKINFO = (b'<lockinfo xmlns="DAV:"><lockscope><%s/></lockscope><locktype><write/></locktype>'
            b'</lockinfo>')


def lock_flood(server):
    def work(number, is_over):
        for turn in range(100000):
            if is_over():
                break
            server.ask(b"LOCK", b"/l%d-%d" % (number, turn), b"Depth: 0\r\n",
                       LOCKINFO % b"exclusive", ATTACKER)
    many(8, work)
    status, _ = server.ask(b"LOCK", b"/f1", b"Depth: 0\r\n", LOCKINFO % b"exclusive")
    demand(status == 200, f"the honest client gets no lock: {status}")


def copies_of_a_tree(server):
    """Long copies, and writes into what is copied."""
    def work(number, is_over):
        if number < 2:
            server.ask(b"COPY", b"/t/", b"Destination: /c%d/\r\nOverwrite: T\r\n" % number, b"",
                       ATTACKER)
        else:
            connection = server.connect()
            connection.sendall(request(b"PUT", b"/t/f%d" % number, b"", b"written"))
            time.sleep(0.1)
            connection.close()
    many(42, work)


def walks_that_are_left(server):
    def work(number, is_over):
        connection = server.connect()
        path, accept = ((b"/?sort=size", b"text/html"), (b"/t/", b"application/x-tar"))[number % 2]
        connection.sendall(request(b"GET", path, b"Accept: " + accept + b"\r\n"))
        connection.recv(1000)
        connection.close()
    many(20, work)


def deep_trees(server):
    bottom = "/".join(["d"] * 250)
    os.makedirs(os.path.join(server.folder, "deep", bottom))
    end = time.monotonic() + 2 * SECONDS
    path = b"/deep/" + bottom.encode()
    for turn in range(24):
        if time.monotonic() > end:
            break
        server.ask(b"COPY", b"/deep/", b"Destination: /more%d/\r\n" % turn, b"", ATTACKER)
        server.ask(b"MOVE", b"/more%d/" % turn, b"Destination: " + path + b"/m%d/\r\n" % turn, b"",
                   ATTACKER)
        path = path + b"/m%d/" % turn + bottom.encode()
    status, said = server.ask(b"DELETE", b"/deep/", b"", b"", ATTACKER)
    demand(status == 204, f"DELETE of what is deep: {status} {said[:100]}")


def unread_output(server):
    def work(number, is_over):
        connection = server.connect()
        for _ in range(200):
            connection.sendall(request(b"GET", b"/none-" + b"x" * 2000))
            connection.recv(4096)
            if is_over():
                break
        connection.close()
    many(8, work)


# Disks.

def mount(*arguments):
    demand(subprocess.run(["mount", *arguments], capture_output=True).returncode == 0,
           "cannot mount " + " ".join(arguments))


def mounted_inside(server):
    for method in (b"DELETE", b"MOVE"):
        for path in (b"/p/", b"/p/q/", b"/p/q/mnt/"):
            status, _ = server.ask(method, path, b"Destination: /away/\r\n", b"", ATTACKER)
            demand(status == 403, f"{method.decode()} {path.decode()}: {status}")
    with open(os.path.join(server.folder, "p/q/mnt/theirs"), encoding="ascii") as theirs:
        demand(theirs.read() == "theirs", "the disk inside was changed")
    many(4, lambda number, is_over: server.ask(b"COPY", b"/p/", b"Destination: /c%d/\r\n" % number,
                                               b"", ATTACKER), 1)


def whole_seconds(server):
    def work(number, is_over):
        server.ask(b"PUT", b"/w%d" % number, b"", b"one", ATTACKER)
        server.ask(b"GET", b"/w%d" % number, b"", b"", ATTACKER)
    many(8, work)


def full_disk(server):
    filler = os.open(os.path.join(server.folder, "filler"), os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(filler, b"f" * 4096):
            pass
    except OSError:
        os.close(filler)

    def work(number, is_over):
        status, _ = server.ask(b"PUT", b"/n%d" % number, b"", b"x" * 100000, ATTACKER)
        server.ask(b"LOCK", b"/honest", b"Depth: 0\r\nTimeout: Second-1\r\n",
                   LOCKINFO % b"shared", ATTACKER)
        server.ask(b"PROPPATCH", b"/honest", b"", b'<propertyupdate xmlns="DAV:"><set><prop><a '
                   b'xmlns="urn:x">1</a></prop></set></propertyupdate>', ATTACKER)
    many(6, work)
    status, _ = server.ask(b"DELETE", b"/filler")
    demand(status == 204, f"DELETE makes no room: {status}")
    status, _ = server.ask(b"PUT", b"/after", b"", b"room again")
    demand(status == 201, f"PUT into the room that DELETE made: {status}")


def reserved_space(server):
    size = os.statvfs(server.folder)
    size = size.f_bavail * size.f_frsize
    open_ones = [server.connect() for _ in range(3)]
    for number, connection in enumerate(open_ones):
        connection.sendall(request(b"PUT", b"/r%d" % number,
                                   b"Content-Length: %d\r\n" % (size * 35 // 100)))
    time.sleep(0.5)
    status, _ = server.ask(b"PUT", b"/mine", b"", b"x" * (size // 10))
    demand(status == 201, f"silent uploads keep the disk: {status}")
    hold(open_ones)


class Case:
    def __init__(self, name, attack, *flags, files=0, size=0, mounts=None, stdout=None,
                 one_thread=False):
        self.name, self.attack, self.flags = name, attack, flags
        self.files, self.size, self.mounts, self.stdout = files, size, mounts, stdout
        self.one_thread = one_thread

    def run(self):
        folder = os.path.join(SCRATCH, "served")
        os.mkdir(folder)
        try:
            if self.mounts:
                self.mounts(folder)
            self.fill(folder)
            server = Server(folder, *self.flags, stdout=self.stdout, one_thread=self.one_thread)
            try:
                self.attack_beside_an_honest_client(server)
            finally:
                server.stop()
        finally:
            subprocess.run(["umount", "-R", "-l", os.path.join(folder, "p/q/mnt")],
                           capture_output=True)
            subprocess.run(["umount", "-R", "-l", folder], capture_output=True)
            # A tree may be too deep for shutil.
            subprocess.run(["rm", "-rf", "--one-file-system", folder], check=False)

    def fill(self, folder):
        for name, content in (("honest", b"honest"), ("f1", b"one")):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        if self.size:
            with open(os.path.join(folder, "big"), "wb") as file:
                file.truncate(self.size)
        if self.files:
            os.mkdir(os.path.join(folder, "t"))
        for number in range(self.files):
            below = "t/" if number % 2 else ""
            with open(os.path.join(folder, f"{below}a file of some name {number}"), "wb") as file:
                file.write(b"x")
        for number in range(10):
            with open(os.path.join(folder, f"j{number}.json"), "wb") as file:
                file.write(b"{}")

    def attack_beside_an_honest_client(self, server):
        honest = subprocess.Popen(
            [sys.executable, HONEST_CLIENT, str(server.port), HONEST, "/honest"],
            stdout=subprocess.PIPE, text=True)
        try:
            demand(honest.stdout.readline() == "ready\n", "the honest client does not start")
            time.sleep(0.1)
            self.attack(server)
            gone = time.monotonic()
            honest.terminate()
            count, percentile, wrong = honest.communicate(timeout=60)[0].strip("\n").split(" ", 2)
        finally:
            honest.kill()
            honest.wait()
        demand(server.process.poll() is None, "the server ended")
        demand(not wrong, "the honest client got " + wrong)
        demand(int(count) > 0 and float(percentile) <= ANSWERED_SECONDS,
               f"99 of 100 answers took {float(percentile):.2f} s, of {count}")
        peak = server.status("VmHWM")
        told = server.memory + CONTENT_MEMORY + SPARE_MEMORY
        demand(peak <= told, f"memory rose to {peak // MIB} MiB, from {server.memory // MIB}")
        self.released(server, gone)
        demand(server.ask(b"GET", b"/honest") == (200, b"honest"), "it does not serve afterwards")
        print(f"{self.name}: {count} answers, 99 % in {float(percentile) * 1000:.0f} ms, "
              f"{server.memory // MIB} to {peak // MIB} MiB", file=sys.stderr)

    @staticmethod
    def released(server, gone):
        while True:
            descriptors, memory = server.open_descriptors(), server.status("VmRSS")
            if (descriptors <= server.descriptors + SPARE_DESCRIPTORS
                    and memory <= server.memory + SPARE_MEMORY):
                return
            demand(time.monotonic() < gone + RELEASED_SECONDS,
                   f"it keeps {descriptors} descriptors, {memory // MIB} MiB, "
                   f"from {server.descriptors} and {server.memory // MIB}")
            time.sleep(0.1)


def tmpfs(size):
    return lambda folder: mount("-t", "tmpfs", "-o", "size=" + size, "none", folder)


def disk_inside(folder):
    inside = os.path.join(folder, "p/q/mnt")
    os.makedirs(inside)
    mount("-t", "tmpfs", "none", inside)
    with open(os.path.join(inside, "theirs"), "w", encoding="ascii") as theirs:
        theirs.write("theirs")


def ext4_of_whole_seconds(folder):
    image = os.path.join(SCRATCH, "image")
    with open(image, "wb") as file:
        file.truncate(64 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-I", "128", image], check=True, capture_output=True)
    mount("-o", "loop", image, folder)


CASES = {
    "clients": [
        Case("tokens in If", tokens_in_if, files=5000),
        Case("infinity of tokens", infinity_of_tokens, "--propfind-infinity", files=5000),
        Case("slow readers", slow_readers, files=2000, size=100 * MIB),
        Case("resets of HTTP/2", resets_of_http2, files=1000),
        Case("fields without an end on HTTP/2", fields_without_an_end_on_http2),
        Case("slow heads", slow_heads),
        Case("slow uploads", slow_uploads, "--write"),
        Case("locks", lock_flood, "--write", "--durability", "relaxed"),
        Case("copies of a tree", copies_of_a_tree, "--write", files=2000),
        Case("walks that are left", walks_that_are_left, files=4000),
        Case("deep trees", deep_trees, "--write"),
        Case("output that nobody reads", unread_output, stdout="unread"),
    ],
    "disks": [
        Case("a disk inside", mounted_inside, "--write", mounts=disk_inside),
        Case("a full disk", full_disk, "--write", mounts=tmpfs("8M")),
        Case("reserved space", reserved_space, "--write", mounts=tmpfs("64M")),
        Case("whole seconds", whole_seconds, "--write", mounts=ext4_of_whole_seconds),
        Case("a slow disk inside", slow_files(b"/p/q/mnt/"), "--write", one_thread=True,
             mounts=slow_disk(SCRATCH, "p/q/mnt")),
        Case("a slow disk", slow_files(b"/"), "--write", one_thread=True,
             mounts=slow_disk(SCRATCH, ".")),
    ],
}


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    passed, cases = 0, CASES[GROUP]
    only = sys.argv[5:]
    for case in cases:
        if only and case.name not in only:
            continue
        try:
            case.run()
            passed += 1
        except Exception as failure:  # One case must not end the others.
            print(f"FAIL {case.name}: {failure}", flush=True)
    print(f"{SUITE} {passed}/{len(cases)}")


main()
