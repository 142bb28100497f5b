"""A conversation as its user sees it in a list."""

from collections.abc import Iterable

from geventim.client.answers import Conversation as Listed
from geventim.client.conversation.acquaintance import standings
from geventim.client.conversation.conversation import Conversation
from geventim.client.people.trust import Standing


def mark(conversation: Conversation) -> tuple[object, ...]:
    """What is another value whenever :func:`describe` may have changed; it takes no time."""
    record, bookmark = conversation.record, conversation.bookmark
    return (
        record.label,
        record.member,
        record.stage,
        record.transcript,
        conversation.user.trust.changes,
        bookmark.read,
        bookmark.unread,
        bookmark.mentions,
        bookmark.is_muted,
        bookmark.draft,
    )


def describe(conversation: Conversation) -> Listed:
    """What a list says of it."""
    record, bookmark = conversation.record, conversation.bookmark
    found = _standings(conversation)
    return Listed(
        conversation.hex,
        conversation.name,
        record.kind,
        record.keyed,
        record.stage,
        bookmark.unread,
        bookmark.mentions,
        bookmark.read,
        len(found),
        _least(standing for nick, standing in found.items() if nick != conversation.user.nick),
        bookmark.is_muted,
        bookmark.draft,
    )


def _standings(conversation: Conversation) -> dict[str, Standing]:
    user, record = conversation.user, conversation.record
    if conversation.seat is not None:
        return standings(user, conversation.seat.tree)
    if record.peer is None:
        return {}
    nick, identity = record.peer.nick, record.peer.identity
    return {nick: user.trust.standing(nick, identity), user.nick: Standing.VERIFIED}


def _least(found: Iterable[Standing]) -> Standing:
    """The least that is held of any of them; of nobody, nothing is held."""
    there = set(found)
    for standing in (Standing.CHANGED, Standing.UNVERIFIED, Standing.VERIFIED):
        if standing in there:
            return standing
    return Standing.UNVERIFIED
