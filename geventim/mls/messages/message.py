"""``MLSMessage``: everything that travels, behind its wire format (RFC 9420 §6)."""

from typing import Final

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import MLS_10
from geventim.mls.messages.framing import PrivateMessage, PublicMessage
from geventim.mls.messages.group_info import UnverifiedGroupInfo
from geventim.mls.messages.key_package import UnverifiedKeyPackage
from geventim.mls.messages.welcome import Welcome
from geventim.wire.presentation import Select

MLSMessage = PublicMessage | PrivateMessage | Welcome | UnverifiedGroupInfo | UnverifiedKeyPackage

_MESSAGE: Final = Select(
    2,
    {
        1: PublicMessage,
        2: PrivateMessage,
        3: Welcome,
        4: UnverifiedGroupInfo,
        5: UnverifiedKeyPackage,
    },
)


def encode_message(message: MLSMessage) -> bytes:
    """``message`` with version and wire format in front."""
    return MLS_10.to_bytes(2, "big") + _MESSAGE.encode(message)


def decode_message(data: bytes) -> MLSMessage:
    """The message in ``data``; nothing in it is verified. Raises :class:`PeerError`."""
    if data[:2] != MLS_10.to_bytes(2, "big"):
        raise PeerError("a message of another protocol version")
    message: MLSMessage = _MESSAGE.decode(data[2:])
    if isinstance(message, UnverifiedKeyPackage) and message.version != MLS_10:
        raise PeerError("a key package of another version than its message")
    return message
