"""What a room on eim-server was told: its log, and the room records in which that came.

A member is told an entry in a room record, whose ciphertext is the same for all, or in a record of
its own, when it reads what it has missed. Positions are numbers of entries, so that one way follows
the other without a gap.
"""

from collections.abc import Iterator

from kit.transcript import FaultError, Transcript

from geventim.channel import room
from geventim.chat.codec import replies as decoder
from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, next_hash

PREFIX = 4 + 1 + 8 + 16
"""Bytes of a room record that no other has: its length, type, key and IV."""

TAG_SIZE = 32


class Told:
    """A room record: its ``shared`` bytes, what tags cover, and the entries in it.

    There are none in one that tells who is present. ``is_heard`` when the log has them.
    """

    __slots__ = ("bound", "entries", "first", "is_heard", "key_id", "last", "shared", "size")

    def __init__(
        self, shared: bytes, sealed: room.Sealed, entries: list[tuple[EntryEvent, bytes]]
    ) -> None:
        self.shared = shared
        self.bound = sealed.bound
        self.key_id = sealed.key_id
        self.entries = entries
        self.first = entries[0][0].seq if entries else 0
        self.last = entries[-1][0].seq if entries else 0
        self.is_heard = False
        self.size = len(shared) + TAG_SIZE


class RecordTranscript(Transcript):
    """The log from where the first member began to read it; the last entry was ``last``.

    ``told`` finds a room record by its first :data:`PREFIX` bytes, ``key`` names the one under
    which the last one came. ``departed`` are the accounts that have left, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last = 0
        self.told: dict[bytes, Told] = {}
        self.key = b""
        self.departed: list[bytes] = []
        self._before = 0
        self._payloads: list[bytes] = []
        self._hashes: list[bytes] = []
        self._keys: dict[bytes, bytes] = {}

    def begin(self, seq: int, running: bytes) -> None:
        """A member reads what follows the entry ``seq``, where the running hash is this."""
        if not self._hashes:
            self.last = self._before = seq
            self._hashes.append(running)
        elif self.hash_at(seq) != running:
            raise FaultError("the server tells of another history")

    def hash_at(self, seq: int) -> bytes | None:
        """The running hash after the entry ``seq``; None while nobody has begun to read."""
        return self._hashes[seq - self._before] if self._hashes else None

    def hear(self, position: int, event: EntryEvent, payload: bytes) -> int:
        """Somebody who has heard everything up to ``position`` is told this; the new position."""
        seq = event.seq
        if seq != position + 1:
            raise FaultError(f"entry {seq} was told where {position + 1} was to come")
        if seq <= self.last:
            if self._payloads[seq - self._before - 1] != payload:
                raise FaultError(f"entry {seq} is not what others were told")
            return seq
        self.last = seq
        self._payloads.append(payload)
        self._hashes.append(next_hash(self._hashes[-1], seq, payload))
        if event.kind is EntryKind.MESSAGE:
            self.add(payload, seq)
        elif event.kind is EntryKind.LEAVE:
            self.departed.append(event.account)
        return seq

    def hold(self, key: bytes) -> bytes:
        """Somebody was given the content of a room key record; which key that is."""
        key_id, secret = key[:8], key[8:]
        if self._keys.setdefault(key_id, secret) != secret:
            raise FaultError("two were given different keys with the same name")
        return key_id

    def open(self, record: bytes, sealed: room.Sealed) -> Told:
        """What a room record tells that nobody has opened yet; ``record`` includes its tag."""
        number, generation = (int.from_bytes(sealed.key_id[n : n + 4], "big") for n in (0, 4))
        keys = room.RoomKeys()
        keys.take(room.RoomKey(number, generation, self._keys[sealed.key_id]).encode())
        told = Told(record[:-TAG_SIZE], sealed, list(entries(keys.open(sealed))))
        return self.told.setdefault(record[:PREFIX], told)


def entries(plaintext: bytes) -> Iterator[tuple[EntryEvent, bytes]]:
    """The entries among some frames, each with its payload."""
    for message, payload in decoder.decode(plaintext):
        if isinstance(message, EntryEvent):
            yield message, payload
