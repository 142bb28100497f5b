"""Connections that send random bytes, and come again when the server hangs up.

``noise.py HOST PORT N`` prints a line when N attempts are over, and goes on until it is killed.
"""

import os
import sys
from contextlib import suppress

import gevent
from gevent import socket
from gevent.lock import Semaphore

SIZE = 4000
PAUSE = 0.1
"""Seconds between two attempts of one connection."""


def make_noise(address: tuple[str, int], heard: Semaphore) -> None:
    while True:
        with suppress(OSError), socket.create_connection(address) as sock:
            sock.sendall(os.urandom(SIZE))
            sock.recv(1)
        heard.release()
        gevent.sleep(PAUSE)


def main(host: str, port: str, count: str) -> None:
    heard = Semaphore(0)
    for _ in range(int(count)):
        gevent.spawn(make_noise, (host, int(port)), heard)
    for _ in range(int(count)):
        heard.acquire()
    print("heard", flush=True)
    gevent.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
