"""The operator's commands, from both ends of the Unix socket in the data directory."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer

from geventim.chat import administration as admin
from geventim.chat.values import Account, Allowance, Sanction
from geventim.errors import NetworkError, PeerError, StoreError, UserError
from geventim.service.dispatch import Service
from geventim.service.people.accounts import shown
from geventim.service.people.census import Inhabitant
from geventim.wire.frames import LENGTH_SIZE, prefix

NAME: Final = "control"
"""The file name of the socket."""

LONGEST: Final = 16 * 1024 * 1024
"""Bytes in a command or an answer."""

PATIENCE: Final = 30.0
"""Seconds for one command."""

NOTHING: Final = "-"
"""What is listed where nothing is known."""

MEBIBYTE: Final = 2**20

NOTED: Final = {
    "nick": "nick",
    "verb": "verb",
    "place": "place",
    "operator": "operator",
    "uses": "uses",
    "days": "days",
    "stored": "may_store",
    "created": "may_create",
    "files": "may_keep",
    "reset": "reset",
}
"""What the log says about a command, and how that is called there."""

JUDGED: Final = {
    admin.Verb.REMOVE: "is removed; nobody else gets the nick before it is released",
    admin.Verb.RELEASE: "is removed, and whoever claims the nick next is somebody new",
    admin.Verb.BAN: "is banned",
    admin.Verb.UNBAN: "is not banned any more",
    admin.Verb.MUTE: "is muted",
    admin.Verb.UNMUTE: "is not muted any more",
}

log = logging.getLogger(__name__)


class Control:
    """Carries out the commands that come through the socket in ``directory``.

    ``invitation`` makes the lines for somebody who is invited with a code, its link first, and
    ``status`` those about the server. Raises :class:`StoreError`.
    """

    def __init__(
        self,
        directory: Path,
        service: Service,
        invitation: Callable[[str], Iterable[str]],
        status: Callable[..., Iterable[str]],
        patience: float = PATIENCE,
    ) -> None:
        self._directory = directory
        self._service = service
        self._invitation = invitation
        self._status = status
        self._patience = patience
        self._server = StreamServer(_listen(directory), self._serve, spawn=Pool(16))

    def start(self) -> None:
        """Take commands from now on."""
        self._server.start()

    def stop(self) -> None:
        """Take no more commands."""
        self._server.stop(timeout=1)
        with _short_path(self._directory) as path:
            Path(path).unlink(missing_ok=True)

    def _serve(self, sock: socket.socket, _address: object) -> None:
        sock.settimeout(self._patience)
        try:
            command = admin.decode_command(_receive(sock))
            answer = self._answer(command)
            _note(command, answer)
            sock.sendall(prefix(admin.encode(answer)))
        except (PeerError, OSError):
            return  # whoever asked is gone, or is not this program

    def _answer(self, command: admin.AnyCommand) -> admin.Answer:
        try:
            if isinstance(command, admin.Invites | admin.Status | admin.Users):
                return admin.Answer(True, tuple(self._look(command)))
            return admin.Answer(True, tuple(self._carry_out(command)))
        except (UserError, StoreError) as error:
            return admin.Answer(False, (str(error),))

    def _quota(self, command: admin.Quota) -> str:
        moderation, census = self._service.moderation, self._service.census
        account = self._service.accounts.named(command.nick)
        allowance = Allowance() if command.reset else account.allowance
        stored = allowance.stored if command.stored is None else command.stored * MEBIBYTE
        created = allowance.created if command.created is None else command.created
        files = allowance.files if command.files is None else command.files * MEBIBYTE
        wanted = Allowance(stored, created, files)
        if wanted != account.allowance:
            account = moderation.allow_more(command.nick, wanted)
        usage, most = census.usage(account), census.bound(account)
        kept = f"{usage.stored / MEBIBYTE:.1f}"
        return (
            f"{account.nick}: {_of(kept, most.stored, MEBIBYTE)} MiB of messages,"
            f" {_of(str(usage.created), most.created)} rooms and groups,"
            f" {_of(f'{usage.files / MEBIBYTE:.1f}', most.files, MEBIBYTE)} MiB of files"
        )

    def _judge(self, nick: str, verb: admin.Verb) -> Account:
        moderation = self._service.moderation
        match verb:
            case admin.Verb.REMOVE:
                return moderation.judge(nick, Sanction.REMOVED)
            case admin.Verb.RELEASE:
                return moderation.judge(nick, Sanction.RELEASED)
            case admin.Verb.BAN:
                return moderation.judge(nick, Sanction.BANNED)
            case admin.Verb.MUTE:
                return moderation.judge(nick, Sanction.MUTED)
            case admin.Verb.UNBAN:
                return moderation.lift(nick, Sanction.BANNED)
            case admin.Verb.UNMUTE:
                return moderation.lift(nick, Sanction.MUTED)

    def _look(self, command: admin.Invites | admin.Status | admin.Users) -> Iterator[str]:
        """What is asked for and changes nothing."""
        match command:
            case admin.Invites():
                for code, invite in self._service.accounts.invites().items():
                    link, *_ = self._invitation(code)
                    yield f"{link}\t{invite.uses}\t{_utc(invite.end)}"
            case admin.Status(as_json=as_json):
                yield from self._status(as_json=as_json)
            case admin.Users():
                yield from map(_line, self._service.census.take())

    def _carry_out(self, command: admin.AnyCommand) -> Iterator[str]:
        service = self._service
        match command:
            case admin.Announce(text=text):
                service.announce(text)
                yield "announced"
            case admin.Invite(uses=uses, days=days):
                yield from self._invitation(service.accounts.invite(uses, days))
            case admin.Revoke(code=code):
                service.accounts.revoke(code)
                yield "revoked"
            case admin.Allow(nick=nick):
                yield f"{service.accounts.allow(nick)} may register"
            case admin.Operator(nick=nick):
                verb = "is" if command.operator else "is not"
                account = service.moderation.make_operator(nick, operator=command.operator)
                yield f"{account.nick} {verb} an operator"
            case admin.Judge(nick=nick, verb=verb):
                yield f"{self._judge(nick, verb).nick} {JUDGED[verb]}"
            case admin.Kick(nick=nick, place=place):
                account, conversation = service.moderation.kick(nick, place)
                yield f"{account.nick} is out of '{conversation.name}'"
            case admin.Delete(place=place):
                conversation = service.moderation.delete(place)
                yield f"'{conversation.name}' is deleted"
            case admin.Quota():
                yield self._quota(command)


def _line(inhabitant: Inhabitant) -> str:
    account, seen = inhabitant.account, inhabitant.seen
    role = "operator" if account.operator else "member"
    return "\t".join(
        (
            shown(account),
            role if account.sanction is Sanction.NONE else account.sanction,
            account.status,
            "connected" if inhabitant.is_connected else "offline",
            NOTHING if seen is None else _utc(seen.time),
            NOTHING if seen is None else seen.nearness,
            str(inhabitant.usage.stored),
            str(inhabitant.usage.files),
        )
    )


def _of(number: str, most: int | None, unit: int = 1) -> str:
    return number if most is None else f"{number} of {most // unit}"


def _utc(time_: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time_))


def _note(command: admin.AnyCommand, answer: admin.Answer) -> None:
    """Log what an operator has commanded; no codes and no texts, and not that they have looked."""
    if isinstance(command, admin.Status):
        return
    facts = {
        fact: str(getattr(command, name))
        for name, fact in NOTED.items()
        if getattr(command, name, None) not in {None, ""}
    }
    word = type(command).__struct_config__.tag
    log.info("a command of the operator", extra={"command": word, **facts, "done": answer.done})


def command(directory: Path, message: admin.Command, patience: float = PATIENCE) -> admin.Answer:
    """Have the server that runs in ``directory`` carry out ``message``.

    Raises :class:`NetworkError` when none is running there, or it does not answer, and
    :class:`UserError` with code ``not_ours`` when it is another user's.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, _short_path(directory) as path:
        sock.settimeout(patience)
        try:
            sock.connect(path)
            sock.sendall(prefix(admin.encode(message)))
            return admin.decode_answer(_receive(sock))
        except PermissionError:
            raise _not_ours(directory) from None
        except (ConnectionRefusedError, FileNotFoundError):
            raise NetworkError(
                f"No server is running in {directory.parent}. Start it, or name its directory with"
                " --data."
            ) from None
        except (OSError, PeerError):
            raise NetworkError(
                f"The server in {directory.parent} does not answer. It has too much to do, or it"
                " has been stopped by a signal."
            ) from None


