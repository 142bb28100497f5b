"""What has become of messages to which their front ends gave an id of their own.

Such an id is for those front ends alone, and never leaves: others know a message by what it says,
and who has signed that. So a front end that does not know whether its wish was granted says it
again, and there is no second message; and nobody else's id can be the same.
"""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

TICKET: Final = "ticket/"

MOST: Final = 1_024
"""Tickets that are kept; the oldest go first."""


class Ticket(Struct):
    """The message ``message_id``, which is the entry ``seq``, or 0 while it is on its way.

    Its front end calls it ``own_id`` in that ``conversation``.
    """

    conversation: bytes
    own_id: bytes
    message_id: bytes
    seq: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Ticket)


class Tickets:
    """All of them, as they are in ``memory``. Raises :class:`StoreError` if one is damaged."""

    def __init__(self, memory: Memory, most: int = MOST) -> None:
        self._memory = memory
        self._most = most
        self._numbers: dict[tuple[bytes, bytes], int] = {}
        self._tickets: dict[int, Ticket] = {}
        for number, kept in sorted(memory.under(TICKET)):
            try:
                self._add(int(number), _decoder.decode(kept))
            except msgspec.MsgspecError:
                raise StoreError("what is kept of messages that were sent is damaged") from None

    def find(self, conversation: bytes, own_id: bytes) -> Ticket | None:
        """What has become of it, if that is known."""
        number = self._numbers.get((conversation, own_id))
        return None if number is None else self._tickets[number]

    def put(self, ticket: Ticket) -> None:
        """Keep one more."""
        if len(self._tickets) >= self._most:
            self._drop(next(iter(self._tickets)))
        number = next(reversed(self._tickets), 0) + 1
        self._add(number, ticket)
        self._keep(number)

    def settle(self, conversation: bytes, own_id: bytes, seq: int) -> None:
        """It is in the log."""
        number = self._numbers.get((conversation, own_id))
        if number is not None:
            self._tickets[number].seq = seq
            self._keep(number)

    def drop(self, conversation: bytes, own_id: bytes) -> None:
        """It never will be: what is said again is another one."""
        number = self._numbers.get((conversation, own_id))
        if number is not None:
            self._drop(number)

    def _add(self, number: int, ticket: Ticket) -> None:
        self._numbers[ticket.conversation, ticket.own_id] = number
        self._tickets[number] = ticket

    def _keep(self, number: int) -> None:
        self._memory.put(_name(number), _encoder.encode(self._tickets[number]))

    def _drop(self, number: int) -> None:
        ticket = self._tickets.pop(number)
        del self._numbers[ticket.conversation, ticket.own_id]
        self._memory.drop(_name(number))


def _name(number: int) -> str:
    return f"{TICKET}{number:012}"
