"""Who is in a group, and what a commit changes about that: what members have signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from geventim.chat.names import fold
from geventim.client.events import Event, Members
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.user import User
from geventim.mls.leaf_node import LeafNode
from geventim.mls.ratchet_tree import RatchetTree
from geventim.mls.staged_commit import Effects


@dataclass(frozen=True, slots=True)
class Difference:
    """Who came and who went. Somebody who got in anew did neither."""

    added: tuple[Somebody, ...] = ()
    removed: tuple[Somebody, ...] = ()


def people(leaves: Iterable[LeafNode]) -> dict[bytes, Somebody]:
    """Who ``leaves`` are, by account id, in their order."""
    found = (read_credential(leaf.credential) for leaf in leaves)
    return {somebody.account: somebody for somebody in found}


def members(tree: RatchetTree) -> dict[bytes, Somebody]:
    """Everybody in a group, as its ``tree`` says."""
    return people(leaf for _, leaf in tree.members())


def find(tree: RatchetTree, account: bytes) -> int | None:
    """The leaf index of ``account``."""
    for index, leaf in tree.members():
        if read_credential(leaf.credential).account == account:
            return index
    return None


def changed_by(effects: Effects) -> Difference:
    """What a commit changes."""
    return between(people(effects.removed.values()), people(effects.added.values()))


def describe(now: dict[bytes, Somebody], before: dict[bytes, Somebody] | None) -> str:
    """Sentences that say who is in a conversation, and how that differs from what we knew."""
    names = ", ".join(sorted((somebody.nick for somebody in now.values()), key=fold))
    text = f"In it are: {names}."
    if before is None:
        return text
    difference = between(before, now)
    for what, people in (("New", difference.added), ("Gone", difference.removed)):
        if people:
            text += (
                f" {what} since your client left off: {', '.join(each.nick for each in people)}."
            )
    return text


def between(before: dict[bytes, Somebody], after: dict[bytes, Somebody]) -> Difference:
    """What changed from one roster to another."""
    return Difference(
        tuple(somebody for account, somebody in after.items() if account not in before),
        tuple(somebody for account, somebody in before.items() if account not in after),
    )


def announce(user: User, change: Members) -> None:
    """Tell the user who came and who went; of many at a time, in one event."""
    name = change.conversation
    gathered = user.digest.gather((Members, name), lambda: Turnover(name))
    if gathered is None:
        user.emit(change)
    else:
        gathered.add(change)


class Turnover:
    """Many changes of who is in a conversation: who has come, and who has gone, in the end."""

    def __init__(self, conversation: str) -> None:
        self._conversation = conversation
        self._came: dict[str, bool] = {}
        self._verified: dict[str, None] = {}
        self._by: set[str] = set()

    def add(self, change: Members) -> None:
        """One of them."""
        self._came |= dict.fromkeys(change.removed, False)
        self._came |= dict.fromkeys(change.added, True)
        self._verified |= dict.fromkeys(change.verified)
        self._by.add(change.by)

    def tell(self) -> list[Event]:
        """All of them as one."""
        added = tuple(nick for nick, came in self._came.items() if came)
        removed = tuple(nick for nick, came in self._came.items() if not came)
        by = "".join(self._by) if len(self._by) == 1 else ""
        verified = tuple(nick for nick in self._verified if nick in added)
        return [Members(self._conversation, added, removed, by, verified)]
