"""The screen's model, its drawing and the painter, while one pages through a long history."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kit import checkout  # noqa: F401 - has to come before what is measured
from kit.findings import Finding

from geventim.chat.values import Kind
from geventim.client import answers, events, wishes
from geventim.client.answers import Done
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.drawing.bubbles import Look, rows_of
from geventim.terminal.screen.drawing.picture import arrange, draw
from geventim.terminal.screen.drawing.themes import Theme, table
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.rim.painter import Painter

COLUMNS, ROWS = 120, 40
NOW = 1_796_040_000.0
HERE, THERE = "01" * 16, "02" * 16
ELSEWHERE, HERE_TOO = 20, 2
"""Messages that come between two keys."""

TYPED = ["a", "b", " ", "backspace", "page up", "page up", "up", "esc", "page down", "enter"]


@dataclass
class Screen:
    """Somebody before a screen, and the history that they page through."""

    history: int
    painter: Painter = field(default_factory=lambda: Painter(table(Theme.DARK)))
    count: int = 0
    largest: int = 0

    def __post_init__(self) -> None:
        self.model = Model("ana", "here", lambda: NOW, {})
        self.model.take(events.Connected("ana", "127.0.0.1:5555", "here"))
        self.serve()

    def serve(self) -> None:
        """Answer whatever is asked for."""
        for order in self.model.drain():
            match order:
                case wishes.Conversations():
                    places = ((HERE, "here"), (THERE, "there"))
                    listed = (
                        answers.Conversation(
                            place,
                            name,
                            Kind.ROOM,
                            False,
                            "member",
                            0,
                            0,
                            0,
                            3,
                            Standing.UNVERIFIED,
                            False,
                            "",
                        )
                        for place, name in places
                    )
                    self.answer(order, answers.Conversations(tuple(listed)))  # fmt: skip
                case wishes.Members():
                    self.answer(order, answers.Members("here", (), HERE))
                case wishes.Timeline():
                    self.answer(order, self.page(order))

    def answer(self, wish: wishes.Wish, result: answers.Result) -> None:
        """Grant ``wish``."""
        self.model.take(Done(wish.id, result))
        self.serve()

    def page(self, wish: wishes.Timeline) -> answers.Messages:
        """What was wished for of the history."""
        last = self.history + 1 if wish.before is None else int(wish.before)
        numbers = range(max(1, last - wish.limit), last)
        if wish.after is not None:
            last = int(wish.after) + 1
            numbers = range(last, min(last + wish.limit, self.history + 1))
        found = (
            answers.Written(
                "here", ContentKind.ROOM, f"nick{n % 40}", f"message number {n} of many",
                NOW + n, n, False, HERE, f"{n:032x}", n,
            )
            for n in numbers
        )  # fmt: skip
        return answers.Messages(tuple(found), False)

    def hear(self, place: str) -> None:
        """A message comes."""
        self.count += 1
        number = self.history + self.count
        self.model.take(
            events.Message(
                "here" if place == HERE else "there", ContentKind.ROOM, f"nick{number % 40}",
                f"message number {number} that has just come", NOW + number, number,
                conversation_id=place, message_id=f"{number:032x}", order=number,
            )
        )  # fmt: skip

    def show(self) -> int:
        """Draw it; how many bytes that takes."""
        scene = self.model.scene()
        layout = arrange(scene.input, COLUMNS, ROWS, shows_people=scene.shows_people)
        look = Look(layout.message_columns, scene.nick)
        self.model.measure(layout.message_rows, lambda line: len(rows_of(line, look)))
        self.serve()
        self.largest = max(self.largest, len(self.model.world.timeline.items))
        return len(self.painter.paint(draw(self.model.scene(), COLUMNS, ROWS)).encode())


def measure(history: int, keys: int) -> Iterator[Finding]:
    """Press so many keys while messages come, and tell what that costs."""
    screen = Screen(history)
    screen.show()
    times: list[float] = []
    for number in range(keys):
        for _ in range(ELSEWHERE):
            screen.hear(THERE)
        for _ in range(HERE_TOO):
            screen.hear(HERE)
        started = time.perf_counter()
        screen.model.press(TYPED[number % len(TYPED)])
        screen.serve()
        screen.show()
        times.append(1e3 * (time.perf_counter() - started))
    times.sort()
    yield Finding("paging, p50, ms", round(times[len(times) // 2], 1))
    yield Finding("paging, p99, ms", round(times[int(len(times) * 0.99)], 1), 50.0)
    yield Finding("messages held, at most", screen.largest)
