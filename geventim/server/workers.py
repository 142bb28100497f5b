"""Several servers on one port of one machine, and the process that keeps them running.

The parent starts each with its own command line, and tells it in the environment which one it is
and on which port. The first prints what a server prints, and takes the operator's commands. All of
them stop when the parent does, whatever ends it.
"""

import logging
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any, Final

import gevent
from gevent.event import Event
from gevent.os import make_nonblocking, nb_read

from geventim.chat.links import parse_link
from geventim.net.standard_output import print_lines
from geventim.server.config.settings import Settings
from geventim.server.data import DataDirectory
from geventim.server.live import Live
from geventim.server.notifications import VARIABLES, Notifications

VARIABLE: Final = "EIM_THIS_WORKER"
"""Says ``NUMBER:PORT`` to a worker."""

STDIN: Final = 0

LINES: Final = 3
"""What a server prints when it has started."""

PAUSE: Final = 1.0
"""Seconds until a worker that has died is started again."""

PATIENCE: Final = 15.0
"""Seconds in which a worker stops when it is told to."""

Running = dict[int, "subprocess.Popen[bytes]"]
"""The process of each worker."""

log = logging.getLogger(__name__)


def as_worker(settings: Settings) -> Settings:
    """The settings of this process, if it is a worker."""
    told = os.environ.get(VARIABLE)
    if told is None:
        return settings
    number, _, port = told.partition(":")
    return replace(settings, workers=1, worker=int(number), port=int(port))


def stop_with_parent(stopped: Event, held: int = STDIN) -> None:
    """Set ``stopped`` when the parent is gone: it holds the other end of our standard input."""

    def watch() -> None:
        make_nonblocking(held)
        while nb_read(held, 1):
            pass
        stopped.set()

    gevent.spawn(watch)


def supervise(live: Live, stopped: Event) -> int:
    """Run the workers until ``stopped``; the exit code. What SIGHUP asks of us goes on to them.

    Raises what :class:`DataDirectory` does.
    """
    settings = live.settings
    directory = DataDirectory(settings.data)
    running: Running = {}
    try:
        first = running[1] = _start(1, settings.port, subprocess.PIPE)
        output = first.stdout.readline if first.stdout is not None else bytes
        lines = [output().decode() for _ in range(LINES)]
        if not lines[-1]:
            return first.wait()
        port = parse_link(lines[0].split()[-1]).port
        for number in range(2, settings.workers + 1):
            running[number] = _start(number, port, subprocess.DEVNULL)
        keeping = [gevent.spawn(_keep, number, port, running, stopped) for number in running]
        gevent.signal_handler(signal.SIGHUP, _pass_on, running)
        print_lines(map(str.rstrip, lines))
        notifications = Notifications(os.environ)
        notifications.ready()
        stopped.wait()
        notifications.stopping()
        gevent.joinall(keeping)
    finally:
        directory.close()
    return 0


def _pass_on(running: Running) -> None:
    for worker in running.values():
        worker.send_signal(signal.SIGHUP)


def _start(number: int, port: int, output: int) -> "subprocess.Popen[bytes]":
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.Popen(  # noqa: S603 - it is our own command line
        [sys.executable, *sys.orig_argv[1:]],
        stdin=subprocess.PIPE,
        stdout=output,
        env={**kept, VARIABLE: f"{number}:{port}"},
    )


def _keep(number: int, port: int, running: Running, stopped: Event, pause: float = PAUSE) -> None:
    """Have this worker running until ``stopped``, and then no more; who dies is missed so long."""
    while True:
        worker = running[number]
        watching = gevent.spawn(worker.wait)
        either: list[Any] = [watching, stopped]
        gevent.wait(either, count=1)
        if stopped.is_set():
            break
        log.warning("a worker has died", extra={"worker": number, "code": watching.get()})
        if stopped.wait(pause):
            return
        running[number] = _start(number, port, subprocess.DEVNULL)
    worker.terminate()
    watching.join(PATIENCE)
    if not watching.ready():
        worker.kill()
        watching.join()
