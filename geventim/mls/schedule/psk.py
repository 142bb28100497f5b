"""Pre-shared keys: secrets from elsewhere that enter the key schedule (RFC 9420 §8.4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite, Random
from geventim.mls.schedule.key_schedule import NO_SECRET
from geventim.wire.presentation import Opaque, Select, Struct, Uint8, Uint16, Uint64

APPLICATION: Final = 1
REINIT: Final = 2
BRANCH: Final = 3


@dataclass(frozen=True, slots=True)
class ExternalPsk(Struct):
    """The name of a PSK that the application provides."""

    psk_id: Opaque


@dataclass(frozen=True, slots=True)
class ResumptionPsk(Struct):
    """The name of the PSK that the members of some epoch of some group have."""

    usage: Uint8
    psk_group_id: Opaque
    psk_epoch: Uint64


PskName = ExternalPsk | ResumptionPsk

PskSource = Callable[[PskName], bytes | None]
"""Looks a PSK up, or returns None."""

_PSK: Final = Select(1, {1: ExternalPsk, 2: ResumptionPsk})


@dataclass(frozen=True, slots=True)
class PreSharedKeyID(Struct):
    """One use of a PSK; the 32-byte nonce makes it different from every other use."""

    name: Annotated[PskName, _PSK]
    psk_nonce: Opaque

    def check(self) -> None:
        """Raise :class:`PeerError` unless usage and nonce are well-formed."""
        if isinstance(self.name, ResumptionPsk) and not APPLICATION <= self.name.usage <= BRANCH:
            raise PeerError("a resumption PSK for an unknown use")
        if len(self.psk_nonce) != HASH_SIZE:
            raise PeerError("a PSK nonce of the wrong size")

    @property
    def links_groups(self) -> bool:
        """Whether the PSK is for a new group that continues an old one (RFC 9420 §11.2, §11.3)."""
        return isinstance(self.name, ResumptionPsk) and self.name.usage in (REINIT, BRANCH)


@dataclass(frozen=True, slots=True)
class PSKLabel(Struct):
    """One of ``count`` PSKs, in its place."""

    id: PreSharedKeyID
    index: Uint16
    count: Uint16


def psk_id(name: PskName, random: Random) -> PreSharedKeyID:
    """A fresh use of the PSK called ``name``."""
    return PreSharedKeyID(name, random(HASH_SIZE))


def psk_secret(suite: CipherSuite, psks: Sequence[tuple[PreSharedKeyID, bytes]]) -> bytes:
    """All PSKs, in their order, as one secret."""
    secret = NO_SECRET
    for index, (name, psk) in enumerate(psks):
        label = PSKLabel(name, index, len(psks)).encode()
        extracted = suite.extract(NO_SECRET, psk)
        entry = suite.expand_with_label(extracted, "derived psk", label, HASH_SIZE)
        secret = suite.extract(entry, secret)
    return secret


def look_up(suite: CipherSuite, wanted: Sequence[PreSharedKeyID], source: PskSource) -> bytes:
    """The secret of all ``wanted`` PSKs. Raises :class:`PeerError` if we lack one."""
    if len(wanted) > 0xFFFF:
        raise PeerError("too many PSKs")
    found = []
    for name in wanted:
        psk = source(name.name)
        if psk is None:
            raise PeerError("a PSK that we do not have")
        found.append((name, psk))
    return psk_secret(suite, found)


def no_psks(name: PskName) -> bytes | None:  # noqa: ARG001 - the signature of every source
    """The source that has none."""
    return None
