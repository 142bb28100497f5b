"""Who comes and who goes, as the user is told."""

from collections.abc import Container

from geventim.chat.names import fold
from geventim.chat.values import Kind
from geventim.client.conversation.acquaintance import call_all
from geventim.client.events import Event, Members, Notice
from geventim.client.kept.record import Record
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody
from geventim.client.user import User
from geventim.mls.tree.ratchet_tree import RatchetTree


def announce(user: User, change: Members) -> None:
    """Tell the user who came and who went; of many at a time, in one event."""
    name, place = change.conversation, change.conversation_id
    gathered = user.digest.gather((Members, place), lambda: Turnover(name, place))
    if gathered is None:
        user.emit(change)
    else:
        gathered.add(change)


def tell_members(
    user: User, name: str, now: dict[bytes, Somebody], before: dict[bytes, Somebody] | None
) -> None:
    """Say who is in a conversation, and how that differs from what the user knew."""
    called = call_all(user, now)
    changes = difference(called, None if before is None else call_all(user, before))
    user.emit(Notice.own("members", name=name, **changes))


def remaining(tree: RatchetTree, departed: Container[bytes]) -> dict[bytes, Somebody]:
    """Who is in a group and has not ``departed``, as far as we know."""
    present = roster.members(tree)
    return {each: present[each] for each in present if each not in departed}


def tell_arrival(
    user: User,
    record: Record,
    tree: RatchetTree,
    known: dict[bytes, Somebody] | None,
    *,
    was_in: bool,
) -> None:
    """Say who is in a group that we have come into, and who came and went unseen."""
    now = roster.members(tree)
    is_unknown = record.kind is Kind.GROUP or was_in
    if is_unknown if known is None else known.keys() != now.keys():
        tell_members(user, record.label, now, known)


class Turnover:
    """Many changes of who is in a conversation: who has come, and who has gone, in the end."""

    def __init__(self, conversation: str, conversation_id: str) -> None:
        self._conversation = conversation
        self._id = conversation_id
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
        return [Members(self._conversation, added, removed, by, verified, self._id)]


def difference(
    now: dict[bytes, Somebody], before: dict[bytes, Somebody] | None
) -> dict[str, tuple[str, ...]]:
    """The nicks of those who are in a conversation, and of who is new or gone since ``before``."""
    names = tuple(sorted((somebody.nick for somebody in now.values()), key=fold))
    changed = roster.Difference() if before is None else roster.between(before, now)
    return {
        "names": names,
        "new": tuple(each.nick for each in changed.added),
        "gone": tuple(each.nick for each in changed.removed),
    }
