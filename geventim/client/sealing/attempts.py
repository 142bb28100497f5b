"""Seats that other attempts to get in have led to, until it is clear which attempt counted.

Who gets in is given a state of the group by some member, and cannot tell whether it is right. If
others say that it is not, one comes again from the state of another member; but they may have lied.
So every seat is followed, and ours is the one in which a message of somebody else opened last: who
has made up a state writes there too.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.client.kept.record import TRIED
from geventim.client.sealing.engine import Engine
from geventim.client.sealing.seat import Seat, Shelf
from geventim.errors import StoreError

MOST: Final = 9
"""Seats that are kept: there are no more states of a group than that at a server."""


class Arrival(Struct, frozen=True):
    """How we came to a seat: by the commit ``seq``, from the state that ``giver`` gave.

    ``history`` is the interim transcript hash of that state.
    """

    seq: int
    history: bytes
    giver: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Arrival)


class Attempts:
    """The other seats in one conversation, the oldest first.

    Raises :class:`StoreError` if what is kept is damaged.
    """

    def __init__(self, memory: Memory, engine: Engine, conversation: bytes) -> None:
        self._memory = memory
        self._prefix = f"{TRIED}{conversation.hex()}/"
        self._seats: dict[int, Seat] = {}
        self._arrivals: dict[int, Arrival] = {}
        kept = {int(name.partition("/")[0]) for name, _ in memory.under(self._prefix)}
        for number in sorted(kept):
            seat = Seat.restore(memory, engine, self._shelf(number))
            if seat is not None:
                self._seats[number] = seat
                self._arrivals[number] = self._restore(number)

    def __iter__(self) -> Iterator[Seat]:
        return iter(tuple(self._seats.values()))

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def newest(self) -> Seat | None:
        """The one that was added last."""
        return self._seats[max(self._seats)] if self._seats else None

    def add(self, seat: Seat, arrival: Arrival) -> None:
        """Keep one more, and let the oldest go if there are too many."""
        if len(self._seats) >= MOST:
            self.drop(next(iter(self)))
        number = max(self._seats, default=0) + 1
        self._seats[number], self._arrivals[number] = seat, arrival
        self._memory.put(self._arrival_name(number), _encoder.encode(arrival))
        self.keep(seat)

    def take(self, seat: Seat) -> Arrival:
        """Hand one of them out, and keep it no longer; how we came to it."""
        arrival = self._arrivals[self._number(seat)]
        self.drop(seat)
        return arrival

    def keep(self, seat: Seat) -> None:
        """Have kept how one of them has changed."""
        seat.keep(self._memory, self._shelf(self._number(seat)))

    def drop(self, seat: Seat) -> None:
        """Let one of them go."""
        number = self._number(seat)
        del self._seats[number], self._arrivals[number]
        self._shelf(number).clear(self._memory)
        self._memory.drop(self._arrival_name(number))

    def clear(self) -> None:
        """Let all of them go."""
        for seat in self:
            self.drop(seat)

    def _number(self, seat: Seat) -> int:
        return next(number for number, each in self._seats.items() if each is seat)

    def _restore(self, number: int) -> Arrival:
        try:
            return _decoder.decode(self._memory.get(self._arrival_name(number)) or b"")
        except msgspec.MsgspecError:
            raise StoreError("what is kept of an attempt to get in is damaged") from None

    def _arrival_name(self, number: int) -> str:
        return f"{self._prefix}{number}/arrival"

    def _shelf(self, number: int) -> Shelf:
        prefix = f"{self._prefix}{number}"
        return Shelf(f"{prefix}/group", f"{prefix}/ratchets", f"{prefix}/outlook")
