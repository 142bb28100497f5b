"""What every store decides alike, once it has looked up what the decision needs."""

from geventim.chat import log
from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind


def is_repeated(known: Account, new: Account) -> bool:
    """Whether registering ``new`` repeats what made ``known``: the same keys and the same nick."""
    return (
        (known.id, known.identity, known.channel_key) == (new.id, new.identity, new.channel_key)
    ) and fold(known.nick) == fold(new.nick)


def repeat_create(
    known: Conversation, new: Conversation, *, deleted: bool
) -> Conversation | log.Refusal:
    """The outcome of creating ``new`` when ``known`` has its id."""
    # Who began a conversation of two is a matter of chance.
    is_same = known == new or (known.kind is Kind.DM and new.kind is Kind.DM)
    if not is_same:
        return log.NAME_TAKEN
    return log.NO_CONVERSATION if deleted else known


def refuse_append(
    change: log.Append, conversation: Conversation, *, is_member: bool, is_peer_dnd: bool
) -> log.Refusal | None:
    """Why ``change`` is not applied; None when it is.

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


def new_entry(change: log.Append, seq: int) -> Entry:
    """The entry that ``change`` puts into the log as number ``seq``."""
    return Entry(
        change.conversation,
        seq,
        change.time,
        change.author,
        change.kind,
        change.message_id,
        change.payload,
    )


def first_entry(change: log.Create) -> Entry:
    """The commit with which the log of a new group begins."""
    return Entry(
        change.conversation.id,
        1,
        change.time,
        change.conversation.creator,
        EntryKind.COMMIT,
        change.message_id,
        added=tuple(dict.fromkeys(change.members)),
    )
