"""A server from its settings to its exit code."""

import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, cast

import gevent
from gevent.event import Event

from geventim import __version__
from geventim.chat import administration as admin
from geventim.chat.links import Link
from geventim.crypto.readable import encode_key, generate_key
from geventim.errors import GeventIMError, NetworkError, UserError
from geventim.net.audience import Audience, Tally
from geventim.net.journals.blob_keeper import BlobKeeper
from geventim.net.key_files import read_access_key, read_or_make_key_file
from geventim.net.standard_output import print_lines
from geventim.net.timers import Timers
from geventim.net.trace import print_record
from geventim.server.backing import Backing, open_backing
from geventim.server.clients.handler import ClientHandler
from geventim.server.clients.listener import Listener, bind
from geventim.server.clients.witness import Witness
from geventim.server.config.settings import Settings
from geventim.server.control import Control, command
from geventim.server.data import DataDirectory
from geventim.server.ending import DONE, FAILED, INTERRUPTED, complain
from geventim.server.invitations import Invitations
from geventim.server.live import Live
from geventim.server.notifications import Notifications
from geventim.server.watching import status
from geventim.server.watching.condition import Condition
from geventim.server.watching.metrics import renderer
from geventim.server.watching.web import Web, bind_web
from geventim.server.workers import as_worker, stop_with_parent, supervise
from geventim.service import ports
from geventim.service.dispatch import Policy, Service

SWITCH_INTERVAL: Final = 0.0005
"""Seconds in which a thread may keep others from computing."""

log = logging.getLogger(__name__)


def serve(settings: Settings, read_again: Callable[[], Settings]) -> int:
    """Run a server until a signal stops it; the exit code.

    ``read_again`` is what SIGHUP reads; it raises :class:`UserError`.
    """
    live = Live(as_worker(settings), lambda: as_worker(read_again()))
    stopped = _stop_on_signals()
    gevent.signal_handler(signal.SIGHUP, _on_hang_up(live.reload, stopped))
    try:
        live.start_logging()
        if live.settings.workers > 1:
            return supervise(live, stopped)
        _serve(live, stopped)
    except GeventIMError as error:
        return complain(error)
    return DONE


def administer(data: Path, message: admin.Command) -> int:
    """Have the running server carry out ``message`` and print its answer; the exit code."""
    try:
        answer = command(DataDirectory.place(data), message)
        if answer.done:
            print_lines(answer.lines)
    except (NetworkError, UserError) as error:
        return complain(error)
    for line in () if answer.done else answer.lines:
        print(f"eim-server: {line}", file=sys.stderr)
    return DONE if answer.done else FAILED


def _serve(live: Live, stopped: Event) -> None:
    settings = live.settings
    most = _raise_file_limit()
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
        backing = open_backing(
            settings.store, directory, server_key.public, settings.store_password
        )
        blobs = BlobKeeper(directory.open_blobs(settings.blobs))
        tally, witness = Tally(), Witness()
        service = _service(settings, directory, server_key.public, backing, blobs, tally)
        backing.join(service)
        trace = print_record if settings.trace else None
        listener = Listener(
            bound,
            service,
            backing.journal,
            server_key,
            psk,
            trace,
            most,
            settings.proxy_networks,
            witness,
        )
        condition = Condition(
            service,
            backing.journal,
            listener,
            witness,
            tally,
            directory.path,
            blobs,
            has_own_store=settings.store is None,
        )
        web = _web(settings, condition)
        invitations = Invitations(live, server_key.public, host, port)
        control = None
        if settings.worker <= 1:
            control = Control(
                directory.path, service, invitations.lines, partial(status.lines, condition)
            )
        service.moderation.finish()
        code = service.accounts.first_invite()
        _freeze()
        servers = [each for each in (condition, web, listener, control) if each is not None]
        for each in servers:
            each.start()
        print_lines(
            [
                f"listening on {Link(host, port)}",
                f"server key {encode_key(server_key.public)}",
                f"invite {invitations.link(code)}",
            ]
        )
        log.info("started", extra={"version": __version__, "address": str(Link(host, port))})
        notifications = Notifications(os.environ)
        notifications.ready()
        stopped.wait()
        notifications.stopping()
        log.info("stopping")
        condition.drain()
        for each in reversed(servers):
            each.stop()
        service.census.keep()
        blobs.close()
        backing.close()
        log.info("stopped")
    finally:
        directory.close()


def _service(
    settings: Settings,
    directory: DataDirectory,
    server_key: bytes,
    backing: Backing,
    blobs: BlobKeeper,
    tally: Tally,
) -> Service:
    return Service(
        backing.journal,
        Timers(),
        # Every outlet of this server is a client with a greenlet.
        cast(
            Callable[[], ports.Audience],
            partial(Audience[ClientHandler], count(), os.urandom, tally),
        ),
        os.urandom,
        directory.signing_key(),
        Policy(
            server_key,
            settings.access,
            settings.room_limit,
            settings.keep,
            settings.budgets,
            settings.quotas,
            _doubt_clock,
            settings.terms,
        ),
        backing.neighbours,
        blobs,
    )


def _web(settings: Settings, condition: Condition) -> Web | None:
    if settings.metrics is None:
        return None
    render = renderer(condition)
    bound = bind_web(settings.metrics, max(0, settings.worker - 1))
    log.info("metrics are served", extra={"address": str(Link(*bound.getsockname()[:2]))})
    return Web(bound, render, condition.obstacle)


def _read_psk(key_file: Path | None) -> bytes | None:
    if key_file is None:
        return None
    read_or_make_key_file(key_file, generate_key())
    return read_access_key(key_file)


def _stop_on_signals() -> Event:
    """The event that the first SIGINT or SIGTERM sets; a second one ends the process at once."""
    stopped = Event()

    def stop() -> None:
        if stopped.is_set():
            os._exit(INTERRUPTED)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stop)
    # What others take for a request to open logs anew or to show a state ends nothing here.
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        gevent.signal_handler(number, lambda: None)
    return stopped


def _on_hang_up(reload: Callable[[], None], stopped: Event) -> Callable[[], None]:
    """What SIGHUP does: reload, unless it says that the terminal we were started in is gone."""
    is_tied = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()

    def act() -> None:
        if is_tied and not _has_terminal():
            stopped.set()
        else:
            reload()

    return act


def _doubt_clock(ahead: float) -> None:
    log.warning(
        "nobody was here for long, or the clock is wrong; nothing expires for a day",
        extra={"days": round(ahead / 86_400)},
    )


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


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


def _raise_file_limit() -> int | None:
    """Allow as many descriptors as the system lets us have: a client takes one.

    It is said how many that is, if there is an end to them.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return None if most == resource.RLIM_INFINITY else most
