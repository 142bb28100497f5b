"""Our seat in a group: with the secrets of its epoch, or as one sees it who lacks them.

Whoever has a seat follows every commit that counts. If it does not open, the seat stays, and help
of a member in step makes it whole again.
"""

from dataclasses import dataclass

from geventim.client.kept.memory import Memory
from geventim.client.sealing.engine import Engine
from geventim.errors import MisuseError, PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.groups import archive
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import ReceivedApplication
from geventim.mls.schedule.psk import PskSource
from geventim.mls.tree.ratchet_tree import RatchetTree


@dataclass(frozen=True, slots=True)
class Shelf:
    """Under which names a seat is kept: a group in its two parts, or what it looks like."""

    fixed: str
    moving: str
    outlook: str

    def clear(self, memory: Memory) -> None:
        """Keep nothing there."""
        for name in (self.fixed, self.moving, self.outlook):
            memory.drop(name)


class Seat:
    """A seat: a :class:`Group` while it is whole, and a :class:`Vantage` otherwise."""

    def __init__(self, place: Group | Vantage) -> None:
        self._place = place

    @property
    def is_whole(self) -> bool:
        """Whether we have the secrets of the epoch."""
        return isinstance(self._place, Group)

    @property
    def group(self) -> Group:
        """The group, of which we have the secrets."""
        if not isinstance(self._place, Group):
            raise MisuseError("we lack the secrets of this epoch")
        return self._place

    @property
    def vantage(self) -> Vantage:
        """What of it needs no secrets of the epoch."""
        return self._place.vantage if isinstance(self._place, Group) else self._place

    @property
    def public(self) -> PublicState:
        """What everybody knows of the group."""
        return self.vantage.public

    @property
    def tree(self) -> RatchetTree:
        """Its members."""
        return self.public.tree

    @property
    def own_index(self) -> int:
        """Our leaf index."""
        return self.vantage.own_index

    @property
    def leaf(self) -> LeafNode:
        """Our leaf."""
        return self.vantage.leaf

    @property
    def is_ours(self) -> bool:
        """Whether we have the key of our leaf: otherwise another copy of us has made it."""
        vantage = self.vantage
        return vantage.keys.leaf.public == vantage.leaf.encryption_key

    def follow(self, followed: Followed, psks: PskSource) -> None:
        """Go one epoch further, with its secrets if they open. It must not take our seat."""
        if isinstance(self._place, Group):
            try:
                staged = self._place.open(followed, psks)
            except PeerError:
                pass
            else:
                self._place.merge(staged)
                return
        self._place = self.vantage.after(followed)

    def opens(self, payload: bytes, engine: Engine) -> bool:
        """Whether a message of somebody else opens here; its key is not used up by that."""
        if not isinstance(self._place, Group):
            return False
        copy = Group(self._place.state.fork(), engine.random, engine.policy)
        try:
            return isinstance(copy.receive(payload), ReceivedApplication)
        except PeerError:
            return False

    def enter(self, group: Group) -> None:
        """Have the secrets of the epoch again."""
        self._place = group

    def keep(self, memory: Memory, shelf: Shelf) -> None:
        """Have it kept."""
        place = self._place
        if isinstance(place, Group):
            memory.drop(shelf.outlook)
            memory.put_later(shelf.fixed, lambda: archive.save_fixed(place.state))
            self.keep_ratchets(memory, shelf)
        else:
            memory.drop(shelf.fixed)
            memory.drop(shelf.moving)
            memory.put_later(shelf.outlook, lambda: archive.save_vantage(place))

    def keep_ratchets(self, memory: Memory, shelf: Shelf) -> None:
        """Have kept what messages change."""
        group = self.group
        memory.put_later(shelf.moving, lambda: archive.save_moving(group.state))

    @classmethod
    def restore(cls, memory: Memory, engine: Engine, shelf: Shelf) -> "Seat | None":
        """The one that is kept. Raises :class:`StoreError` if that is damaged."""
        fixed, moving = memory.get(shelf.fixed), memory.get(shelf.moving)
        if fixed is not None and moving is not None:
            return cls(engine.restore(fixed, moving))
        outlook = memory.get(shelf.outlook)
        return None if outlook is None else cls(engine.restore_outlook(outlook))
