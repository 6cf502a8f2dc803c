"""Attacks on disks, and disks that are mounted for them."""
import os
import subprocess
import threading
import time

from locks import LOCKINFO
from server import ATTACKER, HONEST, MIB, PATIENCE, can_be_read, demand, hold, many, request


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
    for method, path, fields in ((b"COPY", b"/p/", b"Destination: /copy/\r\n"),
                                 (b"DELETE", b"/copy/", b"")):
        status, _ = server.ask(method, path, fields, b"", ATTACKER)
        demand(status in (201, 204), f"{method.decode()} {path.decode()}: {status}")
        if method == b"COPY":
            copied = server.ask(b"GET", b"/copy/q/mnt/theirs", b"", b"", ATTACKER)
            demand(copied == (200, b"theirs"), f"the copy has not what is on the disk: {copied}")
    status, said = server.ask(b"PROPFIND", b"/p/", b"Depth: infinity\r\n", b"", ATTACKER)
    demand(status == 207 and b"/p/q/mnt/theirs" in said, f"the list ends at the disk: {status}")
    many(4, lambda number, is_over: server.ask(b"COPY", b"/p/", b"Destination: /c%d/\r\n" % number,
                                               b"", ATTACKER), 1)


def whole_seconds(server):
    """Of contents of one length within one second none is taken for another."""
    def work(number, is_over):
        server.ask(b"PUT", b"/w%d" % number, b"", b"one", ATTACKER)
        server.ask(b"GET", b"/w%d" % number, b"", b"", ATTACKER)
    flood = threading.Thread(target=many, args=(8, work), daemon=True)
    flood.start()
    tags = []
    for turn in range(8):
        status, fields, _ = server.exchange(b"PUT", b"/w", b"", b"%04d" % turn)
        demand(status in (201, 204), f"PUT of turn {turn}: {status}")
        tags.append(fields.get(b"etag") or server.exchange(b"HEAD", b"/w")[1][b"etag"])
    demand(len(set(tags)) == len(tags), f"one tag of two contents: {tags}")
    lost_updates(server)
    flood.join(PATIENCE)
    demand(not flood.is_alive(), "the flood does not end")


def lost_updates(server):
    """Whoever changes the file, a write with the tag of before is refused."""
    file = os.path.join(server.folder, "w")
    for turn in range(3):
        tag = server.exchange(b"GET", b"/w")[1][b"etag"]
        condition = b"If-Match: %s\r\n" % tag
        if turn == 1:
            with open(file, "r+b") as in_place:
                in_place.write(b"them")
        elif turn == 2:
            with open(file + ".new", "wb") as beside:
                beside.write(b"beside"[:4])
            os.rename(file + ".new", file)
        else:
            status, _ = server.ask(b"PUT", b"/w", condition, b"ours")
            demand(status == 204, f"a write with the tag that is valid: {status}")
        status, _ = server.ask(b"PUT", b"/w", condition, b"lost")
        demand(status == 412, f"a write with the tag of before, turn {turn}: {status}")
        demand(server.ask(b"GET", b"/w")[1] != b"lost", "an update is lost")


def failing_disk(server):
    """The disk ends in the midst of writes: each says so, and what is there is read."""
    def work(number, is_over):
        server.ask(b"PUT", b"/n%d" % number, b"", b"x" * 1000, ATTACKER)
    threads = threading.Thread(target=many, args=(4, work), daemon=True)
    threads.start()
    time.sleep(0.5)
    mount("-o", "remount,abort", server.folder)
    update = (b'<propertyupdate xmlns="DAV:"><set><prop><a xmlns="urn:x">1</a></prop></set>'
              b'</propertyupdate>')
    for method, path, fields, content in (
            (b"PUT", b"/new", b"", b"x"), (b"DELETE", b"/f1", b"", b""),
            (b"MKCOL", b"/new/", b"", b""), (b"PROPPATCH", b"/f1", b"", update),
            (b"MOVE", b"/f1", b"Destination: /f2\r\n", b""),
            (b"COPY", b"/f1", b"Destination: /f2\r\n", b""),
            (b"LOCK", b"/f1", b"Depth: 0\r\n", LOCKINFO % b"shared")):
        status, said = server.ask(method, path, fields, content, ATTACKER)
        failed = status in (403, 500) or status == 207 and b"HTTP/1.1 403" in said
        demand(failed and said, f"{method.decode()} on a disk that ended: {status} {said[:200]}")
    demand(server.ask(b"GET", b"/f1") == (200, b"one"), "what is there is not read")
    threads.join(PATIENCE)


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


def staged_content(server):
    """Content that came and is not stored yet gives way to others'; nobody else keeps one small."""
    size = os.statvfs(server.folder)
    size = size.f_bavail * size.f_frsize
    status, _ = server.ask(b"PUT", b"/alone", b"", b"x" * (size * 85 // 100), ATTACKER)
    demand(status == 201, f"one who is alone cannot fill the disk: {status}")
    status, _ = server.ask(b"DELETE", b"/alone", b"", b"", ATTACKER)
    demand(status == 204, f"DELETE of it: {status}")
    open_ones = [server.connect() for _ in range(3)]
    for number, connection in enumerate(open_ones):
        connection.sendall(request(b"PUT", b"/s%d" % number,
                                   b"Content-Length: %d\r\n" % (size * 31 // 100)))
        connection.sendall(b"x" * (size * 30 // 100))
    time.sleep(0.5)
    for fields, name in ((b"", b"/mine"), (b"Transfer-Encoding: chunked\r\n", b"/chunked")):
        content = b"x" * (size // 5)
        if fields:
            with server.connect(HONEST) as connection:
                connection.sendall(request(b"PUT", name, fields) + b"%x\r\n" % len(content)
                                   + content + b"\r\n0\r\n\r\n")
                status = int(connection.recv(4096)[9:12] or b"0")
        else:
            status, _ = server.ask(b"PUT", name, fields, content)
        demand(status == 201, f"what others staged keeps the disk from {name}: {status}")
    refused = [can_be_read(connection) and connection.recv(4096) for connection in open_ones]
    told = [said for said in refused if said]
    demand(0 < len(told) < 3, f"{len(told)} of three uploads gave way")
    demand(all(b" 507 " in said and b"retry-after: " in said.lower() for said in told),
           f"who gives way is told {told[0][:200]}")
    hold(open_ones)


def tmpfs(size):
    return lambda folder: mount("-t", "tmpfs", "-o", "size=" + size, "none", folder)


def disk_inside(folder):
    inside = os.path.join(folder, "p/q/mnt")
    os.makedirs(inside)
    mount("-t", "tmpfs", "none", inside)
    with open(os.path.join(inside, "theirs"), "w", encoding="ascii") as theirs:
        theirs.write("theirs")


def ext4_of_whole_seconds(folder):
    image = folder + ".image"
    with open(image, "wb") as file:
        file.truncate(64 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-I", "128", image], check=True, capture_output=True)
    mount("-o", "loop", image, folder)


def ext4(folder):
    image = folder + ".image"
    with open(image, "wb") as file:
        file.truncate(64 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-e", "remount-ro", image], check=True, capture_output=True)
    mount("-o", "loop", image, folder)
