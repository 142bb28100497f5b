"""Which keys do what: one table, from which help is made as well.

Keys are named as urwid names them: ``meta`` is Alt, or Esc before a key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import Final


class Where(StrEnum):
    """When a key has that meaning; elsewhere wins over everywhere."""

    EVERYWHERE = "everywhere"
    INPUT = "while typing"
    SELECTED = "on a selected message"
    SEARCH = "in a search"


class Action(StrEnum):
    """What can be done with a key."""

    HELP = auto()
    PALETTE = auto()
    GUIDE = auto()
    PEOPLE = auto()
    SEARCH = auto()
    NEXT_NEWS = auto()
    NEXT_PLACE = auto()
    PREVIOUS_PLACE = auto()
    GO = auto()
    PAGE_UP = auto()
    PAGE_DOWN = auto()
    ROW_UP = auto()
    ROW_DOWN = auto()
    TO_TOP = auto()
    TO_BOTTOM = auto()
    MEMBERS = auto()
    REDRAW = auto()
    SUSPEND = auto()
    CANCEL = auto()
    STOP = auto()
    SEND = auto()
    NEWLINE = auto()
    COMPLETE = auto()
    COMPLETE_BACK = auto()
    UP = auto()
    DOWN = auto()
    EARLIER = auto()
    LATER = auto()
    LEFT = auto()
    RIGHT = auto()
    WORD_LEFT = auto()
    WORD_RIGHT = auto()
    LINE_START = auto()
    LINE_END = auto()
    BACKSPACE = auto()
    DELETE = auto()
    KILL_WORD_BACK = auto()
    KILL_CHUNK_BACK = auto()
    KILL_WORD = auto()
    KILL_LINE = auto()
    KILL_LINE_BACK = auto()
    YANK = auto()
    TRANSPOSE = auto()
    UPCASE = auto()
    DOWNCASE = auto()
    CAPITALIZE = auto()
    UNDO = auto()
    EDIT = auto()
    REPLY = auto()
    AMEND = auto()
    RETRACT = auto()
    REACT = auto()
    COPY = auto()
    QUOTE = auto()
    ACT = auto()
    SAVE = auto()
    OPEN = auto()
    WHO = auto()
    NEXT_FIND = auto()
    PREVIOUS_FIND = auto()
    CONTEXT = auto()


@dataclass(frozen=True, slots=True)
class Binding:
    """The keys that do something, and what help says of it."""

    where: Where
    keys: tuple[str, ...]
    action: Action
    help: str


def _bind(where: Where, action: Action, text: str, *keys: str) -> Binding:
    return Binding(where, keys, action, text)


_E, _I, _S, _F = Where.EVERYWHERE, Where.INPUT, Where.SELECTED, Where.SEARCH

BINDINGS: Final = (
    _bind(_E, Action.HELP, "this page", "f1"),
    _bind(_E, Action.PALETTE, "go to a conversation or a person, or find a command", "ctrl p"),
    _bind(_E, Action.GUIDE, "first steps: what is done, and what you may want to do", "f2"),
    _bind(_E, Action.PEOPLE, "who is here, to talk to one of them", "f3"),
    _bind(_E, Action.SEARCH, "search here", "ctrl f"),
    _bind(_E, Action.NEXT_NEWS, "go where something is new, first where you are called", "meta a"),
    _bind(_E, Action.NEXT_PLACE, "next conversation", "meta down", "ctrl n"),
    _bind(_E, Action.PREVIOUS_PLACE, "previous conversation", "meta up"),
    _bind(_E, Action.GO, "go to that conversation", *(f"meta {number}" for number in range(1, 10))),
    _bind(_E, Action.PAGE_UP, "a page up", "page up"),
    _bind(_E, Action.PAGE_DOWN, "a page down", "page down"),
    _bind(_E, Action.ROW_UP, "a row up", "shift up", "ctrl up"),
    _bind(_E, Action.ROW_DOWN, "a row down", "shift down", "ctrl down"),
    _bind(_E, Action.TO_TOP, "to the oldest message that is held", "meta <", "ctrl home"),
    _bind(_E, Action.TO_BOTTOM, "to the newest message", "meta >", "ctrl end"),
    _bind(_E, Action.MEMBERS, "show or hide who is here", "meta m"),
    _bind(_E, Action.REDRAW, "draw everything anew", "ctrl l"),
    _bind(_E, Action.SUSPEND, "go to the shell; fg comes back", "ctrl z"),
    _bind(_E, Action.CANCEL, "close, or stop selecting", "esc"),
    _bind(_E, Action.STOP, "empty the input; twice in an empty one: leave", "ctrl c"),
    _bind(_I, Action.SEND, "send", "enter"),
    _bind(_I, Action.NEWLINE, "begin a new line", "meta enter", "shift enter", "ctrl j"),
    _bind(_I, Action.COMPLETE, "complete a name, a command or an :emoji:", "tab"),
    _bind(_I, Action.COMPLETE_BACK, "the one before", "shift tab"),
    _bind(_I, Action.UP, "a line up; in an empty input: select a message", "up"),
    _bind(_I, Action.DOWN, "a line down", "down"),
    _bind(_I, Action.EARLIER, "what you typed before", "meta p"),
    _bind(_I, Action.LATER, "what you typed after that", "meta n"),
    _bind(_I, Action.LEFT, "a character back", "left", "ctrl b"),
    _bind(_I, Action.RIGHT, "a character on", "right"),
    _bind(_I, Action.WORD_LEFT, "a word back", "meta b", "ctrl left", "meta left"),
    _bind(_I, Action.WORD_RIGHT, "a word on", "meta f", "ctrl right", "meta right"),
    _bind(_I, Action.LINE_START, "to the beginning of the line", "home", "ctrl a"),
    _bind(_I, Action.LINE_END, "to its end", "end", "ctrl e"),
    _bind(_I, Action.BACKSPACE, "delete a character back", "backspace", "ctrl h"),
    _bind(_I, Action.DELETE, "delete a character", "delete", "ctrl d"),
    _bind(_I, Action.KILL_CHUNK_BACK, "cut back to a space", "ctrl w"),
    _bind(_I, Action.KILL_WORD_BACK, "cut a word back", "meta backspace"),
    _bind(_I, Action.KILL_WORD, "cut a word", "meta d"),
    _bind(_I, Action.KILL_LINE, "cut to the end of the line", "ctrl k"),
    _bind(_I, Action.KILL_LINE_BACK, "cut to its beginning", "ctrl u"),
    _bind(_I, Action.YANK, "paste what was cut", "ctrl y"),
    _bind(_I, Action.TRANSPOSE, "swap two characters", "ctrl t"),
    _bind(_I, Action.UPCASE, "a word in capitals", "meta u"),
    _bind(_I, Action.DOWNCASE, "a word in small letters", "meta l"),
    _bind(_I, Action.CAPITALIZE, "a word with a capital", "meta c"),
    _bind(_I, Action.UNDO, "undo", "ctrl _", "ctrl x ctrl u"),
    _bind(_I, Action.EDIT, "write in $EDITOR", "ctrl x ctrl e"),
    _bind(_S, Action.UP, "the message before", "up", "k"),
    _bind(_S, Action.DOWN, "the message after", "down", "j"),
    _bind(_S, Action.ACT, "answer it; with files: save or open them", "enter"),
    _bind(_S, Action.REPLY, "answer it", "r"),
    _bind(_S, Action.SAVE, "save the file that came with it", "s"),
    _bind(_S, Action.OPEN, "open the file that came with it", "o"),
    _bind(_S, Action.AMEND, "edit it, if it is yours", "e"),
    _bind(_S, Action.RETRACT, "delete it for everybody, if it is yours", "d", "delete"),
    _bind(_S, Action.REACT, "react to it", "+"),
    _bind(_S, Action.COPY, "copy it", "c", "y"),
    _bind(_S, Action.QUOTE, "quote it", "q"),
    _bind(_S, Action.WHO, "who is this", "w"),
    _bind(_S, Action.NEXT_FIND, "the next older find", "n"),
    _bind(_S, Action.PREVIOUS_FIND, "the next newer find", "N"),
    _bind(_S, Action.CONTEXT, "see it with what was said around it", "ctrl g"),
    _bind(_F, Action.NEXT_FIND, "the next older find", "up", "ctrl p"),
    _bind(_F, Action.PREVIOUS_FIND, "the next newer find", "down", "ctrl n"),
    _bind(_F, Action.CONTEXT, "see what was found where it was said", "enter", "ctrl g"),
)

PLACES: Final = 9
"""Conversations that have a key of their own."""

MODIFIERS: Final = frozenset({"meta", "ctrl", "shift"})

NAMES: Final = {"meta": "Alt", "ctrl": "Ctrl", "shift": "Shift"}


def spell(key: str) -> str:
    """A key as people know it, such as ``Ctrl-X Ctrl-E``."""
    spelled = ""
    for word in key.split():
        if len(word) == 1:
            known = word.upper() if spelled.endswith("Ctrl-") else word
        else:
            known = NAMES.get(word, word.capitalize())
        spelled += known + ("-" if word in MODIFIERS else " ")
    return spelled.rstrip()


class Keymap:
    """Which key does what by ``bindings``, of which each key has one meaning in each place."""

    def __init__(self, bindings: Sequence[Binding] = BINDINGS) -> None:
        self.bindings = tuple(bindings)
        self._table = {(each.where, key): each.action for each in bindings for key in each.keys}
        self.prefixes = frozenset(
            " ".join(key.split()[:2]) for each in bindings for key in each.keys if is_chord(key)
        )
        """Keys that mean something only with the one that follows them."""

    def action(self, where: Where, key: str) -> Action | None:
        """What ``key`` does there."""
        return self._table.get((where, key)) or self._table.get((Where.EVERYWHERE, key))

    def bound(self, where: Where, key: str) -> Action | None:
        """What ``key`` does there and not everywhere."""
        return self._table.get((where, key))

    def with_binding(self, binding: Binding) -> "Keymap":
        """The same with other keys for what ``binding`` does there."""
        kept = list(self.bindings)
        for index, each in enumerate(kept):
            if (each.where, each.action) == (binding.where, binding.action):
                kept[index] = replace(each, keys=binding.keys)
                return Keymap(kept)
        return Keymap([*kept, binding])

    def help_rows(self) -> Iterator[tuple[str, str]]:
        """What help says: the title of a section with nothing, or keys with what they do."""
        for where in Where:
            yield where.value, ""
            for binding in self.bindings:
                if binding.where is where and binding.keys:
                    many = binding.action is Action.GO and len(binding.keys) == PLACES
                    keys = "Alt-1 … Alt-9" if many else ", ".join(map(spell, binding.keys))
                    yield keys, binding.help


def is_chord(key: str) -> bool:
    """Whether ``key`` is two keys, one after the other."""
    return len(key.split()) == 4


DEFAULT: Final = Keymap()
