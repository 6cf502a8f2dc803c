"""What attacks are made of: requests as octets, and what ends a case."""
import struct

MIB = 1 << 20


class Failed(Exception):
    pass


def demand(holds, why):
    if not holds:
        raise Failed(why)


def request(method, path, fields=b"", content=b""):
    length = b"Content-Length: %d\r\n" % len(content) if content else b""
    return b"%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n%s" % (
        method, path, fields, length, content)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def block(method, path, *fields):
    """Fields that no table keeps (RFC 7541 6.2.2)."""
    listed = [(b":method", method), (b":scheme", b"http"), (b":authority", b"localhost"),
              (b":path", path), *fields]
    return b"".join(b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value
                    for name, value in listed)


def http2(server):
    connection = server.connect()
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
    return connection


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
