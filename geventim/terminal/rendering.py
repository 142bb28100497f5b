"""Events as lines for people."""

import enum
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from geventim.chat.names import fold
from geventim.client import events, stream
from geventim.client.events import Departure, Event, Speaker
from geventim.client.sealing.content import ContentKind
from geventim.lines.notices import some
from geventim.terminal import trust
from geventim.terminal.remarks import Remarks, annotate, text_of
from geventim.terminal.sanitizer import sanitize

SERVER: Final = "[Server]: "
LOCAL: Final = "* "
"""What stands before the words of the server, and before those of the client itself."""

DAY: Final = 86_400.0
"""Seconds after which a message is shown with its date, and not with its time alone."""

RESTLESS: Final = 3
"""How often somebody may come and go before nobody hears of it any more until they stay."""

CALM: Final = 600.0
"""Seconds without coming or going after which somebody is heard of again."""

LISTED: Final = 8
"""Names that a line has; of more it says how many they are."""

BRIEF: Final = 60
"""Characters of a message by which its author knows it again."""

VERIFIED: Final = "✓"
"""Behind the nick of somebody who was verified; no name has this character."""


CONTINUED: Final = "  | "
"""How every further line of a message begins; no first line does."""

TAB: Final = 4
"""Columns between two stops of a tab."""


class Tone(enum.Enum):
    """What a line is; its value is the parameter of the escape sequence that colours it."""

    SPEECH = "0"
    PRIVATE = "35"
    NOTICE = "36"
    PROBLEM = "31"
    SESSION = "2"
    PAST = "2;39"


DIAGNOSTIC: Final = frozenset({Tone.PROBLEM, Tone.SESSION})
"""Lines about the client itself; they go to standard error."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, safe to show: ``prefix`` says who or what speaks, ``text`` what they say.

    ``when`` comes before both; it is empty where nobody wants to know.  ``calls`` says whether it
    is for whoever reads it above others.
    """

    tone: Tone
    prefix: str
    text: str
    when: str = ""
    calls: bool = False

    def __repr__(self) -> str:
        return f"<{self.tone.name} line>"


