"""The honest client: honest.py PORT ADDRESS PATH.

A process of its own, so that what the attackers compute does not hold up its clock. It asks again
and again until it is told to end (SIGTERM), by turns the server and a control, which does next to
nothing and shows how busy the machine is. Then it says how often it asked, the times below which
99 of 100 answers took, of the server and of the control, and what went wrong.
"""
import os
import signal
import socket
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhonest"
port, address, path = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
raw = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def control():
    """The port of a process that answers, and its number."""
    listening = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child:
        return listening.getsockname()[1], child
    parent, _ = os.getppid(), listening.settimeout(1)
    while os.getppid() == parent:
        try:
            asking, _ = listening.accept()
        except TimeoutError:
            continue
        with asking:
            asking.setblocking(True)
            asking.recv(4096)
            asking.sendall(ANSWER)


def ask(of):
    """How long an answer took, and what was wrong with it."""
    begun, wrong = time.monotonic(), ""
    try:
        with socket.create_connection(("127.0.0.1", of), 20, (address, 0)) as asked:
            asked.settimeout(20)
            asked.sendall(raw)
            answer = b""
            while part := asked.recv(65536):
                answer += part
        if not answer.startswith(b"HTTP/1.1 200 ") or not answer.endswith(b"honest"):
            wrong = repr(answer[:60])
    except OSError as cause:
        wrong = repr(cause)
    return time.monotonic() - begun, wrong


def percentile(times):
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


control_port, child = control()
times, of_control, wrong, over = [], [], "", []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
print("ready", flush=True)
while not over:
    took, amiss = ask(port)
    times.append(took)
    wrong = wrong or amiss
    of_control.append(ask(control_port)[0])
    time.sleep(0.01)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print(len(times), percentile(times), percentile(of_control), wrong, flush=True)
