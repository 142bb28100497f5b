"""What a commit says beside itself: its authenticated data, in the clear and signed with it.

It names the history that its author knows, brings the gate's signature where a newcomer enters a
keyed room, and the departures by whose right it takes leaves out.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from geventim.chat.departures import KICK, LEAVE, Departure
from geventim.crypto.signature import SIGNATURE_SIZE
from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import HASH_SIZE
from geventim.mls.ground.leaf_node import LeafNode
from geventim.wire.presentation import Bytes, Opaque, Struct, Uint8

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Declaration:
    """``history`` is the interim transcript hash of the epoch that the commit ends.

    ``gate_signature`` is over :func:`gate_claim`, and empty but for a newcomer to a keyed room.
    Each of the ``departures`` is for one Remove.
    """

    history: bytes
    gate_signature: bytes = b""
    departures: tuple[Departure, ...] = ()

    def encode(self) -> bytes:
        """The authenticated data of a commit."""
        return _Declaration(VERSION, self.history, self.gate_signature, self.departures).encode()

    @classmethod
    def read(cls, data: bytes) -> "Declaration":
        """The declaration in the authenticated data of a commit; its signatures are not verified.

        Raises :class:`PeerError` for anything but the one encoding of one.
        """
        read = _Declaration.decode(data)
        if read.version != VERSION:
            raise PeerError("a declaration of another version")
        if len(read.gate_signature) not in {0, SIGNATURE_SIZE}:
            raise PeerError("a gate's signature of the wrong size")
        if any(departure.kind not in {LEAVE, KICK} for departure in read.departures):
            raise PeerError("a departure of an unknown kind")
        return cls(read.history, read.gate_signature, read.departures)


@dataclass(frozen=True, slots=True)
class _Declaration(Struct):
    version: Uint8
    history: Annotated[bytes, Bytes(HASH_SIZE)]
    gate_signature: Opaque
    departures: tuple[Departure, ...]


def gate_claim(history: bytes, leaf: LeafNode) -> bytes:
    """The bytes that a gate signs to let ``leaf`` into the epoch after ``history``."""
    return b"geventim gate" + history + leaf.encode()
