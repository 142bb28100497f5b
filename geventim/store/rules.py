"""What every store decides alike, once it has looked up what the decision needs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace as change_struct

from geventim.chat import limits, log
from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind
from geventim.store.heads import Undoing


def is_repeated(known: Account, new: Account) -> bool:
    """Whether registering ``new`` repeats what made ``known``: the same keys and the same nick."""
    return (
        (known.id, known.identity, known.channel_key) == (new.id, new.identity, new.channel_key)
    ) and fold(known.nick) == fold(new.nick)


def repeat_create(known: Conversation, *, deleted: bool) -> Conversation | log.Refusal:
    """The outcome of creating ``known`` once more."""
    return log.NO_CONVERSATION if deleted else known


def refuse_append(
    change: log.Append, conversation: Conversation, *, is_member: bool, is_peer_dnd: bool
) -> log.Refusal | None:
    """Why ``change`` is not applied, whatever it builds on; None when it may be.

    ``is_peer_dnd``: the other one of a conversation of two does not want to be talked to.
    """
    if change.kind is EntryKind.DELETE:
        is_owner = conversation.kind is Kind.GROUP and conversation.creator == change.author
        is_deletable = conversation.kind is not Kind.DM
        return None if is_deletable and (is_owner or change.operator) else log.NOT_ALLOWED
    if not is_member:
        return log.NOT_A_MEMBER
    if change.kind is EntryKind.LEAVE and conversation.kind is Kind.DM:
        return log.NOT_ALLOWED
    if change.kind is EntryKind.MESSAGE and is_peer_dnd:
        return log.DO_NOT_DISTURB
    return None


@dataclass(frozen=True, slots=True)
class Members:
    """The membership as a commit finds it: ``has`` and ``count`` before anything is taken back."""

    has: Callable[[bytes], bool]
    count: int
    undoing: Undoing

    def included(self, account: bytes) -> bool:
        """Whether the account is a member once that was taken back."""
        restored, ousted = self.undoing.restored, self.undoing.ousted
        return account in restored or (account not in ousted and self.has(account))

    def total(self) -> int:
        """How many members there are then."""
        touched = self.undoing.restored | self.undoing.ousted
        return self.count + sum(self.included(each) - self.has(each) for each in touched)


@dataclass(frozen=True, slots=True)
class Effect:
    """Who becomes a member by a commit, and who does not stay one."""

    joined: tuple[bytes, ...]
    gone: tuple[bytes, ...]


def judge_commit(
    change: log.Commit, conversation: Conversation, members: Members
) -> Effect | log.Refusal:
    """What ``change`` does to the membership, or why it is not applied.

    ``conversation`` has the gate of the commit that is built on.
    """
    if not (members.has(change.author) and members.included(change.author)):
        if conversation.kind is not Kind.ROOM or change.author not in change.added:
            return log.NOT_A_MEMBER
        if len(change.added) > 1 or change.removed or change.gate is not None:
            return log.NOT_ALLOWED
        if conversation.gate and conversation.gate != change.proven:
            return log.BAD_GATE
    added = dict.fromkeys(change.added)
    joined = tuple(each for each in added if not members.included(each))
    gone = tuple(
        each
        for each in dict.fromkeys(change.removed)
        if each not in added and members.included(each)
    )
    if conversation.kind is Kind.DM and (joined or gone):
        return log.NOT_ALLOWED
    if change.gate is not None and not conversation.gate:
        return log.NOT_ALLOWED
    total = members.total() + len(joined) - len(gone)
    if conversation.kind is Kind.ROOM and joined and total > change.limit:
        return log.ROOM_FULL
    return Effect(joined, gone)


def refuse_contest(conversation: Conversation, *, is_member: bool) -> log.Refusal | None:
    """Why somebody may not contest anything; None when it depends on the commit."""
    if not is_member:
        return log.NOT_A_MEMBER
    return log.NOT_ALLOWED if conversation.kind is Kind.DM else None


def new_entry(change: log.Append | log.Commit, seq: int, previous: bytes) -> Entry:
    """The entry that ``change`` puts into the log as number ``seq``."""
    commit = change if isinstance(change, log.Commit) else None
    return Entry(
        change.conversation,
        seq,
        change.time,
        change.author,
        EntryKind.COMMIT if isinstance(change, log.Commit) else change.kind,
        change.message_id,
        previous,
        change.head,
        change.payload,
        commit.welcome if commit else b"",
        commit.added if commit else (),
        commit.removed if commit else (),
    )


def weight(entry: Entry) -> int:
    """What ``entry`` counts for in the usage of its author: only messages do."""
    is_message = entry.kind is EntryKind.MESSAGE
    return len(entry.payload) + limits.ENTRY_SIZE if is_message else 0


def shown_to(entry: Entry, account: bytes) -> Entry:
    """The entry as the account may see it: a Welcome is for those who are added."""
    return entry if account in entry.added else change_struct(entry, welcome=b"")


@dataclass(frozen=True, slots=True)
class Line:
    """What decides whether an entry expires; ``size`` is in bytes of payload."""

    seq: int
    time: float
    kind: EntryKind
    size: int


def expired(lines: Iterable[Line], change: log.Expire, size: int, unneeded: int) -> Iterator[Line]:
    """Those that are to be dropped of the ``lines`` of a log, in order.

    Its messages have ``size`` bytes; no member can need what is no message up to ``unneeded``.
    """
    for line in lines:
        is_old = line.time < change.before
        if line.kind is EntryKind.MESSAGE:
            if not is_old and (change.size is None or size <= change.size):
                return
            size -= line.size
            yield line
        elif is_old and line.seq <= unneeded and line.kind is not EntryKind.DELETE:
            yield line
