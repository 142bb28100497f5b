"""The group context: what all members of an epoch agree on (RFC 9420 §8.1)."""

from dataclasses import dataclass

from geventim.errors import PeerError
from geventim.mls.ground.capabilities import extension_features, required_features
from geventim.mls.ground.extensions import Extensions, required_capabilities
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.wire.presentation import Opaque, Struct, Uint16, Uint64


@dataclass(frozen=True, slots=True)
class GroupContext(Struct):
    """A summary of the group's state in one epoch."""

    version: Uint16
    cipher_suite: Uint16
    group_id: Opaque
    epoch: Uint64
    tree_hash: Opaque
    confirmed_transcript_hash: Opaque
    extensions: Extensions


def check_members(context: GroupContext, tree: RatchetTree) -> None:
    """Raise :class:`PeerError` unless all of ``tree`` together fit the group (RFC 9420 §7.3).

    Keys are unique, credentials understood by all, and everybody supports version, suite, every
    extension of the group and what it requires (§11.1, §13.4).
    """
    census = tree.census
    census.check()
    features = [
        ("version", context.version),
        ("cipher suite", context.cipher_suite),
        *extension_features(context.extensions),
        *required_features(required_capabilities(context.extensions)),
    ]
    if not all(census.all_support(feature) for feature in features):
        raise PeerError("a member does not support what the group needs")
