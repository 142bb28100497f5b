"""The secret tree: a key of its own for every message of every member (RFC 9420 §9).

Looking a key up changes nothing; :meth:`SecretTree.take` then deletes what the key came from. So a
message that turns out to be forged leaves no trace.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from geventim.crypto.aead import NONCE_SIZE
from geventim.errors import MisuseError, PeerError
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite
from geventim.mls.tree import tree_math
from geventim.wire.presentation import Opaque, Struct, Uint8, Uint32

LAST_GENERATION: Final = (1 << 32) - 1
"""Never used, so that the one after the last used has a number."""


class RatchetKind(IntEnum):
    """A member has two ratchets."""

    HANDSHAKE = 0
    APPLICATION = 1


@dataclass(frozen=True, slots=True)
class MessageKey(Struct):
    """Key and nonce of one message, by its generation."""

    generation: Uint32
    key: Opaque = field(repr=False)
    nonce: Opaque = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ratchet:
    """One sender's keys from ``generation`` on, and those of ``late`` messages before it."""

    generation: int
    secret: bytes = field(repr=False)
    late: Mapping[int, MessageKey] = field(default_factory=dict, repr=False)

    def seek(
        self, suite: CipherSuite, generation: int, max_ahead: int, max_late: int | None = None
    ) -> "tuple[MessageKey, Ratchet]":
        """The key of ``generation``, and the ratchet that no longer has it.

        It keeps ``max_late`` keys of what was skipped, the newest; of others no key is even made.
        As many as it may go ahead, if that is not said. Raises :class:`PeerError` for a key that
        was used, or is more than ``max_ahead`` away.
        """
        if generation < self.generation:
            key = self.late.get(generation)
            if key is None:
                raise PeerError("a message that was received before")
            late = {other: kept for other, kept in self.late.items() if other != generation}
            return key, Ratchet(self.generation, self.secret, late)
        if generation >= LAST_GENERATION or generation - self.generation > max_ahead:
            raise PeerError("a message too far ahead of its sender's last")
        kept = max_ahead if max_late is None else max_late
        late = dict(self.late)
        secret = self.secret
        for skipped in range(self.generation, generation):
            if skipped >= generation - kept:
                late[skipped] = _message_key(suite, secret, skipped)
            secret = _next_secret(suite, secret, skipped)
        for oldest in sorted(late)[: max(0, len(late) - kept)]:
            del late[oldest]
        key = _message_key(suite, secret, generation)
        return key, Ratchet(generation + 1, _next_secret(suite, secret, generation), late)


@dataclass(frozen=True, slots=True)
class SavedSecret(Struct):
    """A secret that was not consumed, at its position in the tree."""

    position: Uint32
    secret: Opaque = field(repr=False)


