"""The judge: whether a change to a log is applied, and what it does.

A store looks up a :class:`Standing`, asks, and writes the :class:`Effect`. What is asked first, and
so which refusal is given where several would be right, is part of the law.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple, assert_never

from msgspec import Struct
from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat.values import Conversation, Entry, EntryKind, Kind
from geventim.log import outcomes
from geventim.log.changes import Append, Commit, GiveState
from geventim.log.effect import Effect, Giver, give, has_called
from geventim.log.entries import new_entry
from geventim.log.outcomes import Appended, Given, Refusal

LogChange = Append | Commit | GiveState
"""What is judged."""

CALLED: Final = frozenset({EntryKind.COMMIT, EntryKind.MESSAGE})
"""Of which a member may say that it is not theirs: it does not count, or does not open."""

TWO: Final = 2
"""Members of a conversation of two, unless the account of one of them has ended."""


class Standing(Struct, frozen=True):
    """A log as a change finds it, as far as that decides about the change.

    ``seq`` and ``hash`` are those of the last entry, ``commit`` is the last commit, ``members``
    counts all that there are. ``present`` are members among those whom :func:`named` names.
    ``repeated`` is the entry that the change repeats. ``is_peer_dnd``: the other one of two does
    not want to be talked to (only a message asks). ``givers`` matter to commits and states,
    ``called`` to a state: the entry that it says does not count, or does not open.
    """

    conversation: Conversation
    seq: int
    hash: bytes
    commit: int
    members: int
    deleted: bool
    present: Collection[bytes]
    repeated: Entry | None = None
    is_peer_dnd: bool = False
    givers: Sequence[Giver] = ()
    called: Entry | None = None


class Judgement(NamedTuple):
    """What comes of a change; without an effect nothing has to be written."""

    outcome: Appended | Given | Refusal
    effect: Effect | None = None


def named(change: LogChange) -> Collection[bytes] | None:
    """The accounts whose membership decides about ``change``; None is everybody."""
    match change:
        case Append(kind=EntryKind.DELETE):
            return None
        case Append():
            return (change.author,)
        case Commit():
            return {change.author, *change.added, *change.removed}
        case GiveState():
            return (change.account,)
    assert_never(change)


def judge(change: LogChange, log: Standing) -> Judgement:
    """What becomes of ``change`` in this log."""
    if log.repeated is not None:
        return Judgement(Appended(log.repeated, repeated=True))
    if log.deleted:
        return Judgement(outcomes.NO_CONVERSATION)
    match change:
        case Append():
            return _judge_append(change, log)
        case Commit():
            return _judge_commit(change, log)
        case GiveState():
            return _judge_state(change, log)
    assert_never(change)


def repeat_create(known: Conversation, *, deleted: bool) -> Conversation | Refusal:
    """What comes of creating ``known`` once more."""
    return outcomes.NO_CONVERSATION if deleted else known


def _judge_append(change: Append, log: Standing) -> Judgement:
    refusal = _refuse_append(change, log)
    if refusal is not None:
        return Judgement(refusal)
    entry = new_entry(change, log.seq + 1, log.hash)
    if change.kind is EntryKind.MESSAGE:
        effect = Effect(log.conversation, log.commit, log.members, entry=entry)
        return Judgement(Appended(entry), effect)
    is_deleted = change.kind is EntryKind.DELETE
    gone = tuple(sorted(log.present)) if is_deleted else (change.author,)
    effect = Effect(
        log.conversation,
        log.commit,
        log.members - len(gone),
        is_deleted,
        entry,
        gone=gone,
        is_left=change.kind is EntryKind.LEAVE,
    )
    ended = log.conversation if is_deleted else None
    return Judgement(Appended(entry, gone=gone, conversation=ended), effect)


def _refuse_append(change: Append, log: Standing) -> Refusal | None:
    conversation, kind = log.conversation, change.kind
    if kind is EntryKind.DELETE:
        is_owner = conversation.kind is Kind.GROUP and conversation.creator == change.author
        return None if is_owner or change.operator else outcomes.NOT_ALLOWED
    if change.author not in log.present:
        return outcomes.NOT_A_MEMBER
    if kind is EntryKind.LEAVE and conversation.kind is Kind.DM:
        return outcomes.NOT_ALLOWED
    if kind is not EntryKind.MESSAGE:
        return None
    if conversation.kind is Kind.DM and log.members < TWO:
        return outcomes.ACCOUNT_ENDED
    if log.is_peer_dnd:
        return outcomes.DO_NOT_DISTURB
    return None if change.head == log.commit else outcomes.STALE_HEAD


def _judge_commit(change: Commit, log: Standing) -> Judgement:
    if not change.turn:
        return Judgement(outcomes.NO_TURN)
    if change.head != log.commit:
        return Judgement(outcomes.STALE_HEAD)
    conversation = log.conversation
    refusal = _refuse_author(change, log)
    if refusal is not None:
        return Judgement(refusal)
    added = dict.fromkeys(change.added)
    joined = tuple(each for each in added if each not in log.present)
    removed = tuple(each for each in dict.fromkeys(change.removed) if each in log.present)
    gone = tuple(each for each in removed if each not in added)
    may_change_gate = change.author in log.present and conversation.gate
    if not (
        _may_add(change, conversation, joined)
        and _may_remove(change, conversation, removed)
        and (change.gate is None or may_change_gate)
    ):
        return Judgement(outcomes.NOT_ALLOWED)
    members = log.members + len(joined) - len(gone)
    most = change.limit if conversation.kind is Kind.ROOM else limits.GROUP_LEAVES
    if joined and members > most:
        return Judgement(outcomes.ROOM_FULL)
    if change.gate is not None:
        conversation = replace(conversation, gate=change.gate)
    entry = new_entry(change, log.seq + 1, log.hash)
    effect = Effect(
        conversation,
        entry.seq,
        members,
        entry=entry,
        joined=joined,
        gone=gone,
        givers=give(log.givers, change.author, entry.seq),
        group_info=change.group_info,
    )
    since = tuple((account, entry.seq - 1) for account in sorted(joined))
    outcome = Appended(
        entry,
        joined=since,
        gone=tuple(sorted(gone)),
        conversation=conversation,
        members=members,
    )
    return Judgement(outcome, effect)


def _refuse_author(change: Commit, log: Standing) -> Refusal | None:
    if change.author in log.present:
        return None
    if log.conversation.kind is not Kind.ROOM or change.author not in change.added:
        return outcomes.NOT_A_MEMBER
    gate = log.conversation.gate
    return outcomes.BAD_GATE if gate and gate != change.proven else None


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


def _judge_state(change: GiveState, log: Standing) -> Judgement:
    if change.account not in log.present:
        return Judgement(outcomes.NOT_A_MEMBER)
    if log.commit == 0:
        return Judgement(outcomes.NO_COMMIT)
    author = b""
    if change.seq != 0:
        called = log.called
        if called is None or called.kind not in CALLED:
            return Judgement(outcomes.NO_COMMIT)
        author = called.author
        if has_called(log.givers, change):
            return Judgement(Given(author, repeated=True))
    effect = Effect(
        log.conversation,
        log.commit,
        log.members,
        givers=give(log.givers, change.account, log.commit, change.seq),
        group_info=change.group_info,
    )
    return Judgement(Given(author), effect)