def _not_ours(directory: Path) -> UserError:
    return UserError(
        "not_ours",
        f"The server in {directory.parent} belongs to another user.",
        "Only that user, or root, can command it.",
    )


def _listen(directory: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short_path(directory) as path:
        before = os.umask(0o177)
        try:
            # Whoever holds the directory's lock may take away what a killed server left behind.
            Path(path).unlink(missing_ok=True)
            listening.bind(path)
        except OSError as error:
            listening.close()
            raise StoreError(f"{directory / NAME} cannot be made: {error.strerror}") from None
        finally:
            os.umask(before)
    listening.listen()
    return listening


@contextmanager
def _short_path(directory: Path) -> Iterator[str]:
    """The path of the socket through a descriptor: a socket's path ends at 107 bytes."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        raise _not_ours(directory) from None
    except OSError:
        raise NetworkError(f"There is no server's directory at {directory.parent}.") from None
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def _receive(sock: socket.socket) -> bytes:
    size = int.from_bytes(_receive_exactly(sock, LENGTH_SIZE), "big")
    if size > LONGEST:
        raise PeerError("a message over the control socket is too long")
    return _receive_exactly(sock, size)


def _receive_exactly(sock: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        data = sock.recv(count - len(received))
        if not data:
            raise PeerError("the control socket ended in the middle of a message")
        received += data
    return bytes(received)
