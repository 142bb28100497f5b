"""Several servers on one port of one machine, and the process that keeps them running.

The parent starts each with its own command line, and tells it in the environment which one it is
and on which port. The first prints what a server prints, and takes the operator's commands. All of
them stop when the parent does, whatever ends it.
"""

import logging
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any, Final

import gevent
from gevent.event import Event
from gevent.os import make_nonblocking, nb_read

from geventim.chat.links import parse_link
from geventim.server.data import DataDirectory
from geventim.server.settings import Settings

VARIABLE: Final = "EIM_WORKER"
"""Says ``NUMBER:PORT`` to a worker."""

STDIN: Final = 0

LINES: Final = 3
"""What a server prints when it has started."""

PAUSE: Final = 1.0
"""Seconds until a worker that has died is started again."""

PATIENCE: Final = 15.0
"""Seconds in which a worker stops when it is told to."""

log = logging.getLogger(__name__)


def as_worker(settings: Settings) -> Settings:
    """The settings of this process, if it is a worker."""
    told = os.environ.get(VARIABLE)
    if told is None:
        return settings
    number, _, port = told.partition(":")
    return replace(settings, workers=1, worker=int(number), port=int(port))


def stop_with_parent(stopped: Event) -> None:
    """Set ``stopped`` when the parent is gone: it holds the other end of our standard input."""

    def watch() -> None:
        make_nonblocking(STDIN)
        while nb_read(STDIN, 1):
            pass
        stopped.set()

    gevent.spawn(watch)


def supervise(settings: Settings, stopped: Event) -> int:
    """Run the workers until ``stopped``; the exit code.

    Raises what :class:`DataDirectory` does.
    """
    directory = DataDirectory(settings.data)
    try:
        first = _start(1, settings.port, subprocess.PIPE)
        output = first.stdout.readline if first.stdout is not None else bytes
        lines = [output() for _ in range(LINES)]
        if not lines[-1]:
            return first.wait()
        print(b"".join(lines).decode(), end="", flush=True)
        port = parse_link(lines[0].decode().split()[-1]).port
        keeping = [gevent.spawn(_keep, 1, port, first, stopped)]
        for number in range(2, settings.workers + 1):
            worker = _start(number, port, subprocess.DEVNULL)
            keeping.append(gevent.spawn(_keep, number, port, worker, stopped))
        gevent.joinall(keeping)
    finally:
        directory.close()
    return 0


def _start(number: int, port: int, output: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - it is our own command line
        [sys.executable, *sys.orig_argv[1:]],
        stdin=subprocess.PIPE,
        stdout=output,
        env={**os.environ, VARIABLE: f"{number}:{port}"},
    )


def _keep(number: int, port: int, worker: "subprocess.Popen[bytes]", stopped: Event) -> None:
    """Have this worker running until ``stopped``, and then no more."""
    while True:
        watching = gevent.spawn(worker.wait)
        either: list[Any] = [watching, stopped]
        gevent.wait(either, count=1)
        if stopped.is_set():
            break
        log.warning("a worker has died", extra={"worker": number, "code": watching.get()})
        if stopped.wait(PAUSE):
            return
        worker = _start(number, port, subprocess.DEVNULL)
    worker.terminate()
    watching.join(PATIENCE)
    if not watching.ready():
        worker.kill()
        watching.join()
