"""Attacks by locks."""
import re
import time

from server import PATIENCE, SECONDS, demand, many, request

LOCKINFO = (b'<lockinfo xmlns="DAV:"><lockscope><%s/></lockscope><locktype><write/></locktype>'
            b'</lockinfo>')
LOCKERS = ["127.0.0.%d" % number for number in (66, 67)]
LOCKS_OF_ONE = 1000  # a tenth of all
BATCH = 40
WORKERS = 4 * len(LOCKERS)
SECONDS_MAX = 12
DISCOVERY = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'


def answers(connection, count):
    """Statuses and tokens of so many answers, whose content has a length."""
    told, buffer = [], b""
    while len(told) < count:
        head, end, rest = buffer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        length = int(length[1]) if length else 0
        if end and len(rest) >= length:
            token = re.search(rb"(?i)\r\nlock-token: (<[^>]+>)", head)
            told.append((int(head[9:12]), token and token[1]))
            buffer = rest[length:]
            continue
        part = connection.recv(65536)
        if not part:
            break
        buffer += part
    return told


def lock_flood(server):
    """Everybody takes as many locks as they get, on one file and on many, and then uses them all at
    once; the honest client locks, writes and unlocks as if nothing were."""
    granted, refused = {who: [] for who in LOCKERS}, {who: 0 for who in LOCKERS}
    begun = time.monotonic()

    def batch(number, turn):
        yield request(b"LOCK", b"/f1", b"Depth: 0\r\n", LOCKINFO % b"shared")
        for at in range(BATCH - 1):
            file = number + WORKERS * (turn * BATCH + at)
            path = (b"/t/" if file % 2 else b"/") + b"a%%20file%%20of%%20some%%20name%%20%d" % file
            yield request(b"LOCK", path, b"Timeout: Infinite\r\n", LOCKINFO % b"exclusive")

    def work(number, is_over):
        who = LOCKERS[number % len(LOCKERS)]
        with server.connect(who) as connection:
            for turn in range(10000):
                if is_over() or refused[who] > BATCH:
                    break
                connection.sendall(b"".join(batch(number, turn)))
                for at, (status, token) in enumerate(answers(connection, BATCH)):
                    if status == 200:
                        granted[who].append(token)
                    # Of shared locks of one file there are few anyway.
                    refused[who] += status == 507 and at > 0
            # As many states as a head has room for, of locks that are and that are not.
            states = b"".join(b"(%s)" % token for token in granted[who] if token)[:50000]
            fields = b"If: %s)\r\n" % states[:states.rindex(b")")] if states else b""
            while time.monotonic() < begun + SECONDS:
                connection.sendall(request(b"PUT", b"/f1", fields, b"two"))
                answers(connection, 1)
    many(WORKERS, work, SECONDS_MAX, once=True)
    for who in LOCKERS:
        # Those that are asked for at one time are counted before any of them is held.
        most = LOCKS_OF_ONE + WORKERS // len(LOCKERS) - 1
        demand(LOCKS_OF_ONE <= len(granted[who]) <= most and refused[who],
               f"{who} has {len(granted[who])} locks, and was refused {refused[who]}")
    the_honest_client_locks(server)


def the_honest_client_locks(server):
    begun = time.monotonic()
    status, fields, _ = server.exchange(b"LOCK", b"/mine", b"Depth: 0\r\n",
                                        LOCKINFO % b"exclusive")
    demand(status == 201, f"the honest client gets no lock: {status}")
    token = fields[b"lock-token"]
    for name, wanted, asked in (
            ("another writes", 423, (b"PUT", b"/mine", b"", b"theirs")),
            ("its own write", 204, (b"PUT", b"/mine", b"If: (%s)\r\n" % token, b"ours")),
            ("who holds f1", 207, (b"PROPFIND", b"/f1", b"Depth: 0\r\n", DISCOVERY)),
            ("f1 is theirs", 423, (b"PUT", b"/f1", b"", b"ours")),
            ("unlocking", 204, (b"UNLOCK", b"/mine", b"Lock-Token: %s\r\n" % token)),
            ("a write without locks", 204, (b"PUT", b"/mine", b"", b"again"))):
        status, _ = server.ask(*asked)
        demand(status == wanted, f"{name}: {status}")
    demand(time.monotonic() < begun + PATIENCE / 2, "the honest client locks slowly")
