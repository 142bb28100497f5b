"""The dialect of eim-server: a member of one room, who verifies every tag."""

import os
import select
from collections.abc import Sequence
from typing import ClassVar

from kit.entries import PREFIX, TAG_SIZE, RecordTranscript, Told
from kit.member import PATIENCE, READ, Member
from kit.transcript import FaultError
from msgspec.structs import replace

from geventim.channel import records, room
from geventim.channel.events import Established, ServerKey
from geventim.channel.handshake import Initiator
from geventim.channel.records import RecordOpener
from geventim.chat import replies
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.codec import replies as decoder
from geventim.chat.departures import LEAVE, NO_HISTORY, NO_LEAF, Departure, leave_claim
from geventim.chat.links import parse_link
from geventim.chat.values import EntryKind
from geventim.client.people.profile import Keys
from geventim.client.steps.effects import Steps
from geventim.client.steps.effects import ask as ask_for
from geventim.load import arrival
from geventim.load.dialogue import Dialogue


class Account:
    """Somebody whom the server knows, from one connection to the next."""

    def __init__(self, number: int) -> None:
        # Hexadecimal digits do not look like one another, which the server would refuse.
        self.nick = f"load{number:x}"
        self.keys = Keys.generate(os.urandom)
        self.id = self.keys.account


class _Channel(Initiator):
    """A channel whose records are opened here instead."""

    @property
    def opener(self) -> RecordOpener:
        return self._opener


