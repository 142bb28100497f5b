"""What ordinary accounts do to a server and to others, each as far as one connection goes.

An attacker prepares what it can before the attack begins, its records sealed, and throws away what
it is answered: so it costs itself little. All of it is bounded in time.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import gevent

from geventim.channel.connection import TruncationError
from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Error
from geventim.chat.values import Purpose, Status
from geventim.errors import GeventIMError
from tests.raw_client import RawClient

PREPARED: Final = 192 * 1024 * 1024
"""Bytes of records that all attackers have sealed when they begin, together."""

PIPELINE: Final = 20
"""Changes of a status in a record, and whatever else is asked several times in one."""

LARGE: Final = 800 * 1024
"""Bytes of a GroupInfo."""

GROUPS: Final = 60
ALL_GROUPS: Final = 1_200
"""Groups of one account, and of all: more than one may add somebody to, and than anybody is in."""

REST: Final = 0.05
"""Seconds until an attacker who was hung up on comes back."""

READ: Final = 256 * 1024

FAULTS: Final = (GeventIMError, OSError, EOFError, gevent.Timeout)


class Outsider:
    """An account that is in nobody's room, and makes so many ``groups``, if any.

    What is in ``shots`` is ready to be written.
    """

    def __init__(self, address: str, victims: Sequence[str], groups: int) -> None:
        self._address = address
        self.nick = f"m{os.urandom(6).hex()}"
        self.client = RawClient(address)
        self.client.register(self.nick)
        self.victims = victims
        self.groups = groups
        self.shots: list[bytes] = []
        self.reads = True

    @property
    def capacity(self) -> int:
        """Bytes of requests that fit into a record."""
        return self.client.connection.channel.capacity

    def seal(self, frames: bytes) -> bytes:
        """The record that holds ``frames``."""
        return self.client.connection.channel.seal(frames)

    def fire(self, frames: Callable[[], bytes] | None, until: float) -> None:
        """Write all shots, and more records of ``frames`` until it is time."""
        while time.monotonic() < until:
            reading = gevent.spawn(self._drop) if self.reads else None
            try:
                self._write(frames, until)
                gevent.sleep(max(0.0, until - time.monotonic()))
            except OSError:
                with suppress(*FAULTS):
                    self._come_back()
            finally:
                if reading is not None:
                    reading.kill()

    def _write(self, frames: Callable[[], bytes] | None, until: float) -> None:
        self.shots.reverse()
        while time.monotonic() < until:
            if not self.shots and frames is None:
                return
            shot = self.shots.pop() if self.shots else self.seal(frames())
            self.client.socket.sendall(shot)
            gevent.sleep(0)

    def _drop(self) -> None:
        """Read, so that the server can write, but look at nothing."""
        with suppress(OSError):
            while self.client.socket.recv(READ):
                pass

    def _come_back(self) -> None:
        self.shots = []
        self.client.close()
        gevent.sleep(REST)
        self.client = RawClient(self._address, self.client.keys)
        self.client.login(self.nick)


def many_requests(outsider: Outsider) -> Callable[[], bytes]:
    """Records of as many look-ups as they hold."""
    frame = encode(ask.LookUp(id=1, nick="nobody-of-this-name"))
    return lambda: frame * (outsider.capacity // len(frame))


def many_names(outsider: Outsider) -> Callable[[], bytes]:
    """Records of groups of 256 people whom there are not."""
    names = tuple(f"nobody{number}" for number in range(256))
    frame = encode(ask.CreateGroup(id=1, message_id=bytes(16), name="crowd", members=names))
    return lambda: frame * (outsider.capacity // len(frame))


def unread_answers(outsider: Outsider) -> Callable[[], bytes]:
    """Look-ups whose answers are not read."""
    outsider.reads = False
    frame = encode(ask.LookUp(id=1, nick=outsider.nick))
    return lambda: frame * (outsider.capacity // len(frame))


def storage(outsider: Outsider) -> Callable[[], bytes]:
    """Messages of 64 KiB to a room of one's own."""
    client = outsider.client
    room = client.room(f"{outsider.nick}den", None)
    head, payload = client.head(room), os.urandom(limits.PAYLOAD_SIZE)

    def frames() -> bytes:
        append = ask.Append(
            id=1,
            conversation=room,
            message_id=os.urandom(16),
            head=head,
            payload=len(payload),
        )
        return encode(append, payload)

    return frames


def states(outsider: Outsider) -> Callable[[], bytes]:
    """GroupInfos of 800 KiB that newcomers to a room of one's own are to get."""
    room, payload = outsider.client.room(f"{outsider.nick}den", None), os.urandom(LARGE)
    void = ask.Void(id=1, conversation=room, seq=0, payload=LARGE)
    return lambda: encode(void, payload)


