"""Capabilities and lifetime of a member (RFC 9420 §7.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from geventim.mls.ground.cipher_suite import MLS_10, SUITES
from geventim.mls.ground.credentials import BASIC
from geventim.mls.ground.extensions import DEFAULT_EXTENSIONS, Extension, RequiredCapabilities
from geventim.wire.presentation import Struct, Uint16, Uint64

DEFAULT_PROPOSALS: Final = frozenset(range(1, 8))
"""The types that every client understands and none lists (RFC 9420 §7.2)."""

LIST_NAMES: Final = ("version", "cipher suite", "extension", "proposal", "credential")
"""What each list of :class:`Capabilities` holds, in their order."""

Feature = tuple[str, int]
"""One entry of one list, such as ``("extension", 0xf042)``."""


@dataclass(frozen=True, slots=True)
class Capabilities(Struct):
    """What a client supports; unknown values are other clients' business."""

    versions: tuple[Uint16, ...] = (MLS_10,)
    cipher_suites: tuple[Uint16, ...] = tuple(SUITES)
    extensions: tuple[Uint16, ...] = ()
    proposals: tuple[Uint16, ...] = ()
    credentials: tuple[Uint16, ...] = (BASIC,)

    def features(self) -> Iterator[Feature]:
        """Every entry of every list, each once."""
        lists = (
            self.versions,
            self.cipher_suites,
            self.extensions,
            self.proposals,
            self.credentials,
        )
        for name, entries in zip(LIST_NAMES, lists, strict=True):
            for entry in set(entries):
                yield name, entry


@dataclass(frozen=True, slots=True)
class Lifetime(Struct):
    """Seconds since 1970 between which a key package is good."""

    not_before: Uint64
    not_after: Uint64

    def covers(self, now: int) -> bool:
        """Whether ``now`` is within."""
        return self.not_before <= now <= self.not_after

    @property
    def length(self) -> int:
        """Seconds from one end to the other."""
        return self.not_after - self.not_before


def extension_features(extensions: tuple[Extension, ...]) -> Iterator[Feature]:
    """What one must support to understand ``extensions``, defaults aside."""
    for extension in extensions:
        if extension.extension_type not in DEFAULT_EXTENSIONS:
            yield "extension", extension.extension_type


def required_features(required: RequiredCapabilities) -> Iterator[Feature]:
    """What ``required`` asks for, defaults aside."""
    for extension in required.extension_types:
        if extension not in DEFAULT_EXTENSIONS:
            yield "extension", extension
    for proposal in required.proposal_types:
        if proposal not in DEFAULT_PROPOSALS:
            yield "proposal", proposal
    for credential in required.credential_types:
        yield "credential", credential
