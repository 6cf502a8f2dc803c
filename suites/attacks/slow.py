"""A disk that takes a second for each step, and what is asked of it."""
import os
import subprocess
import sys
import threading
import time

from server import ATTACKER, Failed, demand, get_by_http2, request

SLOW_DISK = os.path.join(os.path.dirname(__file__), "slow_disk.py")
SLOW = bytes(range(251)) * 1200


def slow_files(below):
    """What lies on a disk that takes a second for each step, asked for and written."""
    def attack(server):
        wrong, path = [], below + b"slow"

        def get(number):
            content = (get_by_http2(server, path) if number % 2
                       else server.ask(b"GET", path, b"", b"", ATTACKER)[1])
            if content != SLOW:
                wrong.append(f"GET gave {len(content)} octets, not {len(SLOW)}")

        def put(number):
            at = below + b"slow%d" % number
            for status, content in ((201, b"one"), (204, SLOW)):
                given, said = server.ask(b"PUT", at, b"", content, ATTACKER)
                if given != status:
                    wrong.append(f"PUT: {given} {said[:80]}")
            if server.ask(b"GET", at, b"", b"", ATTACKER)[1] != SLOW:
                wrong.append("PUT stored something else")

        def leave(number):
            connection = server.connect()
            connection.sendall(request(b"GET", path))
            connection.recv(1000)
            connection.close()

        def noted(work, number):
            try:
                work(number)
            except (OSError, Failed) as failure:
                wrong.append(str(failure))
        asking = [threading.Thread(target=noted, args=(work, number), daemon=True)
                  for work, count in ((get, 4), (put, 2), (leave, 6)) for number in range(count)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(60)
            demand(not thread.is_alive(), "a request for a slow file waits without an end")
        demand(not wrong, "; ".join(wrong[:3]))
    return attack


def slow_disk(scratch, inside):
    def mounts(folder):
        at, beneath = os.path.join(folder, inside), os.path.join(scratch, "beneath")
        os.makedirs(at, exist_ok=True)
        subprocess.run(["rm", "-rf", beneath], check=True)
        os.mkdir(beneath)
        with open(os.path.join(beneath, "slow"), "wb") as slow:
            slow.write(SLOW)
        # It ends when it is unmounted.
        subprocess.Popen([sys.executable, SLOW_DISK, beneath, at], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not os.path.ismount(at):
            demand(time.monotonic() < end, "FUSE mounts nothing")
            time.sleep(0.05)
    return mounts