class Ours(Member):
    """A member of one room on eim-server; the number of the last entry it heard is its position.

    Whoever speaks has an echo instead, because a record that holds only their own messages is not
    sent to them.
    """

    accounts: ClassVar[dict[int, Account]] = {}
    room_id = b""
    transcript: RecordTranscript
    _incarnation = b""
    told_alone = 0
    """Entries that came in records of its own."""

    def enter(self) -> None:
        """Connect, log in and follow the room from where it was left; blocks."""
        self.enter_together([self])

    @classmethod
    def enter_together(cls, members: Sequence["Ours"]) -> None:
        """Have ``members`` enter at the same time; blocks."""
        for member in members:
            member.begin()
        cls.finish(members)

    def begin(self) -> None:
        """Begin to enter; :meth:`take` goes on with it while it :attr:`is_entering`."""
        self.server_key = self._buffer = b""
        self._requests = 0
        self._held: dict[bytes, bytes] = {}
        self._has_left = False
        self._dialogue: Dialogue[None] | None = None
        link = parse_link(self.address) if "/" in self.address else None
        if link is not None:
            self.address = f"{link.host}:{link.port}"
        self.dial()
        self.sock.setblocking(False)
        self._channel = _Channel(os.urandom)
        self.sock.send(self._channel.data_to_send())

    @staticmethod
    def finish(members: Sequence["Ours"]) -> None:
        """Have ``members`` do everything that there is to do; blocks."""
        entering = {member.sock.fileno(): member for member in members}
        poll = select.poll()
        for descriptor in entering:
            poll.register(descriptor, select.POLLIN)
        while entering:
            ready = poll.poll(PATIENCE * 1000)
            if not ready:
                raise FaultError("the server does not answer")
            for descriptor, _ in ready:
                entering[descriptor].take()
                if not entering[descriptor].is_entering:
                    poll.unregister(descriptor)
                    del entering[descriptor]

    @property
    def account(self) -> Account:
        """Whose connection this is."""
        return self.accounts[self.number]

    @property
    def is_entering(self) -> bool:
        """Whether it waits for an answer before it goes on."""
        return not self.server_key or self._dialogue is not None

    def entrance(self) -> Steps[None]:
        """What is asked once the handshake is done."""
        (found,) = (yield from arrival.log_in(self.account.nick)).conversations
        self._head = found.head  # a commit: nothing was said yet when speakers come
        self._incarnation = found.incarnation
        after = self.position or self.transcript.last or found.head
        running = self.transcript.hash_at(after)
        request = ask.Subscribe(
            id=0,
            conversation=self.room_id,
            incarnation=found.incarnation,
            after=after,
            hash=running,
        )
        reply = yield from ask_for(replies.Subscribed, request)
        self.transcript.begin(reply.after, reply.hash)
        self.position = reply.after

    def leave_room(self) -> Steps[None]:
        """Leave the room for ever, but not the server."""
        claim = leave_claim(self.room_id, self._incarnation, NO_LEAF, NO_HISTORY)
        signature = self.account.keys.identity.sign(claim)
        payload = Departure(LEAVE, self.account.id, NO_LEAF, NO_HISTORY, signature).encode()
        request = ask.Append(
            id=0,
            conversation=self.room_id,
            message_id=os.urandom(16),
            kind=EntryKind.LEAVE,
            payload=len(payload),
        )
        yield from ask_for(replies.Appended, request, payload)
        self._has_left = True

    def follow(self, steps: Steps[None]) -> None:
        """Begin with ``steps``; :meth:`take` goes on with them."""
        self._dialogue = Dialogue(steps)
        self._go_on(self._dialogue)

    def _go_on(self, dialogue: Dialogue[None]) -> None:
        wanted = dialogue.wanted
        if wanted is None:
            self._dialogue = None
            return
        self._requests += 1
        request = encode(replace(wanted.request, id=self._requests), wanted.payload)
        self._out.append(self._channel.seal(request))
        self.flush()

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """One request for each, in one record."""
        frames = []
        for message in messages:
            self._requests += 1
            append = ask.Append(
                id=self._requests,
                conversation=self.room_id,
                message_id=os.urandom(16),
                head=self._head,
                payload=len(message),
            )
            frames.append(encode(append, message))
        return [self._channel.seal(b"".join(frames))]

    def take(self) -> None:
        """Verify every record; look up what it tells, or be the first to open it."""
        told = self.transcript.told
        while data := self.receive():
            is_last = len(data) < READ
            if self._buffer:
                data = self._buffer + data
            offset, end = 0, len(data)
            while offset < end:
                record = told.get(data[offset : offset + PREFIX])
                if record is None:
                    size = self._take_record(data, offset)
                elif offset + record.size > end:
                    break
                else:
                    size = record.size
                    if not data.startswith(record.shared, offset):
                        raise FaultError(f"{self.number} was told something else than the others")
                    tag = data[offset + size - TAG_SIZE : offset + size]
                    self._channel.opener.verify(record.bound, tag)
                    self._hear(record)
                if not size:
                    break
                offset += size
            self._buffer = data[offset:]
            if is_last:
                return

    def forget(self) -> None:
        """Take keys, and who has come."""
        self.take()

    def _take_record(self, data: bytes, offset: int) -> int:
        if not self.server_key:
            return self._shake_hands(data)
        if len(data) < offset + 4:
            return 0
        size = 4 + int.from_bytes(data[offset : offset + 4], "big")
        if len(data) < offset + size:
            return 0
        kind, content = data[offset + 4], data[offset + 5 : offset + size]
        if kind == records.ROOM:
            sealed = room.split(content)
            self._channel.opener.verify(sealed.bound, sealed.tag)
            self._hear(self.transcript.open(data[offset : offset + size], sealed))
        else:
            plaintext = self._channel.opener.open(kind, content)
            if kind == records.ROOM_KEY:
                self._take_key(plaintext)
            elif kind == records.FRAMES:
                self._take_frames(plaintext)
        return size

    def _shake_hands(self, data: bytes) -> int:
        """The server's part of the handshake is the first that comes, and comes by itself."""
        for event in self._channel.receive_data(data):
            assert isinstance(event, ServerKey)
            self.server_key = event.public
            assert isinstance(self._channel.accept(self.account.keys.channel), Established)
            self._out.append(self._channel.data_to_send())
            self.follow(self.entrance())
        return len(data)

    def _take_key(self, plaintext: bytes) -> None:
        number = plaintext[:4]
        if len(plaintext) == len(number):
            del self._held[number]
        else:
            self._held[number] = self.transcript.hold(plaintext)

    def _hear(self, record: Told) -> None:
        if self._held.get(record.key_id[:4]) != record.key_id:
            raise FaultError(f"{self.number} was told something without the key to it")
        if not record.first:
            return
        if self.echo is not None:
            for event, message in record.entries:
                if event.kind is EntryKind.MESSAGE:
                    self.echo.take(message)
                elif event.kind is EntryKind.COMMIT:
                    self._head = event.seq
        elif record.is_heard and record.first == self.position + 1:
            self.position = record.last
        else:
            for event, payload in record.entries:
                self._hear_entry(event, payload)
            record.is_heard = True
            self.transcript.key = record.key_id

    def _hear_entry(self, event: replies.EntryEvent, payload: bytes) -> None:
        if self._has_left:
            raise FaultError(f"{self.number} has left, and is told still")
        self.position = self.transcript.hear(self.position, event, payload)

    def _take_frames(self, plaintext: bytes) -> None:
        for message, payload in decoder.decode(plaintext):
            if isinstance(message, replies.EntryEvent):
                self.told_alone += 1
                if message.kind is EntryKind.COMMIT:
                    self._head = message.seq
                if self.echo is None:
                    self._hear_entry(message, payload)
                elif message.kind is EntryKind.MESSAGE:
                    self.echo.take(payload)
            elif isinstance(message, replies.Error):
                raise FaultError(message.text)
            elif (
                self._dialogue is not None
                and isinstance(message, replies.Reply)
                and message.id == self._requests
            ):
                self._dialogue.answer(message)
                self._go_on(self._dialogue)
