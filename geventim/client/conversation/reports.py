"""What a user is told about commits that do not count, and about a time out of step."""

from typing import Final

from geventim.client.causes import Cause
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Notice, Speaker

SHORT: Final = 2.0
"""Seconds for which somebody may be out of step without a word about it."""

QUIET: Final = 60.0
"""Seconds in which the void commits of one author are told once."""


def tell_void(conversation: Conversation, cause: Cause, author: str) -> None:
    """Somebody has made a commit that does not count; many of them are one line."""
    now = conversation.user.clock()
    if now - conversation.told_void.get(author, -QUIET) >= QUIET:
        conversation.told_void = {
            nick: at for nick, at in conversation.told_void.items() if now - at < QUIET
        }
        conversation.told_void[author] = now
        conversation.explain(cause, author=author)


def has_missed(conversation: Conversation) -> bool:
    """Whether there is something to tell about a time in which we were out of step."""
    return bool(conversation.record.missed or conversation.record.shut_out)


def tell_missed(conversation: Conversation) -> None:
    """Say how much could not be read while we were out of step, and whose doing that was."""
    record = conversation.record
    present = conversation.seat_of().public.context.epoch
    count = record.missed + sum(each.epoch != present for each in conversation.closed)
    was_long = bool(record.shut_out) and conversation.user.clock() - record.shut_out > SHORT
    author, came = record.author, conversation.came
    record.missed, record.shut_out, record.author, conversation.came = 0, 0, "", False
    conversation.keep()
    if count and came:
        text = f"What was written in '{conversation.name}' until now cannot be read here."
        conversation.user.emit(Notice(text, "moved", Speaker.CLIENT))
    elif author and (count or was_long):
        conversation.explain(Cause.SHUT_OUT, author=author, count=count)
    elif count:
        conversation.explain(Cause.MISSED, count=count)