@dataclass(frozen=True, slots=True)
class SavedRatchet(Struct):
    """A ratchet, by its leaf and kind."""

    leaf: Uint32
    kind: Uint8
    generation: Uint32
    secret: Opaque = field(repr=False)
    late: tuple[MessageKey, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SavedSecretTree(Struct):
    """A secret tree at rest."""

    leaf_count: Uint32
    secrets: tuple[SavedSecret, ...]
    ratchets: tuple[SavedRatchet, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A key, and what :meth:`SecretTree.take` does to the tree it was found in."""

    key: MessageKey
    leaf: int
    kind: RatchetKind
    ratchet: Ratchet
    opened: "tuple[dict[int, bytes], list[int], Ratchet] | None" = field(repr=False)

    def without_late(self) -> "Found":
        """The same, forgetting the keys before it: nobody sends them any more."""
        return replace(self, ratchet=replace(self.ratchet, late={}))


class SecretTree:
    """The ratchets of one epoch, each derived when it is first needed."""

    __slots__ = ("_leaf_count", "_ratchets", "_secrets", "_suite")

    def __init__(self, suite: CipherSuite, leaf_count: int, encryption_secret: bytes) -> None:
        self._suite = suite
        self._leaf_count = leaf_count
        self._secrets = {tree_math.root(leaf_count): encryption_secret}
        self._ratchets: dict[tuple[int, RatchetKind], Ratchet] = {}

    def fork(self) -> "SecretTree":
        """A copy that changes by itself."""
        other = SecretTree(self._suite, self._leaf_count, b"")
        other._secrets = self._secrets.copy()
        other._ratchets = self._ratchets.copy()
        return other

    def generation(self, leaf: int, kind: RatchetKind) -> int:
        """The first generation of a ratchet that was not reached yet."""
        ratchet = self._ratchets.get((leaf, kind))
        return ratchet.generation if ratchet else 0

    def seek(
        self,
        leaf: int,
        kind: RatchetKind,
        generation: int,
        max_ahead: int,
        max_late: int | None = None,
    ) -> Found:
        """The key of a message; nothing changes. Raises :class:`PeerError`.

        The ratchet goes ``max_ahead`` steps at most, and keeps ``max_late`` keys of those that it
        passes, see :meth:`Ratchet.seek`.
        """
        ratchet = self._ratchets.get((leaf, kind))
        opened = None
        if ratchet is None:
            siblings, path, secret = self._open(leaf)
            both = [
                Ratchet(0, self._suite.expand_with_label(secret, label, b"", HASH_SIZE))
                for label in ("handshake", "application")
            ]
            ratchet = both[kind]
            opened = (siblings, path, both[1 - kind])
        key, after = ratchet.seek(self._suite, generation, max_ahead, max_late)
        return Found(key, leaf, kind, after, opened)

    def take(self, found: Found) -> None:
        """Delete the key that :meth:`seek` just found, and all that it could be derived from."""
        if found.opened is not None:
            siblings, path, other = found.opened
            for position in path:
                self._secrets.pop(position, None)
            self._secrets |= siblings
            self._ratchets[found.leaf, RatchetKind(1 - found.kind)] = other
        self._ratchets[found.leaf, found.kind] = found.ratchet

    def leave_out(self, leaf: int, kind: RatchetKind, generation: int) -> None:
        """Delete the keys of a ratchet before ``generation``, if they are still there.

        Raises :class:`MisuseError` for a number that no key has.
        """
        if not 0 <= generation <= LAST_GENERATION:
            raise MisuseError("a generation that does not exist")
        if generation > self.generation(leaf, kind):
            found = self.seek(leaf, kind, generation - 1, generation)
            self.take(found.without_late())

    def save(self) -> SavedSecretTree:
        """What is left of the tree."""
        return SavedSecretTree(
            self._leaf_count,
            tuple(
                SavedSecret(position, self._secrets[position]) for position in sorted(self._secrets)
            ),
            tuple(
                SavedRatchet(
                    leaf, kind, ratchet.generation, ratchet.secret, tuple(ratchet.late.values())
                )
                for (leaf, kind), ratchet in sorted(self._ratchets.items())
            ),
        )

    @classmethod
    def restore(cls, suite: CipherSuite, saved: SavedSecretTree) -> "SecretTree":
        """The tree that :meth:`save` was called on."""
        tree = cls(suite, saved.leaf_count, b"")
        tree._secrets = {entry.position: entry.secret for entry in saved.secrets}
        tree._ratchets = {
            (entry.leaf, RatchetKind(entry.kind)): Ratchet(
                entry.generation, entry.secret, {key.generation: key for key in entry.late}
            )
            for entry in saved.ratchets
        }
        return tree

    def _open(self, leaf: int) -> tuple[dict[int, bytes], list[int], bytes]:
        """A leaf's secret, the secrets beside the path to it, and the positions of the path."""
        if leaf >= self._leaf_count:
            raise PeerError("a leaf outside the tree")
        path = [2 * leaf, *tree_math.direct_path(leaf, self._leaf_count)]
        depth = next((i for i, node in enumerate(path) if node in self._secrets), None)
        if depth is None:
            raise MisuseError("the secrets of this leaf are gone")
        secret = self._secrets[path[depth]]
        siblings = {}
        for node in range(depth, 0, -1):
            above, below = path[node], path[node - 1]
            left, right = (
                self._suite.expand_with_label(secret, "tree", side, HASH_SIZE)
                for side in (b"left", b"right")
            )
            if below < above:
                siblings[tree_math.right(above)] = right
                secret = left
            else:
                siblings[tree_math.left(above)] = left
                secret = right
        return siblings, path[: depth + 1], secret


def _message_key(suite: CipherSuite, secret: bytes, generation: int) -> MessageKey:
    return MessageKey(
        generation,
        suite.derive_tree_secret(secret, "key", generation, suite.aead.key_size),
        suite.derive_tree_secret(secret, "nonce", generation, NONCE_SIZE),
    )


def _next_secret(suite: CipherSuite, secret: bytes, generation: int) -> bytes:
    return suite.derive_tree_secret(secret, "secret", generation, HASH_SIZE)
