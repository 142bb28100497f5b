"""What must hold for all members together, counted so that nobody has to be asked again.

Each change of the tree is booked here; whether a key is unique, and whether everybody supports a
feature (RFC 9420 §7.3, §12.2), is then a matter of looking at a number.
"""

from typing import Final

from geventim.errors import PeerError
from geventim.mls.ground.capabilities import Feature
from geventim.mls.ground.credentials import credential_type
from geventim.mls.ground.leaf_node import LeafNode

_COMPACT_ABOVE: Final = 256


class _Tally:
    """How often each key occurs; copying one costs no more for more keys."""

    __slots__ = ("_base", "_changed", "repeated")

    def __init__(self) -> None:
        self._base: dict[bytes, int] = {}
        self._changed: dict[bytes, int] = {}
        self.repeated = 0

    def fork(self) -> "_Tally":
        if len(self._changed) > _COMPACT_ABOVE:
            # Rare enough that, shared among the commits in between, it costs each of them little.
            merged = self._base | self._changed
            self._base = {key: count for key, count in merged.items() if count}
            self._changed = {}
        other = _Tally()
        other._base = self._base
        other._changed = self._changed.copy()
        other.repeated = self.repeated
        return other

    def __getitem__(self, key: bytes) -> int:
        changed = self._changed.get(key)
        return self._base.get(key, 0) if changed is None else changed

    def add(self, key: bytes) -> None:
        count = self._changed[key] = self[key] + 1
        self.repeated += count == 2

    def remove(self, key: bytes) -> None:
        count = self._changed[key] = self[key] - 1
        self.repeated -= count == 1


class Census:
    """The members of one tree, all together."""

    __slots__ = ("_credentials", "_encryption_keys", "_signature_keys", "_supporters", "members")

    def __init__(self) -> None:
        self.members = 0
        self._encryption_keys = _Tally()
        self._signature_keys = _Tally()
        self._supporters: dict[Feature, int] = {}
        self._credentials: dict[int, int] = {}

    def fork(self) -> "Census":
        """A copy that changes by itself."""
        other = Census()
        other.members = self.members
        other._encryption_keys = self._encryption_keys.fork()
        other._signature_keys = self._signature_keys.fork()
        other._supporters = self._supporters.copy()
        other._credentials = self._credentials.copy()
        return other

    def add_key(self, encryption_key: bytes) -> None:
        """A parent gets a key."""
        self._encryption_keys.add(encryption_key)

    def remove_key(self, encryption_key: bytes) -> None:
        """A parent loses its key."""
        self._encryption_keys.remove(encryption_key)

    def add(self, leaf: LeafNode) -> None:
        """A member comes."""
        self.members += 1
        self._encryption_keys.add(leaf.encryption_key)
        self._signature_keys.add(leaf.signature_key)
        self._count(leaf, 1)

    def remove(self, leaf: LeafNode) -> None:
        """A member goes."""
        self.members -= 1
        self._encryption_keys.remove(leaf.encryption_key)
        self._signature_keys.remove(leaf.signature_key)
        self._count(leaf, -1)

    def has_encryption_key(self, encryption_key: bytes) -> bool:
        """Whether some node has that key."""
        return self._encryption_keys[encryption_key] > 0

    def has_signature_key(self, signature_key: bytes) -> bool:
        """Whether some member signs with that key."""
        return self._signature_keys[signature_key] > 0

    def all_support(self, feature: Feature) -> bool:
        """Whether every member lists ``feature``."""
        return self._supporters.get(feature, 0) == self.members

    def check(self) -> None:
        """Raise :class:`PeerError` if a key is used twice or a credential not understood."""
        if self._encryption_keys.repeated:
            raise PeerError("two nodes have one encryption key")
        if self._signature_keys.repeated:
            raise PeerError("two members have one signature key")
        for kind, count in self._credentials.items():
            if count and not self.all_support(("credential", kind)):
                raise PeerError("a credential type is in use that not everybody supports")

    def _count(self, leaf: LeafNode, step: int) -> None:
        for feature in leaf.capabilities.features():
            count = self._supporters.get(feature, 0) + step
            if count:
                self._supporters[feature] = count
            else:
                del self._supporters[feature]
        kind = credential_type(leaf.credential)
        self._credentials[kind] = self._credentials.get(kind, 0) + step