class Renderer:
    """Renders events for somebody whose room is ``room``.

    With a ``clock`` (seconds since the epoch), every line says when it was written, and one's own
    messages have lines of their own. ``hint`` is added to the line that says for the first time
    that the user is connected.
    """

    def __init__(self, room: str, clock: Callable[[], float] | None = None, hint: str = "") -> None:
        self._room = room
        self._clock = clock
        self._hint = hint
        self._nick = ""
        self._lost = self._has_been_in = False
        self._remarks = Remarks()
        self._newcomers: set[str] = set()
        self._told: set[str] = set()
        self._queued: set[str] = set()
        self._moves: dict[str, deque[float]] = {}

    def render(self, event: Event) -> Line | None:
        """The line for ``event``; None where another event says it all."""
        if isinstance(event, events.Joined | events.Left):
            if self._is_known_to_come(event) or self._is_restless(event):
                return None
            self._note(event)
        elif isinstance(event, events.Members) and self._says_nothing_new(event):
            return None
        line = self._render(event)
        if line is not None and not isinstance(event, events.Joined | events.Left):
            self._newcomers.clear()
            self._told.clear()
        if isinstance(event, events.Members):
            self._told.update(event.added)
        if line is not None and self._clock is not None:
            calls = self._calls(event)
            return replace(line, when=self._when(event), calls=calls)
        return line

    def _is_known_to_come(self, event: events.Joined | events.Left) -> bool:
        """Whether the line before has said of everybody that they have come into a room."""
        came = {event.nick, *event.others}
        is_known = isinstance(event, events.Joined) and came <= self._told
        self._told -= came
        return is_known

    def _is_restless(self, event: events.Joined | events.Left) -> bool:
        """Whether somebody comes and goes all the time, which is told for a while only."""
        if self._clock is None or event.others:
            return False
        now = self._clock()
        moves = self._moves.setdefault(event.nick, deque(maxlen=2 * RESTLESS + 1))
        if moves and now - moves[-1] >= CALM:
            moves.clear()
        moves.append(now)
        return len(moves) > 2 * RESTLESS

    def _calls(self, event: Event) -> bool:
        """Whether ``event`` is for the user above others: private, or with their nick."""
        match event:
            case events.Message(history=False, nick=nick) if nick != self._nick:
                is_private = event.kind in {ContentKind.PRIVATE, ContentKind.SECRET}
                return is_private or mentions(event.message, self._nick)
            case events.Secret():
                return True
        return False

    def _when(self, event: Event) -> str:
        """When it was written, or happened."""
        if self._clock is None:
            return ""
        now = self._clock()
        date = event.date if isinstance(event, events.Message | events.Secret) else now
        written = datetime.fromtimestamp(date).astimezone()
        return f"{written:%Y-%m-%d %H:%M} " if now - date >= DAY else f"{written:%H:%M} "

    def _render(self, event: Event) -> Line | None:
        match event:
            case events.Message() | events.Edited():
                return self._said(event)
            case events.Deleted() | events.Reacted() | events.TimerSet() | events.Away():
                told = self._remarks.tell(event)
                return None if told is None else Line(Tone.NOTICE, LOCAL, sanitize(told))
            case events.Sent():
                return self._own(event)
            case events.Secret():
                nick = _mark(event.nick, event.verified)
                text = f"Secret message #{event.id} from {nick}: @open {event.id}"
                return Line(Tone.PRIVATE, "", text)
            case events.Joined() | events.Left():
                return _server(_presence(event))
            case events.Members():
                return _members(event)
            case events.Notice() | events.Announcement() | events.Web():
                return _notice(event)
            case events.Error():
                return Line(Tone.PROBLEM, "[Error]: ", sanitize(event.text))
            case events.KeyChanged():
                return Line(Tone.PROBLEM, "[Warning]: ", sanitize(trust.warn(event)))
            case stream.Behind():
                text = "You read too slowly: some lines are missing here. @history shows them."
                return Line(Tone.PROBLEM, "[Error]: ", text)
            case events.Delayed() | events.Transfer():
                return _under_way(event)
            case events.Connected() | events.Entered() | events.Reconnecting():
                return self._place(event)
        answer = trust.answer(event)
        return None if answer is None else Line(Tone.NOTICE, "* ", sanitize(answer))

    def _under_way(self, event: events.Message) -> Line | None:
        """How far a message of the user has come, if that is not known anyway.

        One that is sent at once is told by :class:`.events.Sent` alone.
        """
        is_away = self._lost or not self._has_been_in
        match event.delivery:
            case events.Delivery.QUEUED if is_away:
                self._queued.add(event.message_id)
                fate = "queued"
            case events.Delivery.REFUSED:
                self._queued.discard(event.message_id)
                fate = "not sent"
            case events.Delivery.SENT if event.message_id in self._queued:
                self._queued.discard(event.message_id)
                if self._clock is not None or event.kind is ContentKind.PRIVATE:
                    return None
                fate = "sent"
            case _:
                return None
        line = self._message(event)
        return replace(line, prefix=f"{line.prefix.removesuffix(': ')} ({fate}): ")

    def _own(self, event: events.Sent) -> Line | None:
        """What the user has said, where it would not be seen otherwise."""
        match event.kind:
            case ContentKind.PRIVATE:
                # Whoever typed something else is to see at once where it went.
                return _private_to(event.conversation, _block(event.message))
            case ContentKind.ROOM | ContentKind.GROUP if self._clock is not None:
                said = (event.conversation, event.kind, self._nick, event.message, 0.0, event.seq)
                message = events.Message(*said, message_id=event.message_id)
                self._remarks.note(message)
                return self._message(message)
        return None

    def _note(self, event: events.Joined | events.Left) -> None:
        nicks = {event.nick, *event.others}
        if isinstance(event, events.Joined):
            self._newcomers |= nicks
        else:
            self._newcomers -= nicks

    def _says_nothing_new(self, event: events.Members) -> bool:
        """Whether the lines before have told that they connected, and nothing else is to be said.

        To connect for the first time is to come here.
        """
        came = {*event.added}
        is_here = event.conversation == self._room and not event.removed and not event.verified
        if not is_here or event.by not in {"", *came} or not came <= self._newcomers:
            return False
        self._newcomers -= came
        return True

    def _place(self, event: events.Connected | events.Entered | events.Reconnecting) -> Line | None:
        """Where the user is now, or is not any more."""
        match event:
            case events.Connected():
                self._room, self._nick = event.room, event.nick
                hint, self._hint = self._hint, ""
                self._lost, self._has_been_in = False, True
                place = f", in {event.room}" if event.room else ""
                return remark(f"connected to {event.server} as {event.nick}{place}{hint}")
            case events.Entered():
                # A notice says it in words.
                self._room = event.room
            case events.Reconnecting() if not self._lost:
                # Every attempt is an event, but a long night without a server is one line.
                self._lost = True
                what = "connection lost" if self._has_been_in else "not connected"
                return remark(f"{what}; trying to return. What you type is sent then.")
        return None

    def _said(self, event: events.Message | events.Edited) -> Line | None:
        if isinstance(event, events.Edited):
            return self._edited(event)
        if event.is_own:
            return self._under_way(event)
        self._remarks.note(event)
        line = self._message(event)
        return replace(line, tone=Tone.PAST) if event.history else line

    def _edited(self, event: events.Edited) -> Line:
        """Like the message that it is now."""
        message = events.Message(
            event.conversation,
            event.kind,
            event.nick,
            event.message,
            0.0,
            event.seq,
            message_id=event.message_id,
            edited=True,
        )
        self._remarks.note(message)
        return self._message(message)

    def _message(self, event: events.Message) -> Line:
        nick, conversation = _mark(event.nick, event.verified), sanitize(event.conversation)
        nick, text = nick + sanitize(annotate(event)), _block(text_of(event))
        match event.kind:
            case ContentKind.PRIVATE if event.nick != event.conversation:
                return _private_to(event.conversation, text)
            case ContentKind.PRIVATE:
                return Line(Tone.PRIVATE, f"[Private from {nick}]: ", text)
            case ContentKind.SECRET:
                return Line(Tone.PRIVATE, f"[Secret from {nick}]: ", text)
            case ContentKind.GROUP:
                return Line(Tone.SPEECH, f"[Group {conversation} - {nick}]: ", text)
            case _:
                return Line(Tone.SPEECH, f"[{conversation}] {nick}: ", text)


