"""The honest client: attacks_honest.py PORT ADDRESS PATH.

A process of its own, so that what the attackers compute does not hold up its clock. It asks again
and again until it is told to end (SIGTERM), and then says how often it asked, the time below which
99 of 100 answers took, and what went wrong.
"""
import signal
import socket
import sys
import time

port, address, path = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
raw = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
times, wrong = [], ""
print("ready", flush=True)
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
while not over:
    begun = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), 20, (address, 0)) as asked:
            asked.settimeout(20)
            asked.sendall(raw)
            answer = b""
            while part := asked.recv(65536):
                answer += part
        if not answer.startswith(b"HTTP/1.1 200 ") or not answer.endswith(b"honest"):
            wrong = wrong or repr(answer[:60])
    except OSError as cause:
        wrong = wrong or repr(cause)
    times.append(time.monotonic() - begun)
    time.sleep(0.01)
times.sort()
print(len(times), times[min(len(times) - 1, int(len(times) * 0.99))], wrong, flush=True)
