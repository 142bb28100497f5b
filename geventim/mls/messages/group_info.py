"""GroupInfo: what a newcomer has to know about a group (RFC 9420 §12.4.3)."""

from dataclasses import dataclass, fields

from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import MLS_10, CipherSuite, suite_of
from geventim.mls.ground.extensions import RATCHET_TREE, Extension, Extensions, find_extension
from geventim.mls.ground.leaf_node import UnverifiedLeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.tree_validation import UnverifiedTree
from geventim.wire.presentation import Opaque, Struct, Uint32, write_opaque


@dataclass(frozen=True, slots=True)
class UnverifiedGroupInfo(Struct):
    """A GroupInfo as it came; :meth:`verify` gives the :class:`GroupInfo` and its tree."""

    group_context: GroupContext
    extensions: Extensions
    confirmation_tag: Opaque
    signer: Uint32
    signature: Opaque

    def content(self) -> bytes:
        """``GroupInfoTBS``."""
        out = bytearray()
        self.write(out)
        tail = bytearray()
        write_opaque(tail, self.signature)
        return bytes(out[: len(out) - len(tail)])

    def verify(self, policy: Policy, tree: bytes | None = None) -> "tuple[GroupInfo, RatchetTree]":
        """The GroupInfo with the tree it speaks of, once both are valid.

        ``tree`` is the tree in the form of the ``ratchet_tree`` extension, where the GroupInfo
        does not bring it. Raises :class:`PeerError`. The confirmation tag remains to be checked by
        who gets to know the epoch's secrets.
        """
        context = self.group_context
        if context.version != MLS_10:
            raise PeerError("a group of another protocol version")
        if context.epoch > policy.max_epoch:
            raise PeerError("a group in an epoch that nobody gets to by committing")
        suite = suite_of(context.cipher_suite)
        nodes = find_extension(self.extensions, RATCHET_TREE) if tree is None else tree
        if nodes is None:
            raise PeerError("a group without its tree")
        unverified = UnverifiedTree.decode(nodes, policy)
        self.verify_signature(suite, unverified)
        info = GroupInfo(*[getattr(self, field.name) for field in fields(self)])
        return info, unverified.verify(suite, context, policy)

    def verify_signature(self, suite: CipherSuite, tree: UnverifiedTree) -> None:
        """Raise :class:`PeerError` unless the member at ``signer`` signed this."""
        position = 2 * self.signer
        leaf = tree.nodes[position] if position < len(tree.nodes) else None
        if not isinstance(leaf, UnverifiedLeafNode):
            raise PeerError("a GroupInfo by nobody")
        suite.verify_with_label(
            suite.verifier(leaf.signature_key), "GroupInfoTBS", self.content(), self.signature
        )


@dataclass(frozen=True, slots=True)
class GroupInfo(UnverifiedGroupInfo):
    """A GroupInfo that a member signed, of a group that is in order."""


def sign_group_info(
    suite: CipherSuite,
    signing_key: SigningKey,
    signer: int,
    context: GroupContext,
    confirmation_tag: bytes,
    extensions: tuple[Extension, ...],
) -> GroupInfo:
    """A GroupInfo made by the member at leaf index ``signer``."""
    unsigned = UnverifiedGroupInfo(context, extensions, confirmation_tag, signer, b"")
    signature = suite.sign_with_label(signing_key, "GroupInfoTBS", unsigned.content())
    return GroupInfo(context, extensions, confirmation_tag, signer, signature)
