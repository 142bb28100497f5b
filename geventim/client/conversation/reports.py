"""What a user is told: of invitations, void commits, a time out of step, and a long wait."""

from typing import Final

from geventim.client.causes import Cause
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Event, Notice
from geventim.client.kept.stages import Stage

SHORT: Final = 2.0
"""Seconds for which somebody may be out of step without a word about it."""

SLOW: Final = 5.0
"""Seconds for which what a user wants may wait for a turn without a word about it."""

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
        conversation.user.emit(Notice.own("moved", name=conversation.name))
    elif author and (count or was_long):
        conversation.explain(Cause.SHUT_OUT, author=author, count=count)
    elif count:
        conversation.explain(Cause.MISSED, count=count)


class Wait:
    """Says once that what the user wants in a ``conversation`` waits for our turn to commit.

    The server lets whoever has shut others out, also by getting in anew, wait for the next turn.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._since: float | None = None
        self._told = False

    @property
    def wake_at(self) -> float | None:
        """When there is something to say, in seconds since the epoch."""
        return None if self._since is None or self._told else self._since + SLOW

    def poll(self) -> None:
        """Say so, if it is time to."""
        conversation = self._conversation
        if not self._is_waiting():
            self._since, self._told = None, False
        elif self._since is None:
            self._since = conversation.user.clock()
        elif not self._told and conversation.user.clock() - self._since >= SLOW:
            self._told = True
            comes = conversation.stage is Stage.REQUEUED
            conversation.user.emit(
                Notice.own("waiting_for_turn", name=conversation.name, comes=comes)
            )

    def _is_waiting(self) -> bool:
        conversation = self._conversation
        if conversation.stage not in {Stage.IN_LINE, Stage.REQUEUED}:
            return False
        return conversation.intent.new_key is not None or conversation.parcels.queued


def tell_invitation(conversation: Conversation, author: str) -> None:
    """``author`` has added us to a group; many of them at a time are one line."""
    user = conversation.user
    gathered = user.digest.gather(Invitations, Invitations)
    if gathered is None:
        user.emit(_invitation(conversation.name, author))
    else:
        gathered.add(conversation.name, author)


def _invitation(name: str, author: str) -> Event:
    return Notice.told("added", name=name, nick=author)


class Invitations:
    """Many groups to which others have added us."""

    def __init__(self) -> None:
        self._all: list[tuple[str, str]] = []

    def add(self, name: str, author: str) -> None:
        """One more, by ``author``."""
        self._all.append((name, author))

    def tell(self) -> list[Event]:
        """All of them as one."""
        name, author = self._all[-1]
        if len(self._all) == 1:
            return [_invitation(name, author)]
        others = len({each for _, each in self._all}) > 1
        return [Notice.told("added", count=len(self._all), nick=author, others=others)]
