"""What every store decides alike, once it has looked up what the decision needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace as change_struct

from geventim.chat import limits
from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Sanction
from geventim.log.changes import Append, Commit, Expire, GiveState
from geventim.log.outcomes import (
    ACCOUNT_ENDED,
    BAD_GATE,
    DO_NOT_DISTURB,
    NO_COMMIT,
    NO_CONVERSATION,
    NOT_A_MEMBER,
    NOT_ALLOWED,
    ROOM_FULL,
    Given,
    Refusal,
)
from geventim.log.people import Invite, Register

TWO: Final = 2
"""Members of a conversation of two, unless the account of one of them has ended."""


def is_alone(conversation: Conversation, count: Callable[[], int]) -> bool:
    """Whether it is one of two that has fewer members by now; ``count`` says how many."""
    return conversation.kind is Kind.DM and count() < TWO


def is_repeated(known: Account, new: Account) -> bool:
    """Whether registering ``new`` repeats what made ``known``: the same keys and the same nick."""
    return (
        (known.id, known.identity, known.channel_key) == (new.id, new.identity, new.channel_key)
    ) and fold(known.nick) == fold(new.nick)


def admits(invite: Invite | None, change: Register) -> bool:
    """Whether ``invite`` lets in who registers."""
    return invite is not None and change.time < invite.end


def judge(account: Account, sanction: Sanction) -> Account | Refusal:
    """The account when ``sanction`` holds for it, unless it has ended before."""
    if account.sanction.has_ended and not sanction.has_ended:
        return ACCOUNT_ENDED
    if account.sanction is Sanction.RELEASED:
        return account
    is_operator = account.operator and not sanction.has_ended
    return change_struct(account, sanction=sanction, operator=is_operator)


def repeat_create(known: Conversation, *, deleted: bool) -> Conversation | Refusal:
    """The outcome of creating ``known`` once more."""
    return NO_CONVERSATION if deleted else known


def refuse_append(
    change: Append,
    conversation: Conversation,
    *,
    is_member: bool,
    is_alone: bool,
    is_peer_dnd: bool,
) -> Refusal | None:
    """Why ``change`` is not applied, whatever it builds on; None when it may be.

    ``is_alone``: it is a conversation of two, and the other one's account has ended.
    ``is_peer_dnd``: that one does not want to be talked to.
    """
    if change.kind is EntryKind.DELETE:
        is_owner = conversation.kind is Kind.GROUP and conversation.creator == change.author
        return None if is_owner or change.operator else NOT_ALLOWED
    if not is_member:
        return NOT_A_MEMBER
    if change.kind is EntryKind.LEAVE and conversation.kind is Kind.DM:
        return NOT_ALLOWED
    if change.kind is EntryKind.MESSAGE and is_alone:
        return ACCOUNT_ENDED
    if change.kind is EntryKind.MESSAGE and is_peer_dnd:
        return DO_NOT_DISTURB
    return None


@dataclass(frozen=True, slots=True)
class Effect:
    """Who becomes a member by a commit, and who does not stay one."""

    joined: tuple[bytes, ...]
    gone: tuple[bytes, ...]


def judge_commit(
    change: Commit, conversation: Conversation, has_member: Callable[[bytes], bool], count: int
) -> Effect | Refusal:
    """What ``change`` does to the membership, or why it is not applied.

    ``has_member`` tells who is a member of the ``count`` before it.
    """
    is_member = has_member(change.author)
    if not is_member:
        if conversation.kind is not Kind.ROOM or change.author not in change.added:
            return NOT_A_MEMBER
        if conversation.gate and conversation.gate != change.proven:
            return BAD_GATE
    added = dict.fromkeys(change.added)
    joined = tuple(each for each in added if not has_member(each))
    removed = tuple(each for each in dict.fromkeys(change.removed) if has_member(each))
    gone = tuple(each for each in removed if each not in added)
    if not (
        _may_add(change, conversation, joined)
        and _may_remove(change, conversation, removed)
        and (change.gate is None or (is_member and conversation.gate))
    ):
        return NOT_ALLOWED
    most = change.limit if conversation.kind is Kind.ROOM else limits.GROUP_LEAVES
    if joined and count + len(joined) - len(gone) > most:
        return ROOM_FULL
    return Effect(joined, gone)


def _may_add(change: Commit, conversation: Conversation, joined: Sequence[bytes]) -> bool:
    match conversation.kind:
        case Kind.ROOM:
            return set(change.added) <= {change.author}
        case Kind.GROUP:
            return True
        case Kind.DM:
            return not joined


def _may_remove(change: Commit, conversation: Conversation, removed: Sequence[bytes]) -> bool:
    if not removed:
        return True
    is_founder = conversation.kind is Kind.GROUP and change.author == conversation.creator
    return is_founder and change.author not in removed


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody of whom a state is kept, given when the commit ``at`` was the last.

    The last commit that the account has called void is ``called``.
    """

    account: bytes
    at: int
    called: int = 0


def judge_state(
    change: GiveState, *, is_member: bool, head: int, called: Entry | None
) -> Given | Refusal:
    """Whether a state is taken; ``called`` is the entry that ``change`` says does not count."""
    if not is_member:
        return NOT_A_MEMBER
    if head == 0:
        return NO_COMMIT
    if change.seq == 0:
        return Given(b"")
    if called is None or called.kind not in {EntryKind.COMMIT, EntryKind.MESSAGE}:
        return NO_COMMIT
    return Given(called.author)


def give(givers: Sequence[Giver], account: bytes, at: int, called: int = 0) -> list[Giver]:
    """Those of whom a state is kept when ``account`` gives one, the latest first.

    What it calls void counts only if it is the last.
    """
    known = next((each.called for each in givers if each.account == account), 0)
    others = [each for each in givers if each.account != account]
    return [Giver(account, at, max(known, called)), *others][: limits.STATES]


def has_called(givers: Sequence[Giver], change: GiveState) -> bool:
    """Whether the account has called this commit void before, or a later one."""
    return any(each.account == change.account and each.called >= change.seq > 0 for each in givers)


def new_entry(change: Append | Commit, seq: int, previous: bytes) -> Entry:
    """The entry that ``change`` puts into the log as number ``seq``."""
    commit = change if isinstance(change, Commit) else None
    return Entry(
        change.conversation,
        seq,
        change.time,
        change.author,
        EntryKind.COMMIT if isinstance(change, Commit) else change.kind,
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


def expired(lines: Iterable[Line], change: Expire, size: int, unneeded: int) -> Iterator[Line]:
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