def key_packages(_: Outsider) -> Callable[[], bytes]:
    """As many key packages as fit into a request, each as large as may be."""
    sizes = (limits.KEY_PACKAGE_SIZE,) * limits.KEY_PACKAGES
    payload = os.urandom(sum(sizes))
    return lambda: encode(ask.UploadKeyPackages(id=1, sizes=sizes, payload=len(payload)), payload)


def dms(outsider: Outsider) -> Callable[[], bytes]:
    """Conversations with the victims, again and again."""
    asked = [ask.OpenDm(id=1, nick=nick) for nick in outsider.victims]
    return lambda: b"".join(map(encode, asked)) * PIPELINE


def subscriptions(outsider: Outsider) -> Callable[[], bytes]:
    """A log of one's own, read from its beginning again and again."""
    client = outsider.client
    room = client.room(f"{outsider.nick}den", None)
    head, payload = client.head(room), os.urandom(limits.PAYLOAD_SIZE)
    for _ in range(PIPELINE):
        client.ask(ask.Append, payload, conversation=room, message_id=os.urandom(16), head=head)
    incarnation = client.incarnations[room]
    asked = ask.Subscribe(id=1, conversation=room, incarnation=incarnation, after=0)
    return lambda: encode(asked) * PIPELINE


def statuses(_: Outsider) -> Callable[[], bytes]:
    """A status that changes all the time."""
    frames = encode(ask.SetStatus(id=1, status=Status.AWAY)) + encode(
        ask.SetStatus(id=2, status=Status.NORMAL)
    )
    return lambda: frames * (PIPELINE // 2)


def odd_requests(outsider: Outsider) -> Callable[[], bytes]:
    """Records of requests that there are not."""
    frame = encode(ask.LookUp(id=1, nick="nobody")).replace(b"look-up", b"look-at")
    return lambda: frame * (outsider.capacity // len(frame))


def broken_records(outsider: Outsider) -> Callable[[], bytes]:
    """Records that are no requests, on one connection after the other."""
    frame = encode(ask.LookUp(id=1, nick="nobody")).replace(b'"id"', b'"di"')
    return lambda: frame * (outsider.capacity // len(frame))


def everywhere(outsider: Outsider) -> None:
    """Groups, of which the victims are made members by Welcomes of noise."""
    client = outsider.client
    people = [client.ask(ask.LookUp, nick=nick).person.account for nick in outsider.victims]
    frames = []
    for number in range(outsider.groups):
        made = client.ask(
            ask.CreateGroup, message_id=os.urandom(16), name=f"crowd-{number}", members=()
        )
        if isinstance(made, Error):
            break
        place, noise = made.conversation.id, os.urandom(600)
        turn = ask.TakeTurn(id=1, conversation=place, purpose=Purpose.COMMIT)
        commit = ask.Commit(
            id=2,
            conversation=place,
            message_id=os.urandom(16),
            head=0,
            payload=len(noise),
            message=200,
            welcome=200,
            added=tuple(people),
        )
        frames.append(encode(turn) + encode(commit, noise))
    outsider.shots = [outsider.seal(each) for each in frames]


ATTACKS: Final[dict[str, Callable[[Outsider], Callable[[], bytes] | None]]] = {
    "everywhere": everywhere,
    "many-requests": many_requests,
    "many-names": many_names,
    "unread-answers": unread_answers,
    "storage": storage,
    "states": states,
    "key-packages": key_packages,
    "dms": dms,
    "subscriptions": subscriptions,
    "statuses": statuses,
    "odd-requests": odd_requests,
    "broken-records": broken_records,
}
"""What each of them sends again and again, if it is not all prepared."""


def carry_out(
    name: str, address: str, victims: Sequence[str], count: int, seconds: float
) -> Iterator[None]:
    """Attack with ``count`` accounts when it is asked for the second time; first they prepare."""
    groups = min(GROUPS, ALL_GROUPS // count)
    outsiders = [Outsider(address, victims, groups) for _ in range(count)]
    frames = [ATTACKS[name](each) for each in outsiders]
    most = PREPARED // count
    for outsider, make in zip(outsiders, frames, strict=True):
        size = 0
        while make is not None and size < most:
            outsider.shots.append(outsider.seal(make()))
            size += len(outsider.shots[-1])
            gevent.sleep(0)
    yield
    until = time.monotonic() + seconds
    tasks = [
        gevent.spawn(outsider.fire, make, until)
        for outsider, make in zip(outsiders, frames, strict=True)
    ]
    gevent.joinall(tasks, timeout=seconds)
    gevent.killall(tasks)
    for outsider in outsiders:
        with suppress(TruncationError):
            outsider.client.close()
    yield
