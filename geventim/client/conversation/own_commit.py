"""The commit of ours that is on its way, and the group that it leads to."""

from geventim.client.kept.memory import Memory
from geventim.client.kept.record import Pending, keep_pending, load_pending
from geventim.client.sealing.engine import Engine
from geventim.errors import MisuseError
from geventim.mls.groups.group import Group


class OwnCommit:
    """That of one ``conversation``; there is one at a time at most, and it outlives the process.

    ``pending`` is None while none is on its way.
    """

    def __init__(self, memory: Memory, engine: Engine, conversation: bytes) -> None:
        self._memory = memory
        self._engine = engine
        self._conversation = conversation
        self._prepared: Group | None = None
        self.pending = load_pending(memory, conversation)

    def put(self, pending: Pending, after: Group) -> None:
        """It is about to leave, and leads to the group ``after`` it."""
        self.pending, self._prepared = pending, after
        keep_pending(self._memory, self._conversation, pending)

    def accept(self, seq: int) -> None:
        """The server has put it at ``seq``."""
        if self.pending is not None:
            self.pending.seq = seq
            keep_pending(self._memory, self._conversation, self.pending)

    def take(self) -> tuple[Pending, Group]:
        """It is not on its way any more; what it was, and the group that it led to."""
        if (pending := self.pending) is None:
            raise MisuseError("no commit of ours is on its way")
        prepared = self._prepared
        self.drop()
        return pending, prepared or self._engine.restore(pending.fixed, pending.moving)

    def drop(self) -> None:
        """None is on its way any more."""
        self._prepared = None
        if self.pending is not None:
            self.pending = None
            keep_pending(self._memory, self._conversation, None)
