"""How everything is: what somebody needs to know who is told only what changes from now on."""

from collections.abc import Iterator
from typing import Final

from geventim.chat.names import fold
from geventim.client import answers
from geventim.client.answers import Connection
from geventim.client.conversation import outgoing
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.summary import describe
from geventim.client.events import Delivery, Message
from geventim.client.operations import verification
from geventim.client.operations.context import Context
from geventim.client.operations.reading.browsing import listed
from geventim.client.operations.saying import letters
from geventim.client.phases import Phase

CONNECTIONS: Final = {
    Phase.OFFLINE: Connection.OFFLINE,
    Phase.ENTERING: Connection.ENTERING,
    Phase.READY: Connection.ONLINE,
    Phase.ENDED: Connection.ENDED,
}


def take(context: Context, phase: Phase, last: str) -> answers.Snapshot:
    """How everything is, after the event with the number ``last``."""
    places = conversations(context)
    return answers.Snapshot(
        last,
        context.user.nick,
        context.user.profile.server,
        CONNECTIONS[phase],
        context.room_name,
        context.status,
        tuple(map(describe, places)),
        {
            place.hex: verification.members(context, place).members
            for place in places
            if place.in_step
        },
        tuple(
            answers.Present(nick, context.present[nick])
            for nick in sorted(context.present, key=fold)
        ),
        tuple(listed(message, is_own=True) for message in _queued(context)),
    )


def _queued(context: Context) -> Iterator[Message]:
    """What the user has written and the server has not confirmed."""
    for place in context.conversations:
        yield from outgoing.queued(place.record, place.parcels)
    for letter in context.user.letters:
        yield letters.message(context, letter, Delivery.QUEUED)


def conversations(context: Context) -> list[Conversation]:
    """All that the user is in, by name."""
    found = [each for each in context.conversations if each.record.member]
    return sorted(found, key=lambda each: (each.name, each.id))
