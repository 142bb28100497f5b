"""Update paths: fresh keys from a committer's leaf to the root (RFC 9420 §7.6)."""

from dataclasses import dataclass

from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.ground.leaf_node import UnverifiedLeafNode
from geventim.wire.presentation import Opaque, Struct


@dataclass(frozen=True, slots=True)
class UpdatePathNode(Struct):
    """One parent's new key, and its path secret for everybody on the other side."""

    encryption_key: Opaque
    encrypted_path_secret: tuple[HPKECiphertext, ...]


@dataclass(frozen=True, slots=True)
class UpdatePath(Struct):
    """The committer's new leaf, and the parents of its filtered direct path from it up."""

    leaf_node: UnverifiedLeafNode
    nodes: tuple[UpdatePathNode, ...]
