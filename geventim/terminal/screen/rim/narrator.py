"""A screen for whoever has it read aloud: what is new is added once, right above the input.

Nothing above the input is ever drawn again; the terminal scrolls what was written as it does for
any program. So a line is added for whatever has become another one: a message, how the connection
is, what opens over the screen and what is chosen there.
"""

from collections.abc import Iterator
from dataclasses import replace

from geventim.terminal.sanitizer import sanitize
from geventim.terminal.screen.conversation.items import Delivery, Item, Mark, Remark, Said, Tone
from geventim.terminal.screen.drawing.bubbles import Look, rows_of
from geventim.terminal.screen.drawing.cells import Row, clip, shown, width
from geventim.terminal.screen.drawing.inputs import draw_input
from geventim.terminal.screen.drawing.panels import draw_status
from geventim.terminal.screen.scene import Overlay, Scene


class Narrator:
    """Knows what was written: the messages that are seen, and everything else by what it is of."""

    def __init__(self) -> None:
        self._place = ""
        self._messages: dict[str, object] = {}
        self._others: dict[str, str] = {}
        self._input: tuple[str, int] | None = None

    def forget(self) -> None:
        """Nothing is known of the row of the input."""
        self._input = None

    def show(self, scene: Scene, columns: int, rows: int) -> str:  # noqa: ARG002 - as any canvas has it
        """What adds everything that is new in ``scene``, and has the input below it."""
        news = [line for line in self._news(scene, columns) if line]
        text, column = _input(scene, columns)
        before, self._input = self._input, (text, column)
        if not news and before == self._input:
            return ""
        if not news and before and column == width(text) and before[1] == width(before[0]):
            added = text.removeprefix(before[0])
            if added != text:
                return added
        return "\r\x1b[K" + "".join(f"{line}\r\n" for line in news) + text + _back(text, column)

    def _news(self, scene: Scene, columns: int) -> Iterator[str]:
        status = scene.status
        place = status.place.name if status.place else ""
        if place != self._place:
            self._place, self._messages = place, {}
            yield _text(draw_status(status, columns))
        look = Look(columns, scene.nick)
        known, self._messages = self._messages, {}
        for line in scene.view.lines:
            self._messages[line.key] = essence = _essence(line)
            if known.get(line.key) != essence:
                yield from map(_text, rows_of(line, look))
        told = {
            "connection": status.connection.partition(" in ")[0],
            "calls": f"{status.mentions} elsewhere call you" if status.mentions else "",
            "hint": scene.input.hint,
            "selected": "".join(
                f"> {line.author}: {line.text}"
                for line in scene.view.lines
                if isinstance(line, Said) and line.key == scene.selected
            ),
            **_over(scene),
        }
        for name, text in told.items():
            if text != self._others.get(name):
                for part in text.split("\n"):
                    yield clip(shown(part), columns)
        self._others = told


def _over(scene: Scene) -> dict[str, str]:
    """What is over the screen: all of it when it opens, and then what is chosen there."""
    if scene.choices is not None:
        choice = scene.choices.choices[scene.choices.chosen]
        return {"choice": f"{choice.name}  {choice.detail}".rstrip()}
    overlay = scene.overlay
    if overlay is None:
        return {}
    told = {"title": f"{overlay.title}. {overlay.foot}"}
    if 0 <= overlay.chosen < len(overlay.rows):
        return {**told, "row": _row(overlay, overlay.chosen)}
    return {**told, "rows": "\n".join(_row(overlay, n) for n in range(len(overlay.rows)))}


def _row(overlay: Overlay, number: int) -> str:
    return "  ".join(overlay.rows[number]).rstrip().replace("\n", " ")


def _essence(line: Item | Mark) -> object:
    """What has to be another one for ``line`` to be written again."""
    if isinstance(line, Said):
        is_refused = line.delivery is Delivery.REFUSED
        delivery = line.delivery if is_refused else Delivery.SENT
        return replace(
            line, date=0.0, order=0, message_id="", wish=None, readers=(), delivery=delivery
        )
    return line.key if isinstance(line, Remark) and line.tone is Tone.PROGRESS else line


def _input(scene: Scene, columns: int) -> tuple[str, int]:
    """The row in which one types, and the column of the cursor."""
    overlay = scene.overlay
    if overlay is not None:
        return clip(f"> {shown(overlay.typed or '')}", columns - 1), 2 + overlay.cursor
    typed = draw_input(replace(scene.input, hint=""), columns)
    return _text(typed.rows[typed.row], strip=False), typed.column


def _text(row: Row, *, strip: bool = True) -> str:
    text = "".join(sanitize(part.text) for part in row)
    return text.rstrip() if strip else text


def _back(text: str, column: int) -> str:
    """What brings the cursor from the end of ``text`` to ``column``."""
    left = width(text) - column
    return f"\x1b[{left}D" if left > 0 else ""
