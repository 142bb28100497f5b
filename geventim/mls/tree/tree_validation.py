"""What a newcomer checks before it believes in a tree (RFC 9420 §12.4.3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.leaf_node import LeafNode, UnverifiedLeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.tree.group_context import GroupContext, check_members
from geventim.mls.tree.nodes import Branch, Node, ParentNode, Subtree
from geventim.mls.tree.parent_hash import branches, verify_parent_hashes
from geventim.mls.tree.ratchet_tree import RatchetTree, decode_nodes


@dataclass(frozen=True, slots=True)
class UnverifiedTree:
    """A ratchet tree as it came, in array form; :meth:`verify` gives the tree."""

    nodes: tuple[Node | None, ...]

    @classmethod
    def decode(cls, data: bytes, policy: Policy) -> "UnverifiedTree":
        """The tree in ``data``. Raises :class:`PeerError`."""
        return cls(decode_nodes(data, policy.max_leaves))

    def verify(self, suite: CipherSuite, context: GroupContext, policy: Policy) -> RatchetTree:
        """The tree, once it is the one that ``context`` speaks of and keeps every rule.

        Raises :class:`PeerError`. What is cheap is checked first.
        """
        tree = self.trust(suite)
        if tree.tree_hash() != context.tree_hash:
            raise PeerError("a tree that is not the group's")
        check_members(context, tree)
        check_unmerged_leaves(tree.root)
        verify_parent_hashes(suite, tree.root)
        for parent in self.nodes[1::2]:
            if parent is not None:
                suite.check_public_key(parent.encryption_key)
        for index, leaf in tree.members():
            policy.check_leaf(leaf.verify(suite, context.group_id, index))
        return tree

    def trust(self, suite: CipherSuite) -> RatchetTree:
        """The tree without a check, for one that was verified before, such as our own state."""
        nodes: Sequence[LeafNode | ParentNode | None] = [
            node.trust() if isinstance(node, UnverifiedLeafNode) else node for node in self.nodes
        ]
        return RatchetTree.build(suite, nodes)


def check_unmerged_leaves(root: Subtree) -> None:
    """Raise :class:`PeerError` unless every list of unmerged leaves makes sense.

    It is sorted and names members below its parent, which every parent in between names too.
    """
    listed = {
        branch.position: frozenset(branch.node.unmerged_leaves)
        for branch in branches(root)
        if branch.node is not None
    }
    for branch in branches(root):
        if branch.node is None:
            continue
        leaves = branch.node.unmerged_leaves
        if any(one >= other for one, other in pairwise(leaves)):
            raise PeerError("unmerged leaves are not in order")
        for index in leaves:
            here: Subtree = branch
            while isinstance(here, Branch):
                if not here.covers(index) or index not in listed.get(here.position, (index,)):
                    raise PeerError("an unmerged leaf is in the wrong place")
                here = here.right if index >= here.middle else here.left
            if here.node is None:
                raise PeerError("an unmerged leaf is blank")
