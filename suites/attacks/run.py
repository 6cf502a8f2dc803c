"""Hostile clients beside an honest one: run.py BINARY SCRATCH NAME_OF_SUITE GROUP [CASE...].

Each case starts a server of its own, attacks it from one address of loopback for some seconds and
asks it from another. It passes when the honest client was answered within a second (99 of 100
times; where the machine itself is so busy that a control is slow, within four times what that
took), memory stayed below what the server was told plus 64 MiB, descriptors and memory were given
back within five seconds, and the server still serves. GROUP is `clients`, or `disks` for what
mounts disks (in a namespace of its own).
"""
import os
import resource
import subprocess
import sys
import time

import clients
import disks
import examiner
import http2
import locks
import slow
from server import CONTENT_MEMORY, HONEST, MIB, Server, demand

BINARY, SCRATCH, SUITE, GROUP = sys.argv[1:5]
HONEST_CLIENT = os.path.join(os.path.dirname(__file__), "honest.py")
ANSWERED_SECONDS = 1.0
BUSY_FACTOR = 4  # times what the control took
RELEASED_SECONDS = 5
SPARE_MEMORY = 64 * MIB
SPARE_DESCRIPTORS = 24  # the ledger is opened once it is needed


class Case:
    def __init__(self, name, attack, *flags, files=0, size=0, mounts=None, **options):
        self.name, self.attack, self.flags = name, attack, flags
        self.files, self.size, self.mounts, self.options = files, size, mounts, options

    def run(self):
        folder = os.path.join(SCRATCH, "served")
        os.mkdir(folder)
        try:
            if self.mounts:
                self.mounts(folder)
            self.fill(folder)
            server = Server(BINARY, folder, *self.flags, **self.options)
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
            said = honest.communicate(timeout=60)[0].strip("\n").split(" ", 3)
        finally:
            honest.kill()
            honest.wait()
        demand(server.process.poll() is None, "the server ended")
        count, took, control, wrong = int(said[0]), float(said[1]), float(said[2]), said[3]
        demand(not wrong, "the honest client got " + wrong)
        demand(count > 0 and took <= max(ANSWERED_SECONDS, BUSY_FACTOR * control),
               f"99 of 100 answers took {took:.2f} s, of {count}; the control {control:.2f} s")
        peak = server.status("VmHWM")
        told = server.memory + CONTENT_MEMORY + SPARE_MEMORY
        demand(peak <= told, f"memory rose to {peak // MIB} MiB, from {server.memory // MIB}")
        self.released(server, gone)
        demand(server.ask(b"GET", b"/honest") == (200, b"honest"), "it does not serve afterwards")
        print(f"{self.name}: {count} answers, 99 % in {took * 1000:.0f} ms (control "
              f"{control * 1000:.0f} ms), "
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


CASES = {
    "clients": [
        Case("tokens in If", clients.tokens_in_if, files=5000),
        Case("infinity of tokens", clients.infinity_of_tokens, "--propfind-infinity", files=5000),
        Case("slow readers", clients.slow_readers, files=2000, size=100 * MIB),
        Case("resets of HTTP/2", http2.resets_of_http2, files=1000),
        Case("fields without an end on HTTP/2", http2.fields_without_an_end_on_http2),
        Case("slow readers on HTTP/2", http2.slow_readers_on_http2, files=2000, size=100 * MIB),
        Case("slow heads", clients.slow_heads),
        Case("slow uploads", clients.slow_uploads, "--write"),
        Case("forms without an end", clients.forms_without_an_end, "--write"),
        Case("doubling patches", clients.doubling_patches, "--write"),
        Case("descriptors", clients.descriptor_flood, "--write", size=100 * MIB, descriptors=512),
        Case("descriptors on HTTP/2", http2.descriptor_flood_on_http2, "--write", size=100 * MIB,
             descriptors=512),
        Case("locks", locks.lock_flood, "--write", "--durability", "relaxed",
             files=4000),
        Case("copies of a tree", clients.copies_of_a_tree, "--write", files=2000),
        Case("walks that are left", clients.walks_that_are_left, files=4000),
        Case("deep trees", clients.deep_trees, "--write"),
        Case("output that nobody reads", clients.unread_output, stdout="unread"),
        examiner.Case(BINARY),
    ],
    "disks": [
        Case("a disk inside", disks.mounted_inside, "--write", "--propfind-infinity",
             mounts=disks.disk_inside),
        Case("a full disk", disks.full_disk, "--write", mounts=disks.tmpfs("8M")),
        Case("reserved space", disks.reserved_space, "--write", mounts=disks.tmpfs("64M")),
        Case("staged content", disks.staged_content, "--write", mounts=disks.tmpfs("64M")),
        Case("whole seconds", disks.whole_seconds, "--write", mounts=disks.ext4_of_whole_seconds),
        Case("a slow disk inside", slow.slow_files(b"/p/q/mnt/"), "--write", one_thread=True,
             mounts=slow.slow_disk(SCRATCH, "p/q/mnt")),
        Case("a slow disk", slow.slow_files(b"/"), "--write", one_thread=True,
             mounts=slow.slow_disk(SCRATCH, ".")),
        Case("a failing disk", disks.failing_disk, "--write", mounts=disks.ext4),
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
