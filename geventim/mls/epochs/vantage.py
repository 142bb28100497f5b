"""A member's place in a group that it follows, whether or not it knows the epoch's secrets.

It moves with every commit that is right (:mod:`.following`). Who knows the member secret of the
epoch, because somebody told it, is in the group again with
:meth:`geventim.mls.groups.group.Group.enter`.
"""

from dataclasses import dataclass, field

from geventim.errors import MisuseError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed
from geventim.mls.ground.leaf_node import Client, LeafNode
from geventim.mls.tree.nodes import path_to
from geventim.mls.tree.treekem import PrivateKeys, open_path


@dataclass(frozen=True, slots=True)
class Vantage:
    """The member at leaf ``own_index``, with those of its keys that it has."""

    public: PublicState
    own_index: int
    keys: PrivateKeys = field(repr=False)
    client: Client = field(repr=False)

    @property
    def leaf(self) -> LeafNode:
        """Our leaf."""
        return self.public.tree.member(self.own_index)

    def after(self, followed: Followed) -> "Vantage":
        """Our place after a commit to ``public``, which must not remove us.

        Keys that its path gives us are kept, and of the others those that are still in the tree.
        Raises :class:`MisuseError` for a commit that removes us, or to another state.
        """
        if followed.before != self.public:
            raise MisuseError("a commit to another epoch")
        if self.own_index in followed.effects.removed:
            raise MisuseError("who is removed has no place any more")
        keys, path = self.keys, followed.commit.path
        if path is not None:
            suite, own = self.public.suite, (self.own_index, keys)
            context, newcomers = followed.provisional.encode(), followed.change.newcomers
            keys = open_path(suite, followed.steps, path, own, context, newcomers).keys
        after = followed.after
        return Vantage(after, self.own_index, keys.within(after.tree, self.own_index), self.client)

    def lacking(self) -> int | None:
        """The level of the lowest node above us whose key we should have and lack, if one is.

        It is 1 right above us. Nodes that are blank, or below which we are unmerged, have no key
        for us. It is also the :func:`common_level` of us and the member whose path set that key.
        """
        for branch, _ in path_to(self.public.tree.root, self.own_index):
            if branch.node is None or self.own_index in branch.node.unmerged_leaves:
                continue
            if self.keys.of(branch) is None:
                return branch.level
        return None


def common_level(a: int, b: int) -> int:
    """The level of the lowest common ancestor of two leaf indexes: 1 for neighbours."""
    return (a ^ b).bit_length()
