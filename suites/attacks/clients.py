"""Attacks by HTTP/1: each gets a server and returns when it is over."""
import os
import re
import time

from server import (ATTACKER, MIB, SECONDS, Failed, can_be_read, demand, hold, many, request)

TOKEN_PROPFIND = b'<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>'


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


PART = b'--x\r\nContent-Disposition: form-data; name="a%s"\r\n\r\n'
FORMS = {  # How a form begins, and what it never ends with.
    "preamble": (b"", b"said before the first part " * 40),
    "line of a header": (b"--x\r\nX-A: ", b"a" * 1000),
    "header": (b"--x\r\n", b"X-A: a\r\n" * 100),
    "field": (PART % b"", b"v" * 1000),
    "parts": (b"", (PART % b"" + b"v\r\n") * 20),
    "files": (b"", (PART % b'"; filename="f' + b"v\r\n") * 20),
    "blanks": (b"--x", b" " * 1000),
    "epilogue": (PART % b"" + b"v\r\n--x--\r\n", b"said behind the last part " * 40),
}
FORM_BYTES_MAX = 64 * MIB


def send_form(server, begin, rest):
    """The status that a form without an end is refused with; 0 where the connection only ends."""
    with server.connect() as connection:
        fields = (b"Content-Type: multipart/form-data; boundary=x\r\n"
                  b"Transfer-Encoding: chunked\r\n")
        connection.sendall(request(b"POST", b"/", fields))
        sent, piece = 0, begin + rest
        while sent < FORM_BYTES_MAX and not can_be_read(connection):
            try:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            except OSError:
                break
            sent, piece = sent + len(piece), rest
        demand(sent < FORM_BYTES_MAX, "it takes all")
        try:
            return int(connection.recv(4096)[9:12] or b"0")
        except OSError:
            return 0


def forms_without_an_end(server):
    told = {name: set() for name in FORMS}
    taken = set()

    def work(number, is_over):
        name = list(FORMS)[number % len(FORMS)]
        try:
            told[name].add(send_form(server, *FORMS[name]))
        except Failed:
            taken.add(name)
    many(16, work)
    demand(not taken, f"without an end it takes {taken}")
    for name, statuses in told.items():
        demand(statuses & {400, 413} and statuses <= {0, 400, 413, 503}, f"{name}: {statuses}")


def doubling(first, copy, times):
    """A JSON Patch that begins with a value and doubles it so many times."""
    return (b'[{"op":"add","path":"/a","value":%s}' % first
            + b"".join(b"," + (copy % n if b"%d" in copy else copy) for n in range(times)) + b"]")


PATCHES = [
    doubling(b"[[]]", b'{"op":"copy","from":"/a","path":"/a/-"}', 60),
    doubling(b"[{}]", b'{"op":"copy","from":"/a","path":"/a/0"}', 60),
    doubling(b'"%s"' % (b"x" * 1000), b'{"op":"copy","from":"","path":"/k%d"}', 40),
    doubling(b"[%s0]" % (b"0," * 400000), b'{"op":"copy","from":"/a","path":"/k%d"}', 400),
]


def doubling_patches(server):
    """Small patches that make large documents, many at once."""
    told = set()

    def work(number, is_over):
        fields = b"Content-Type: application/json-patch+json\r\n"
        status, _ = server.ask(b"PATCH", b"/j%d.json" % (number % 10), fields,
                               PATCHES[number % len(PATCHES)], ATTACKER)
        told.add(status)
    many(24, work)
    demand(told and told <= {413, 422, 429, 503, 507}, f"doubling patches are answered {told}")
    status, _ = server.ask(b"PATCH", b"/j1.json",
                           b"Content-Type: application/merge-patch+json\r\n", b'{"a":1}')
    demand(status == 204, f"the honest client cannot patch: {status}")


def descriptor_flood(server):
    """More files read and written, and more connections, than the process may have open."""
    open_ones = []
    for number in range(700):
        try:
            connection = server.connect(receive_buffer=4096)
            if number % 2:
                connection.sendall(request(b"GET", b"/big"))
            else:
                connection.sendall(request(b"PUT", b"/up%d" % number,
                                           b"Content-Length: 1000000\r\n") + b"a few")
            open_ones.append(connection)
        except OSError:
            pass
    status, _ = server.ask(b"PUT", b"/mine", b"", b"honest too")
    demand(status in (201, 204), f"the honest client cannot write: {status}")
    hold(open_ones)
