"""One thing done, and gone again: a message sent, a conversation watched, wishes answered."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from geventim.app import ending
from geventim.app.attachment import INTERRUPTED
from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.app.settings import Settings
from geventim.app.stay import Stay
from geventim.app.view import View
from geventim.chat import limits
from geventim.chat.names import fold
from geventim.client.answers import Answer, Done, Refusal, Refused
from geventim.client.events import Connected, ConversationChanged, Event, Message, Transfer
from geventim.client.operations.addressing import PERSON
from geventim.client.sealing.content import ContentKind, too_large
from geventim.client.wishes import Cancel, Members, Say, Whois, Wish
from geventim.errors import StoreError, UserError

SAYING: Final = 1
CANCELLING: Final = 2
LOOKING: Final = 3
"""The ids of what is wished."""

NO_REASON: Final = frozenset({"ambiguous_name", INTERRUPTED.code})
"""Codes that do not mean that nothing can be written there: several may be watched."""

PATIENCE: Final = 2.0
"""Seconds for it to be said whether a message could be held back."""


class Errand:
    """A view that waits for answers."""

    def __init__(self) -> None:
        self.said: AsyncResult[Answer] = AsyncResult()
        self.cancelled: AsyncResult[Answer] = AsyncResult()
        self._has_progress = False

    def take_progress(self) -> bool:
        """Whether something was heard of a file since this was asked last."""
        had, self._has_progress = self._has_progress, False
        return had

    def show(self, notes: Sequence[Note]) -> None:
        """Note what has come of it."""
        for note in notes:
            self._has_progress |= isinstance(note.item, Transfer)
            if isinstance(note.item, Answer):
                answered = self.said if note.item.answer == SAYING else self.cancelled
                answered.set(note.item)

    def remark(self, text: str) -> None:
        """Only what has come of the message is told."""


class Answers:
    """Shows in ``view`` the answers alone."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.remark = view.remark

    def show(self, notes: Sequence[Note]) -> None:
        """Tell the program what came of its wishes."""
        self._view.show([note for note in notes if isinstance(note.item, Answer)])


class Watch:
    """Shows in ``view`` what is written in one conversation, called ``to`` as in a wish.

    Whenever the user may not be in it, ``stay`` is asked, and left if nothing can be written there.
    """

    stay: Stay

    def __init__(self, view: View, to: str) -> None:
        self._view = view
        self._to = to
        self._error: UserError | None = None
        self._looking: Wish = (
            Whois(id=LOOKING, nick=to[1:])
            if to.startswith(PERSON)
            else Members(id=LOOKING, conversation=to)
        )
        self.remark = view.remark

    def show(self, notes: Sequence[Note]) -> None:
        """Tell the user what is new there."""
        for note in notes:
            match note.item:
                case Connected() | ConversationChanged(gone=True):
                    # It may have to wait, and what is told meanwhile is to be shown.
                    gevent.spawn(self.stay.grant, self._looking)
                case Refused(answer=wish, refused=refused) if wish == LOOKING:
                    self._refuse(refused)
        self._view.show([note for note in notes if self._concerns(note.item)])

    def ending(self, how: Ending) -> Ending:
        """``how`` it ended, or why nothing can be written there.

        What came of looking is of no account: nobody has wished for that.
        """
        if self._error is not None:
            return Ending(ending.FAILED, self._error)
        has_only_looked = how.error is None and how.exit_code == ending.NO_SERVER
        return Ending(ending.DONE if has_only_looked else how.exit_code, how.error)

    def _refuse(self, refused: Refusal) -> None:
        if not refused.retry and refused.code not in NO_REASON:
            self._error = UserError(refused.code, refused.text)
            self.stay.leave()

    def _concerns(self, item: Event | Answer) -> bool:
        if not isinstance(item, Message):
            return False
        is_private = item.kind is ContentKind.PRIVATE
        marked = ("@" if is_private else "#") + fold(item.conversation)
        return fold(self._to) in {marked, marked[1:], item.conversation_id}


def send(
    settings: Settings,
    to: str,
    text: str,
    seconds: float,
    unlock: Callable[[], str | None],
    files: tuple[str, ...] = (),
) -> Ending:
    """Send ``text`` and ``files``, within so many seconds or not at all; how that ended.

    While files are on their way they have so many seconds from the last that was heard of them.
    """
    errand = Errand()
    stay = Stay(settings, errand, unlock)
    running = gevent.spawn(_run, stay)
    saying = gevent.spawn(_say, stay, to, text, files)
    either: list[Any] = [errand.said, running]
    gevent.wait(either, seconds, 1)
    while errand.take_progress() and not errand.said.ready() and not running.ready():
        gevent.wait(either, seconds, 1)
    if not errand.said.ready() and not running.ready():
        saying.kill()
        how = _hold_back(stay, errand)
        stay.leave()
        running.get()
        return how
    saying.kill()
    if not running.ready():
        stay.end_input()
    ended: Ending = running.get()
    if not errand.said.ready():
        return ended if ended.error else Ending(ending.NO_SERVER, undelivered=1)
    answer = errand.said.get()
    if isinstance(answer, Refused):
        return Ending(ending.FAILED, UserError(answer.refused.code, answer.refused.text))
    return Ending(ending.DONE)


def _run(stay: Stay) -> Ending:
    try:
        return stay.run()
    except StoreError as error:
        return ending.failed(error)


def _say(stay: Stay, to: str, text: str, files: tuple[str, ...]) -> None:
    stay.await_entry()
    stay.grant(Say(id=SAYING, to=to, text=text, files=files))


def _hold_back(stay: Stay, errand: Errand) -> Ending:
    """Have a message not sent that has not left; how that came."""
    text, advice = "The message was not delivered in time.", "It was withdrawn."
    if stay.is_open:
        stay.grant(Cancel(id=CANCELLING, request=SAYING))
        errand.cancelled.wait(PATIENCE)
        if isinstance(errand.said.value, Done):
            return Ending(ending.DONE)
        if not isinstance(errand.cancelled.value, Done):
            advice = "It had left already, and may still arrive."
    return Ending(ending.NO_SERVER, UserError("not_delivered", text, advice))


def read_text(given: str | None) -> str:
    """``given``, or all of standard input. Raises :class:`UserError` if that is no message."""
    if given not in {None, "-"}:
        return str(given)
    read = ThreadPool(1).apply(sys.stdin.buffer.read, (limits.PAYLOAD_SIZE + 1,))
    if len(read) > limits.PAYLOAD_SIZE:
        raise too_large()
    try:
        text = read.decode().removesuffix(os.linesep)
    except UnicodeDecodeError:
        raise UserError("not_text", "Standard input is not UTF-8 text.") from None
    if not text:
        raise UserError("usage", "There is nothing to send.")
    return str(text)
