"""A server from its settings to its exit code."""

import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, cast

import gevent
from gevent.event import Event

from geventim import __version__
from geventim.chat import administration as admin
from geventim.chat.access import channel_psk
from geventim.chat.links import Link, parse_link
from geventim.crypto.readable import encode_key, generate_key
from geventim.errors import GeventIMError, NetworkError, UserError
from geventim.net.audience import Audience
from geventim.net.key_files import read_or_make_key_file
from geventim.net.timers import Timers
from geventim.net.trace import print_record
from geventim.server.backing import open_backing
from geventim.server.clients import Client
from geventim.server.control import Control, command
from geventim.server.data import DataDirectory
from geventim.server.listener import CANNOT_LISTEN, Listener, bind, local_address
from geventim.server.settings import Settings
from geventim.server.workers import as_worker, stop_with_parent, supervise
from geventim.service import ports
from geventim.service.dispatch import Policy, Service

DONE: Final = 0
FAILED: Final = 1
NETWORK: Final = 3
INTERRUPTED: Final = 130

SWITCH_INTERVAL: Final = 0.0005
"""Seconds in which a thread may keep others from computing."""

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Run a server until a signal stops it; the exit code."""
    settings = as_worker(settings)
    stopped = _stop_on_signals()
    try:
        if settings.workers > 1:
            return supervise(settings, stopped)
        _serve(settings, stopped)
    except GeventIMError as error:
        sentence = str(error) if isinstance(error, UserError) else f"{error}."
        print(f"eim-server: {sentence}", file=sys.stderr)
        is_network = isinstance(error, UserError) and error.code == CANNOT_LISTEN
        return NETWORK if is_network else FAILED
    return DONE


def administer(data: Path, message: admin.Command) -> int:
    """Have the running server carry out ``message`` and print its answer; the exit code."""
    try:
        answer = command(DataDirectory.place(data), message)
    except NetworkError as error:
        print(f"eim-server: {error}", file=sys.stderr)
        return NETWORK
    for line in answer.lines:
        if answer.done:
            print(line)
        else:
            print(f"eim-server: {line}", file=sys.stderr)
    return DONE if answer.done else FAILED


def _serve(settings: Settings, stopped: Event) -> None:
    _raise_file_limit()
    _tune()
    is_worker = settings.worker > 0
    if is_worker:
        stop_with_parent(stopped)
    directory = DataDirectory(settings.data, is_held=is_worker)
    try:
        server_key = directory.server_key()
        psk = _read_psk(settings.access_key_file)
        bound = bind(settings.host, settings.port, is_shared=is_worker)
        host, port = bound.getsockname()[:2]
        backing = open_backing(settings.store, directory, server_key.public)
        service = Service(
            backing.journal,
            Timers(),
            # Every outlet of this server is a client with a greenlet.
            cast(Callable[[], ports.Audience], partial(Audience[Client], count(), os.urandom)),
            os.urandom,
            directory.signing_key(),
            Policy(
                server_key.public,
                settings.access,
                settings.room_limit,
                settings.keep,
                settings.budgets,
                settings.quotas,
            ),
            backing.neighbours,
        )
        backing.join(service)
        trace = print_record if settings.trace else None
        listener = Listener(bound, service, backing.journal, server_key, psk, trace)
        link = replace(_public_link(settings.public, host, port), server_key=server_key.public)
        control = None
        if settings.worker <= 1:
            control = Control(directory.path, service, lambda code: str(replace(link, code=code)))
        code = service.accounts.standing_invite(directory.read_invite())
        directory.write_invite(code)
        _freeze()
        listener.start()
        if control is not None:
            control.start()
        print(f"listening on {Link(host, port)}")
        print(f"server key {encode_key(server_key.public)}")
        print(f"invite {replace(link, code=code)}", flush=True)
        log.info("started", extra={"version": __version__, "address": str(Link(host, port))})
        stopped.wait()
        log.info("stopping")
        if control is not None:
            control.stop()
        listener.stop()
        backing.close()
        log.info("stopped")
    finally:
        directory.close()


def _read_psk(key_file: Path | None) -> bytes | None:
    if key_file is None:
        return None
    return channel_psk(read_or_make_key_file(key_file, generate_key()))


def _public_link(public: str, host: str, port: int) -> Link:
    """Where others reach the server."""
    if public:
        return parse_link(public)
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return Link(local_address(), port)
    return Link(host, port)


def _stop_on_signals() -> Event:
    """The event that the first SIGINT or SIGTERM sets; a second one ends the process at once."""
    stopped = Event()

    def stop() -> None:
        if stopped.is_set():
            os._exit(INTERRUPTED)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stop)
    return stopped


def _tune() -> None:
    """Set what the interpreter decides for the whole process."""
    # The threads of the store compute a little between many waits. By default each of those would
    # end 5 ms late while the event loop is busy.
    sys.setswitchinterval(SWITCH_INTERVAL)
    # Nobody asks who has spawned a greenlet; remembering it takes a kilobyte for each client.
    gevent.config.track_greenlet_tree = False


def _freeze() -> None:
    """Have the garbage collector look only at what is made from now on."""
    gc.collect()
    gc.freeze()


def _raise_file_limit() -> None:
    """Every client takes a descriptor: allow as many as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
