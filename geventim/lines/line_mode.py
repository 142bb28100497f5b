"""One front end that is made of lines: what was typed becomes wishes, and what comes of them lines.

Lines take effect one after the other. One whose outcome decides what those after it mean holds
them; texts do not. A line that asks something gets the next one as its answer, so that a key that
is typed is said to nobody.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from geventim.client import wishes
from geventim.client.answers import Answer, Done, Refused
from geventim.client.events import Connected, Delayed, Event, Message, Reconnecting
from geventim.client.wishes import Wish
from geventim.errors import UserError
from geventim.lines import addressing
from geventim.lines.commands import files, rooms
from geventim.lines.commands.command import fail
from geventim.lines.dialogue import (
    Browsing,
    Dialogue,
    Parting,
    Question,
    Report,
    WishRefusedError,
    excuse,
    say,
)
from geventim.lines.sentences import describe
from geventim.lines.standpoint import Standpoint

HOLDING: Final = (
    wishes.Join,
    wishes.CreateRoom,
    wishes.CreateGroup,
    wishes.Leave,
    wishes.Delete,
    wishes.NewKey,
    wishes.Find,
    wishes.OpenDm,
    wishes.Secrets,
    wishes.OpenSecret,
    wishes.Settings,
)
"""Wishes whose outcome decides where the lines behind them go, or what they mean."""

MARK: Final = "line "
"""How the ids of wishes begin that come from lines."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of one thing that was taken: wishes to grant, in order, and what to tell.

    With ``leaves`` the user wants to leave after that; with ``browses``, a link for their browser.
    """

    wishes: tuple[Wish, ...] = ()
    told: tuple[Event | Answer, ...] = ()
    leaves: bool = False
    browses: bool = False


@dataclass(slots=True, eq=False)
class _Typed:
    """A line under way: ``shown`` is what others are to hear by it, if they are.

    It ``hides`` what is typed if it has asked for a secret. What is ``left`` to tell of one that is
    over waits for those before it, but for those that go on ``beside``. One that ``says`` something
    to others keeps nobody from leaving: the client has it, and knows whether to wait for that.
    """

    dialogue: Dialogue
    shown: str = ""
    hides: bool = False
    beside: bool = False
    says: bool = False
    left: list[Event] = field(default_factory=list)
    over: bool = False

    def __repr__(self) -> str:
        return "<a line under way>"


class LineMode:
    """Where ``nick`` is who types lines, or has a script do so; at first in ``room``.

    With ``asks`` somebody is there who can be asked.
    """

    def __init__(self, nick: str, room: str, *, asks: bool = False) -> None:
        self._here = Standpoint(nick, room, asks=asks)
        self._kept: str | None = None
        self._shown: dict[str, int] = {}
        self._home = room
        self._count = 0
        self._refused = 0
        self._connected = True
        self._leaving = False
        self._waiting: dict[int | str, _Typed] = {}
        self._lines: list[_Typed] = []
        self._held: deque[Callable[[], None]] = deque()
        self._holders: set[_Typed] = set()
        self._asking: tuple[_Typed, Question] | None = None
        self._wishes: list[Wish] = []
        self._told: list[Event | Answer] = []
        self._left = self._browses = False

    @property
    def here(self) -> Standpoint:
        """Where lines go."""
        return self._here

    @property
    def held(self) -> int:
        """Lines that have not become wishes yet."""
        return len(self._held)

    @property
    def refused(self) -> int:
        """Lines that came to nothing before they were wishes."""
        return self._refused

    @property
    def hides_input(self) -> bool:
        """Whether what is typed next is not to be seen."""
        return any(line.hides for line in self._lines if not line.over)

    @property
    def question(self) -> Question | None:
        """What the next line is to answer."""
        return None if self._asking is None else self._asking[1]

    @property
    def prompt(self) -> str:
        """What stands before the line that is typed next."""
        if self._asking is not None:
            return "key: " if self._asking[1].secret else "> "
        return f"[{self._here.name}] " if self._here.name else "> "

    def owns(self, wish: int | str | None) -> bool:
        """Whether ``wish`` is the id of one that came from a line."""
        return isinstance(wish, str) and wish.startswith(MARK)

    def resume(self) -> Turn:
        """Have lines go where they went last time, and keep from now on where they go.

        Call it before any is typed.
        """
        self._kept = self._here.place
        return self._take(lambda: self._start(rooms.resume(self._here)))

    def type(self, text: str) -> Turn:
        """Take a line."""
        return self._take(lambda: self._begin(text))

    def reject(self, error: UserError) -> Turn:
        """Take, in its turn, a line that cannot be read."""
        return self._take(lambda: self._reject(error))

    def leave(self) -> Turn:
        """There are no more lines."""
        return self._take(self._leave)

    def take(self, told: Event | Answer) -> Turn:
        """Take what the client has told, or answered."""
        told = describe(told)
        if isinstance(told, Answer):
            self._hear(told)
        else:
            self._note(told)
        self._go_on()
        return self._turn()

    def read(self) -> Turn:
        """The user has read what was told so far."""
        for conversation, order in self._shown.items():
            wish = wishes.MarkRead(id=self._name(), conversation=conversation, order=order)
            self._wishes.append(wish)
        self._shown.clear()
        return self._turn()

    def _take(self, call: Callable[[], None]) -> Turn:
        if not self._leaving:
            self._held.append(call)
            self._go_on()
        return self._turn()

    def _turn(self) -> Turn:
        if self._kept not in (None, self._here.place):
            self._kept = self._here.place
            wish = wishes.ChangeSetting(id=self._name(), name="place", value=self._kept)
            self._wishes.append(wish)
        leaves = self._leaving and not self._left and self._is_done()
        told = tuple(map(describe, self._told))
        turn = Turn(tuple(self._wishes), told, leaves, self._browses)
        self._wishes, self._told, self._left = [], [], self._left or leaves
        self._browses = False
        return turn

    def _is_done(self) -> bool:
        """Whether no line may want something else after what it has wished for is granted."""
        return all(line.says or line.over for line in self._lines)

    def _go_on(self) -> None:
        """Begin lines until one holds those behind it."""
        while self._held and not self._holders and not self._leaving:
            self._held.popleft()()

    def _begin(self, text: str) -> None:
        if self._asking is not None:
            (line, _), self._asking = self._asking, None
            self._run(line, lambda: line.dialogue.send(text.strip()))
        elif text.strip():
            self._start(*addressing.interpret(self._here, text))

    def _start(self, dialogue: Dialogue, shown: str = "") -> None:
        line = _Typed(dialogue, shown)
        self._lines.append(line)
        self._run(line, lambda: next(line.dialogue))

    def _reject(self, error: UserError) -> None:
        if self._asking is not None:
            self._refused += 1
            self._told += [*excuse(error), say(self._asking[1].text)]
        else:
            self._start(fail(error))

    def _leave(self) -> None:
        if self._asking is not None:
            self._end(self._asking[0], [])
            self._asking = None
        self._leaving = True

    def _hear(self, answer: Answer) -> None:
        line = self._waiting.pop(answer.answer, None) if answer.answer is not None else None
        if line is None:
            self._told.append(answer)
            return
        self._holders.discard(line)
        match answer:
            case Done():
                self._run(line, lambda: line.dialogue.send(answer.done))
            case Refused():
                error = WishRefusedError(answer.refused)
                self._run(line, lambda: line.dialogue.throw(error))

    def _note(self, event: Event) -> None:
        """Take an event, and tell it as it looks from here."""
        match event:
            case Connected():
                self._connected = True
                if self._here.name != self._home:
                    self._start(rooms.return_to(self._here, event))
                    return
            case Reconnecting():
                self._connected = False
                self._flush()
            case Delayed():
                event = self._as_typed(event)
        self._told.append(event)
        if isinstance(event, Message) and not event.history:
            self._told += files.note(self._here, event)
            if event.order and event.conversation_id and not event.is_own:
                self._shown[event.conversation_id] = event.order

    def _as_typed(self, event: Delayed) -> Delayed:
        """What is late, as it was typed here."""
        lines = [self._waiting.get(request) for request in event.requests]
        pairs = zip(event.messages, lines, strict=False)
        shown = tuple(line.shown if line and line.shown else text for text, line in pairs)
        return Delayed(shown, event.requests)

    def _run(self, line: _Typed, step: Callable[[], Any]) -> None:
        """Have ``line`` go on until it waits for something."""
        try:
            wanted = step()
            while isinstance(wanted, Report | Browsing):
                if isinstance(wanted, Report):
                    self._told += wanted.events
                else:
                    self._browses = True
                wanted = next(line.dialogue)
        except StopIteration as end:
            self._end(line, end.value)
        except UserError as error:
            self._refused += not isinstance(error.__cause__ or error, WishRefusedError)
            self._end(line, excuse(error))
        else:
            self._want(line, wanted)

    def _want(self, line: _Typed, wanted: Wish | Question | Parting) -> None:
        if isinstance(wanted, Parting):
            self._quit(line)
            return
        if isinstance(wanted, Question):
            self._asking = line, wanted
            line.hides |= wanted.secret
            self._told.append(say(wanted.text))
            return
        line.beside = _takes_long(wanted)
        line.says = isinstance(wanted, wishes.Say)
        name = self._name()
        self._waiting[name] = line
        self._wishes.append(msgspec.structs.replace(wanted, id=name))
        if isinstance(wanted, HOLDING):
            self._holders.add(line)

    def _name(self) -> str:
        """The id of one more wish."""
        self._count += 1
        return f"{MARK}{self._count}"

    def _quit(self, line: _Typed) -> None:
        self._lines.remove(line)
        waiting = sum(not (line.says or line.over) for line in self._lines)
        if not self._connected and waiting:
            self._told.append(_waiting(waiting))
        self._leave()

    def _end(self, line: _Typed, told: Sequence[Event]) -> None:
        """Tell of ``line`` in its turn, or now if that may take long."""
        line.over, line.left = True, list(told)
        self._flush(all_of_them=not self._connected)

    def _flush(self, *, all_of_them: bool = True) -> None:
        waiting: list[_Typed] = []
        for line in self._lines:
            if line.over and (all_of_them or all(each.beside for each in waiting)):
                self._told += line.left
            else:
                waiting.append(line)
        self._lines = waiting


def _takes_long(wish: Wish) -> bool:
    if isinstance(wish, wishes.Say):
        return bool(wish.files)
    return isinstance(wish, wishes.Search | wishes.FetchFile)


def _waiting(count: int) -> Event:
    lines = "1 line waits" if count == 1 else f"{count} lines wait"
    text = f"{lines} for the connection to return. Ctrl-C leaves without that."
    return say(text, "waiting")
