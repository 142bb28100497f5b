"""Extensions: what a group, a member or a joiner's information carries beyond the base protocol.

RFC 9420 §13.4; the registry is §17.3.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from geventim.errors import PeerError
from geventim.mls.ground.credentials import AnyCredential
from geventim.wire.presentation import (
    Opaque,
    Reader,
    Struct,
    Uint16,
    codec,
    decode_vector,
    encode_vector,
)

APPLICATION_ID: Final = 1
RATCHET_TREE: Final = 2
REQUIRED_CAPABILITIES: Final = 3
EXTERNAL_PUB: Final = 4
EXTERNAL_SENDERS: Final = 5

DEFAULT_EXTENSIONS: Final = frozenset(range(1, 6))
"""The types that every client understands and none lists (RFC 9420 §7.2)."""


@dataclass(frozen=True, slots=True)
class Extension(Struct):
    """One extension; what its data mean depends on its type."""

    extension_type: Uint16
    extension_data: Opaque


_VECTOR: Final = codec(tuple[Extension, ...])


class _ExtensionList:
    """``Extension extensions<V>``, with no type twice (RFC 9420 §13.4)."""

    def write(self, out: bytearray, value: tuple[Extension, ...]) -> None:
        _VECTOR.write(out, value)

    def read(self, reader: Reader) -> tuple[Extension, ...]:
        extensions = reader.vector(Extension.read)
        if len({extension.extension_type for extension in extensions}) != len(extensions):
            raise PeerError("two extensions of one type")
        return extensions


Extensions = Annotated[tuple[Extension, ...], _ExtensionList()]


@dataclass(frozen=True, slots=True)
class RequiredCapabilities(Struct):
    """What every member must support (RFC 9420 §11.1)."""

    extension_types: tuple[Uint16, ...] = ()
    proposal_types: tuple[Uint16, ...] = ()
    credential_types: tuple[Uint16, ...] = ()

    def extension(self) -> Extension:
        """The extension of a GroupContext that says so."""
        return Extension(REQUIRED_CAPABILITIES, self.encode())


@dataclass(frozen=True, slots=True)
class ExternalSender(Struct):
    """Somebody outside the group whose proposals it considers (RFC 9420 §12.1.8.1)."""

    signature_key: Opaque
    credential: AnyCredential


@dataclass(frozen=True, slots=True)
class ExternalPub(Struct):
    """The public key that an external commit is made for (RFC 9420 §12.4.3.2)."""

    external_pub: Opaque

    def extension(self) -> Extension:
        """The extension of a GroupInfo that publishes it."""
        return Extension(EXTERNAL_PUB, self.encode())


def external_senders_extension(senders: tuple[ExternalSender, ...]) -> Extension:
    """The extension of a GroupContext that admits ``senders``."""
    return Extension(EXTERNAL_SENDERS, encode_vector(senders, ExternalSender))


def find_extension(extensions: tuple[Extension, ...], extension_type: int) -> bytes | None:
    """The data of the extension of that type, or None."""
    for extension in extensions:
        if extension.extension_type == extension_type:
            return extension.extension_data
    return None


def required_capabilities(extensions: tuple[Extension, ...]) -> RequiredCapabilities:
    """What ``extensions`` of a GroupContext require. Raises :class:`PeerError`."""
    data = find_extension(extensions, REQUIRED_CAPABILITIES)
    return RequiredCapabilities() if data is None else RequiredCapabilities.decode(data)


def external_senders(extensions: tuple[Extension, ...]) -> tuple[ExternalSender, ...]:
    """Who may propose from outside. Raises :class:`PeerError`."""
    data = find_extension(extensions, EXTERNAL_SENDERS)
    senders: tuple[Any, ...] = () if data is None else decode_vector(data, ExternalSender)
    return senders


def external_pub(extensions: tuple[Extension, ...]) -> bytes | None:
    """The external public key that a GroupInfo publishes. Raises :class:`PeerError`."""
    data = find_extension(extensions, EXTERNAL_PUB)
    return None if data is None else ExternalPub.decode(data).external_pub
