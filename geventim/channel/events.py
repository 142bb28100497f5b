"""What a connection reports."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerKey:
    """To an initiator: the responder proved to hold the X25519 key ``public`` (32 bytes).

    The caller compares it with its pin and answers with ``accept`` or ``close``.
    """

    public: bytes


@dataclass(frozen=True, slots=True)
class Established:
    """The handshake is over.

    ``peer`` is the other side's static X25519 public key, ``handshake_hash`` names this
    connection on both sides and can be signed (Noise §11.2); 32 bytes each.
    """

    peer: bytes
    handshake_hash: bytes


@dataclass(frozen=True, slots=True)
class Frames:
    """The plaintext of one record: bytes of the layer above, in order."""

    plaintext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """The other side has sent all it had to send."""


Event = ServerKey | Established | Frames | Closed
"""Everything that ``receive_data`` may report."""
