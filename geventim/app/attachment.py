"""A front end at a client of the same user that runs already, in another process."""

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final, Self

import gevent
import msgspec
from gevent import socket
from gevent.event import Event as Flag
from gevent.lock import BoundedSemaphore

from geventim.app import ending, socket_place
from geventim.app.ending import Ending
from geventim.app.front import Front
from geventim.app.note import Note
from geventim.client.answers import LEAVING, Answer, Done, Refusal, Refused
from geventim.client.results import result_of
from geventim.client.stream import AnyEvent, Attached, Closing
from geventim.client.wishes import BadWishError, Id, Say, Wish
from geventim.errors import UserError

PROTOCOL: Final = 1
"""The version of what is said through the socket."""

READ_SIZE: Final = 64 * 1024

PATIENCE: Final = 5.0
"""Seconds for somebody to answer the door."""

DRAIN: Final = 5.0
"""Seconds for what is on its way when somebody wants to leave."""

INTERRUPTED: Final = UserError(
    "interrupted", "The client ended before it had answered that.", "It may have been done."
)


class Attachment:
    """What the other process says, by ``sock``, is told to ``front``."""

    def __init__(self, sock: socket.socket, front: Front, drain: float = DRAIN) -> None:
        self._socket = sock
        self._front = front
        self._drain = drain
        self._wishes: dict[Id, list[Wish]] = {}
        self._postponed: list[Wish] = []
        self._given: set[Id] | None = None
        self._answered = Flag()
        self._answered.set()
        self._over = Flag()
        self._writing = BoundedSemaphore()
        self._is_wanted = True
        self.is_welcome = False
        """Whether the other process has greeted."""
        self.refused = 0
        """Wishes that came to nothing, so far."""

    @classmethod
    def attach(cls, directory: Path, front: Front, drain: float = DRAIN) -> Self | None:
        """At the client whose vault is in ``directory``; None if there is none that answers."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_place.address(directory) as address, gevent.Timeout(PATIENCE, OSError()):
                sock.connect(address)
            if socket_place.peer_user(sock) == os.geteuid():
                return cls(sock, front, drain)
        except OSError:
            pass
        sock.close()
        return None

    def run(self, attached: Callable[[], None]) -> Ending | None:
        """Tell everything until it is over; None if the other process has ended.

        ``attached`` is called once it has greeted.
        """
        try:
            self._read(attached)
        finally:
            self._socket.close()
            self._over.set()
            self._answered.set()
        if not self._is_wanted:
            undelivered = sum(map(len, self._wishes.values())) + len(self._postponed)
            return ending.leaving(Ending(ending.DONE), undelivered, self.refused)
        return None

    def take_left(self) -> list[Wish]:
        """Wishes that the other process has not taken, or that can be granted twice.

        The others that it owes get an answer.
        """
        left, self._postponed = self._postponed, []
        for wish in chain.from_iterable(self._wishes.values()):
            is_taken = self._given is None or wish.id in self._given
            if is_taken and not (isinstance(wish, Say) and wish.message_id):
                self.refused += 1
                self._front.put(Note(Refused.by(INTERRUPTED, wish.id)))
            else:
                left.append(wish)
        self._wishes.clear()
        return left

    def grant(self, wish: Wish, _: Front) -> None:
        """Have the other process take a wish of our front end."""
        waiting = self._wishes.setdefault(wish.id, [])
        if wish not in waiting:
            waiting.append(wish)
        self._answered.clear()
        # A line that waits for the other process to read has its end before the next one begins.
        with self._writing, suppress(OSError):
            self._socket.sendall(msgspec.json.encode(wish) + b"\n")

    def reject(self, error: UserError, front: Front) -> None:
        """Refuse a line of ``front`` that cannot be read, after what came before it."""
        self.refused += 1
        self._answered.wait()
        wish = error.id if isinstance(error, BadWishError) else None
        front.put(Note(Refused.by(error, wish)))

    def end_input(self) -> None:
        """There are no more wishes: leave when all of them are answered."""
        self._answered.wait()
        self._hang_up()

    def leave(self) -> None:
        """Leave as soon as everything is answered, but soon; does not wait for it."""
        self._is_wanted = False
        gevent.spawn_later(self._drain, self._hang_up)
        gevent.spawn(self.end_input)

    def close(self) -> None:
        """Go without a word."""
        self._socket.close()

    def _hang_up(self) -> None:
        if not self._over.is_set():
            self._is_wanted = False
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self, attached: Callable[[], None]) -> None:
        held = bytearray()
        with suppress(OSError):
            while data := self._socket.recv(READ_SIZE):
                held += data
                if b"\n" not in data:
                    continue
                *lines, rest = bytes(held).split(b"\n")
                held = bytearray(rest)
                for line in lines:
                    self._take(line, attached)
                self._front.await_room()

    def _take(self, line: bytes, attached: Callable[[], None]) -> None:
        said: dict[str, Any] = msgspec.json.decode(line)
        if "answer" in said:
            self._take_answer(said)
            return
        try:
            event = msgspec.convert(said, AnyEvent)
        except msgspec.ValidationError:
            return  # a later version tells more
        if isinstance(event, Attached):
            self.is_welcome = True
            attached()
        elif isinstance(event, Closing):
            self._given = set(event.unanswered)
        else:
            self._front.put(Note(event, said.get("n"), said.get("request")), len(line))

    def _take_answer(self, said: dict[str, Any]) -> None:
        number = said["answer"]
        waiting = self._wishes.get(number, [])
        answer: Answer | None = None
        if "done" in said:
            answer = self._take_done(said["done"], waiting)
            if answer is None:
                return  # it was repeated, and answered before
        elif not waiting:
            return
        else:
            wish = waiting.pop(0)
            if said["refused"]["code"] == LEAVING:
                self._postponed.append(wish)
            else:
                self.refused += 1
                answer = Refused(number, msgspec.convert(said["refused"], Refusal))
        if not waiting:
            del self._wishes[number]
        if answer is None:
            return
        self._front.put(Note(answer))
        if not self._wishes and not self._postponed:
            self._answered.set()

    def _take_done(self, done: object, waiting: list[Wish]) -> Done | None:
        """The answer to the first of those with the same id that can be done with that."""
        for wish in waiting:
            with suppress(msgspec.ValidationError):
                answer = Done(wish.id, msgspec.convert(done, result_of(type(wish))))
                waiting.remove(wish)
                return answer
        return None
