"""What conversations are called here: nothing that the user is in is called like anything else.

The names of groups are known to their members alone, so that two of them can have one name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from geventim.chat.names import fold, skeleton
from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import Record, keep_record
from geventim.client.people import roster
from geventim.mls.tree.ratchet_tree import RatchetTree


class Labels:
    """Who has which name, of the conversations that are kept in ``memory``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._promised: set[str] = set()
        self._holders: dict[str, dict[bytes, Record]] = {}

    def hold(self, record: Record) -> None:
        """Take up what a conversation is called."""
        for form in _forms(record.label):
            self._holders.setdefault(form, {})[record.id] = record

    def is_taken(self, name: str, but: bytes = b"") -> bool:
        """Whether one that we are in has this name, or one that looks like it, ``but`` for one."""
        return any(
            form in self._promised
            or any(
                record.member and record.id != but
                for record in self._holders.get(form, {}).values()
            )
            for form in _forms(name)
        )

    @contextmanager
    def promise(self, name: str) -> Iterator[None]:
        """Have no group of anybody else get this name meanwhile."""
        forms = _forms(name)
        self._promised |= forms
        try:
            yield
        finally:
            self._promised -= forms

    def call(self, record: Record, alias: str) -> None:
        """Have a conversation called ``alias`` here; by its own name if that is empty."""
        for form in _forms(record.label):
            self._holders[form].pop(record.id, None)
        record.alias = alias
        keep_record(self._memory, record)
        self.hold(record)

    def tell_apart(self, record: Record) -> None:
        """Call a group something else if we have one of its name."""
        if record.kind is Kind.GROUP and self.is_taken(record.label, record.id):
            self.call(record, self._free_name(_unknown_founder(record), record.id))

    def name_after_founder(self, record: Record, tree: RatchetTree) -> None:
        """Put the founder's nick into what a group is called, now that its members are known."""
        if record.alias != _unknown_founder(record):
            return
        founder = roster.members(tree).get(record.founder)
        if founder is not None:
            self.call(record, self._free_name(f"{record.name}-{founder.nick}", record.id))

    def _free_name(self, wanted: str, conversation: bytes) -> str:
        """``wanted``, with a number behind it if something has that name."""
        if not self.is_taken(wanted, conversation):
            return wanted
        names = (f"{wanted}-{number}" for number in count(2))
        return next(name for name in names if not self.is_taken(name, conversation))


def _forms(name: str) -> frozenset[str]:
    """What two names have in common if they are the same, or look alike."""
    return frozenset({fold(name), skeleton(name)})


def _unknown_founder(record: Record) -> str:
    """What a group is called whose name is not free, while its founder's nick is not known."""
    return f"{record.name}-{record.founder.hex()[:8]}"
