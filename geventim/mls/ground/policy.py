"""The limits of a group's members and what their application decides, as one value.

All members of a group must use the same decisions: whether a commit is valid is a function of the
group and of the commit's bytes alone, and they have to agree about it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.credentials import Credential
from geventim.mls.ground.leaf_node import FromKeyPackage, LeafNode, UnverifiedLeafNode

THREE_MONTHS: Final = 93 * 24 * 3600
"""Seconds."""


def no_padding(size: int) -> int:  # noqa: ARG001 - the signature of every padding
    """Never pad."""
    return 0


def pad_to(bucket: int) -> Callable[[int], int]:
    """Pad to a multiple of ``bucket`` bytes."""
    return lambda size: -size % bucket


# Some take no notice of what every such function is given.
def any_credential(credential: Credential, signature_key: bytes) -> bool:  # noqa: ARG001 - see above
    """Believe what members say about themselves."""
    return True


def no_newcomer(credential: Credential, signature_key: bytes) -> bool:  # noqa: ARG001 - as above
    """Nobody gets in by asking."""
    return False


def same_credential(old: Credential, new: Credential) -> bool:
    """A member stays who it is."""
    return old == new


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits, and the application's part in validation.

    ======================  ==================================================================
    max_generations_ahead   steps that one message may move its sender's ratchet (§15.3)
    max_late_keys           keys of late messages that are kept for each ratchet, the newest
    max_epoch               the highest epoch of a group that is taken from outside
    past_epochs             epochs whose late messages still open, and whose resumption PSKs
                            are kept
    max_leaves              the largest tree that is taken from outside
    max_leaf_size           bytes that a leaf node may have; None is any number
    max_lifetime            seconds that a key package may be good for; None is for ever (§7.2)
    padding                 bytes to add to a plaintext of so many bytes (§15.1)
    max_pending             proposals of one epoch that are kept
    accept_credential       whether credential and signature key belong together (§5.3.1)
    accept_successor        whether the second credential may replace the first (§5.3.1)
    accept_newcomer         whether a client's own proposal to be added is considered (§12.1.8)
    ======================  ==================================================================
    """

    max_generations_ahead: int = 1024
    max_late_keys: int = 1024
    max_epoch: int = (1 << 64) - 1
    past_epochs: int = 5
    max_pending: int = 1024
    max_leaves: int = 1 << 16
    max_leaf_size: int | None = None
    max_lifetime: int | None = THREE_MONTHS
    padding: Callable[[int], int] = no_padding
    accept_credential: Callable[[Credential, bytes], bool] = any_credential
    accept_successor: Callable[[Credential, Credential], bool] = same_credential
    accept_newcomer: Callable[[Credential, bytes], bool] = no_newcomer

    def check_leaf(self, leaf: LeafNode) -> None:
        """Raise :class:`PeerError` if the application refuses ``leaf`` in any group."""
        if self.max_leaf_size is not None and len(leaf.encode()) > self.max_leaf_size:
            raise PeerError("a leaf node that is too large")
        if not self.accept_credential(leaf.credential, leaf.signature_key):
            raise AuthenticationError
        if isinstance(leaf.source, FromKeyPackage):
            length = leaf.source.lifetime.length
            if length < 0:
                raise PeerError("a leaf node's lifetime ends before it begins")
            if self.max_lifetime is not None and length > self.max_lifetime:
                raise PeerError("a leaf node's lifetime is too long")

    def check_newcomer(self, leaf: LeafNode | UnverifiedLeafNode) -> None:
        """Raise :class:`PeerError` unless a client may ask to be added with ``leaf``."""
        if not self.accept_newcomer(leaf.credential, leaf.signature_key):
            raise AuthenticationError

    def check_successor(self, old: LeafNode, new: LeafNode) -> None:
        """Raise :class:`PeerError` unless ``new`` may stand where ``old`` does."""
        if old.encryption_key == new.encryption_key:
            raise PeerError("a leaf node keeps its encryption key")
        if not self.accept_successor(old.credential, new.credential):
            raise AuthenticationError


DEFAULT_POLICY: Final = Policy()
