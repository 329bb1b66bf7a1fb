#!/usr/bin/env python3
"""memory.py FRONT_PORT WORKER_PID BACKEND_PORT PAYLOAD_DIR CHECK

What a fresh nginx worker's resident memory does under large requests or a
long stream.  Prints a line, exits 1 when a limit is broken.
CHECK: request, stream or stall.
"""
import os
import socket
import sys
import time

MB = 1024 * 1024
CHUNKS = 100000         # events of a stream: over 20 MB of SSE

# What the worker may grow: at most while the check runs, and what may stay
# when it is over (memory that malloc keeps counts).
LIMITS = {
    "request": {"peak": 8 * MB, "kept": 8 * MB},
    "stream": {"peak": 2 * MB, "kept": 2 * MB},
    "stall": {"peak": 8 * MB, "kept": 8 * MB},
}


class Worker:
    """Resident memory of a process; the peak counts from begin()."""

    def __init__(self, pid):
        self.pid = pid
        self.start = 0

    def field(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
        raise RuntimeError(f"no {name} of {self.pid}")

    def begin(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as f:
            f.write("5")        # resets VmHWM to VmRSS
        self.start = self.field("VmRSS:")

    def peak(self):
        return max(0, self.field("VmHWM:") - self.start)

    def kept(self):
        return self.field("VmRSS:") - self.start


class Connection:
    """One HTTP/1.1 connection to the front; small bodies are not its job."""

    def __init__(self, port, receive_buffer=0):
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(60)
        self.sock.connect(("127.0.0.1", port))
        self.file = self.sock.makefile("rb")

    def post(self, body):
        self.sock.sendall(
            b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nanthropic-version: 2023-06-01\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def headers(self):
        status = int(self.file.readline().split()[1])
        headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip().lower()
        return status, headers

    def chunks(self):
        while True:
            size = int(self.file.readline().split(b";")[0], 16)
            data = self.file.read(size)
            self.file.readline()
            if not size:
                return
            yield data

    def answer(self):
        """Reads a whole answer: its status, length and last 4 KB."""
        status, headers = self.headers()
        length, tail = 0, b""
        if b"content-length" in headers:
            parts = [self.file.read(int(headers[b"content-length"]))]
        else:
            parts = self.chunks()
        for data in parts:
            length += len(data)
            tail = (tail + data)[-4096:]
        return status, length, tail

    def close(self):
        self.file.close()
        self.sock.close()


def backend(port, path):
    c = Connection(port)
    c.sock.sendall(b"GET %s HTTP/1.1\r\nConnection: close\r\n\r\n" % path.encode())
    tail = c.answer()[2].decode()
    c.close()
    return dict(pair.split("=") for pair in tail.split())


def must(condition, what):
    if not condition:
        raise RuntimeError(what)


def complete(tail):
    return b"message_stop" in tail or b"[DONE]" in tail


def check_request(env, worker):
    """40 requests of 1 MB, one after the other."""
    with open(os.path.join(env.payload, "large.json"), "rb") as f:
        body = f.read()
    c = Connection(env.front)
    worker.begin()
    for _ in range(40):
        c.post(body)
        status, length, _ = c.answer()
        must(status == 200 and length > 500, f"status {status}, {length} bytes")
    c.close()
    return f"40 requests of {len(body) / MB:.2f} MB"


def stream_body(env):
    with open(os.path.join(env.payload, "small-stream.json"), "rb") as f:
        return f.read()


def check_stream(env, worker):
    """A stream of more than 20 MB, read as fast as it comes."""
    c = Connection(env.front)
    worker.begin()
    c.post(stream_body(env))
    status, length, tail = c.answer()
    c.close()
    sent = int(backend(env.backend, "/_stats")["stream_bytes"]) - env.sent
    must(status == 200 and complete(tail), f"status {status}, end {tail[-80:]!r}")
    must(sent > 20 * MB, f"only {sent} bytes came from the backend")
    return f"{sent / MB:.1f} MB in, {length / MB:.1f} MB out"


def settled(read, times=20, pause=0.05):
    """Waits until read() is above 0 and has been the same so many times."""
    last, same = 0, 0
    deadline = time.monotonic() + 60
    while same < times:
        must(time.monotonic() < deadline, "the transfer did not come to rest")
        time.sleep(pause)
        now = read()
        same = same + 1 if now == last and now > 0 else 0
        last = now
    return last


def check_stall(env, worker):
    """The client asks for 20 MB, reads nothing for a while, then everything."""
    c = Connection(env.front, receive_buffer=4096)
    worker.begin()
    c.post(stream_body(env))
    sent = settled(
        lambda: int(backend(env.backend, "/_stats")["stream_bytes"]) - env.sent)
    must(sent < 20 * MB, "the whole stream was taken in: no back-pressure")
    stalled = worker.peak()
    status, length, tail = c.answer()
    c.close()
    must(status == 200 and complete(tail), f"status {status}, end {tail[-80:]!r}")
    return (f"{sent / MB:.1f} MB left the backend while the client slept (worker "
            f"+{stalled / MB:.2f} MB), {length / MB:.1f} MB came in the end")


class Environment:
    def __init__(self, front, backend_port, payload):
        self.front = front
        self.backend = backend_port
        self.payload = payload
        self.sent = 0


CHECKS = {"request": check_request, "stream": check_stream, "stall": check_stall}


def run(name, env, worker):
    backend(env.backend, f"/_mode?chunks={CHUNKS}&rate=0&write=burst")
    env.sent = int(backend(env.backend, "/_stats")["stream_bytes"])
    try:
        what = CHECKS[name](env, worker)
    except (RuntimeError, OSError, ValueError, IndexError) as e:
        print(f"FAIL {name}: {e}")
        return False
    peak, kept, limit = worker.peak(), worker.kept(), LIMITS[name]
    good = peak <= limit["peak"] and kept <= limit["kept"]
    print(f"{'PASS' if good else 'FAIL'} {name}: {what}; worker {worker.start / MB:.1f} MB "
          f"+ {peak / MB:.2f} MB at most (limit {limit['peak'] // MB}), "
          f"{kept / MB:+.2f} MB after (limit {limit['kept'] // MB})")
    return good


def main():
    front, pid, backend_port = map(int, sys.argv[1:4])
    env = Environment(front, backend_port, sys.argv[4])
    worker = Worker(pid)
    # the first exchange pays for what a worker allocates once
    backend(backend_port, "/_mode?chunks=10&rate=0&write=burst")
    c = Connection(front)
    c.post(stream_body(env))
    c.answer()
    c.close()
    sys.exit(0 if run(sys.argv[5], env, worker) else 1)


main()