def mentions(text: str, nick: str) -> bool:
    """Whether ``text`` names ``nick``, with the sign before it."""
    return (
        nick != ""
        and re.search(rf"(?<!\w)@{re.escape(fold(nick))}(?![\w.-]*\w)", fold(text)) is not None
    )


def _block(text: str) -> str:
    """All lines of ``text``, safe to show; none but the first looks like the beginning of one."""
    first, *others = text.split("\n")
    return "".join([_safe(first), *(f"\n{CONTINUED}{_safe(line)}" for line in others)])


def _safe(line: str) -> str:
    return sanitize(line.expandtabs(TAB))


def _private_to(nick: str, text: str) -> Line:
    return Line(Tone.PRIVATE, f"[Private to {sanitize(nick)}]: ", text)


def _mark(nick: str, verified: bool) -> str:
    return sanitize(nick) + (VERIFIED if verified else "")


def _some(event: events.Joined | events.Left) -> str:
    """Who has done something: one, or many."""
    return f"{some(event.nick, len(event.others))} {'have' if event.others else 'has'}"


def _members(event: events.Members) -> Line:
    """Who came into a conversation and who went, by themselves or by somebody else."""
    parts = []
    others = [nick for nick in (*event.added, *event.removed) if nick != event.by]
    by = f" by {event.by}" if others and event.by else ""
    if event.added:
        added = [f"{nick} ({trust.state(nick in event.verified)})" for nick in event.added]
        parts.append(f"{_list(added)} joined '{event.conversation}'{by}")
    if event.removed:
        parts.append(f"{_list(event.removed)} left '{event.conversation}'{by}")
    return remark(f"{'; '.join(parts)}.")


def _list(names: Sequence[str]) -> str:
    """All of ``names``, or the first of many."""
    others = len(names) - LISTED
    if others <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:LISTED])} and {others:,} others"


def _under_way(event: events.Delayed | events.Transfer) -> Line | None:
    """What waits to be delivered, or has failed on its way."""
    if isinstance(event, events.Delayed):
        return _delayed(event.messages)
    if event.failure is None:
        return None
    return remark(f"the transfer of {event.transfer.name} has failed: {event.failure.text}")


def _delayed(messages: tuple[str, ...]) -> Line:
    """What waits to be delivered, so that one knows which message is meant."""
    first, *others = messages
    if len(first) > BRIEF:
        first = f"{first[:BRIEF]}…"
    more = f" (and {len(others)} more)" if others else ""
    return remark(f"not delivered yet: {first}{more}")


def remark(text: str) -> Line:
    """A line about the session itself."""
    return Line(Tone.SESSION, LOCAL, sanitize(text))


def _presence(event: events.Joined | events.Left) -> str:
    if isinstance(event, events.Joined):
        return f"{_some(event)} joined."
    lost = event.reason is Departure.LOST
    return f"{_some(event)} {'lost the connection' if lost else 'left'}."


def _notice(event: events.Notice | events.Announcement | events.Web) -> Line:
    if isinstance(event, events.Web):
        text = f"Open this in a browser, once, within half a minute: {event.url}"
        return Line(Tone.SESSION, LOCAL, text)
    if isinstance(event, events.Notice) and event.speaker is Speaker.CLIENT:
        return Line(Tone.NOTICE, LOCAL, sanitize(event.text))
    return _server(event.text)


def _server(text: str) -> Line:
    return Line(Tone.NOTICE, SERVER, sanitize(text))
