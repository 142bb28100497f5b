"""What is typed in a conversation: the keys that edit it, and where it would go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from geventim.lines import grammar
from geventim.lines.grammar import Call, Text
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.keys import Action
from geventim.terminal.screen.typed.editor import Editor

LARGE_LINES: Final = 20
LARGE_SIZE: Final = 4 * 1024
"""What is pasted with more lines, or bytes, is asked about."""

EDITS: Final[dict[Action, Callable[[Editor], object]]] = {
    Action.LEFT: Editor.left,
    Action.RIGHT: Editor.right,
    Action.WORD_LEFT: Editor.word_left,
    Action.WORD_RIGHT: Editor.word_right,
    Action.LINE_START: Editor.home,
    Action.LINE_END: Editor.end,
    Action.BACKSPACE: Editor.backspace,
    Action.DELETE: Editor.delete,
    Action.KILL_WORD_BACK: Editor.kill_word_back,
    Action.KILL_CHUNK_BACK: Editor.kill_chunk_back,
    Action.KILL_WORD: Editor.kill_word,
    Action.KILL_LINE: Editor.kill_line,
    Action.KILL_LINE_BACK: Editor.kill_line_back,
    Action.YANK: Editor.yank,
    Action.TRANSPOSE: Editor.transpose,
    Action.UPCASE: Editor.upcase,
    Action.DOWNCASE: Editor.downcase,
    Action.CAPITALIZE: Editor.capitalize,
    Action.UNDO: Editor.undo,
    Action.NEWLINE: lambda editor: editor.insert("\n"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an input does: it says ``text`` here, or is a line that is ``typed``."""

    text: str = ""
    typed: str = ""

    def __repr__(self) -> str:
        return "<a meaning>"


def meaning(text: str, *, pasted: bool = False) -> Meaning:
    """What ``text`` does; what was ``pasted`` is a message whatever it begins with.

    So are several lines, unless the first one says something to a person or place that it names.
    """
    if pasted:
        return Meaning(text)
    match grammar.parse(text):
        case Text(text=said):
            return Meaning(said)
        case Call(head=head) if head or ("\n" in text and not _is_addressed(text)):
            # Code, or a path.
            return Meaning(text)
    return Meaning(typed=text)


def _is_addressed(text: str) -> bool:
    """Whether the first of several lines says something to whom it names."""
    return bool(text.split("\n", 1)[0].split(maxsplit=1)[1:])


def goes_to(room: Room | None, commands: Mapping[str, tuple[str, str]]) -> str:
    """Where what stands in the input of ``room`` would go, in a few words."""
    if room is None:
        return "nowhere"
    here, text = room.title, room.editor.text
    if room.about is not None:
        return f"edit in {here}" if room.about.edits else f"to {room.about.said.author} in {here}"
    if not text.strip() or not meaning(text, pasted=room.is_pasted).typed:
        return here
    said = grammar.parse(text)
    if isinstance(said, Text) or not said.word:
        return here
    if said.sign == grammar.PLACE:
        return f"#{said.word}"
    if said.word.casefold() in commands:
        return f"/{said.word.casefold()}"
    return f"@{said.word}, privately" if said.rest else here


def is_help(text: str) -> bool:
    """Whether the line ``text`` asks for help with everything."""
    line = grammar.parse(text)
    return isinstance(line, Call) and line.word.casefold() == "help" and not line.rest


def is_large(text: str) -> bool:
    """Whether somebody should see first what they are about to paste."""
    return text.count("\n") >= LARGE_LINES or len(text.encode(errors="replace")) > LARGE_SIZE


def clean(text: str) -> str:
    """Pasted ``text`` with the line ends that are used here, and none at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
