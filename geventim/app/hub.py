"""One session, any number of front ends.

Whatever happens is numbered, and told to all of them; the newest events are kept, so that one that
comes back can have those that it has missed. An answer is for whoever has wished, and so is what
only they should see. No front end holds up another one, or what is kept and sent.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import msgspec

from geventim.app.front import Front
from geventim.app.note import Note
from geventim.client.answers import Answer, Done, Refused, Result, Snapshot
from geventim.client.events import Event
from geventim.client.told import OWN, Told
from geventim.client.wishes import Id, Resume
from geventim.errors import UserError

KEPT: Final = 4_096
"""Events that are kept for those who come back."""

KEPT_SIZE: Final = 8 * 1024 * 1024
"""Bytes of these, as JSON; there are fewer of them if they are large."""

RUN_SIZE: Final = 8
"""Bytes of the id of a run."""

LOOK: Final = 0.5
"""Seconds after which who waits for the only front end looks whether it still is that."""

Describe = Callable[[Event | Answer], Event | Answer]

Survey = Callable[[str], Snapshot]
"""How everything is now, after the event with that number."""


@dataclass(frozen=True, slots=True)
class _Event:
    number: int
    told: Told
    size: int


class Hub:
    """The front ends of one session. ``run`` tells its numbers from those of other runs.

    ``describe`` puts the sentences for people into what is told. ``kept`` is how many events there
    are for those who come back, in ``kept_size`` bytes; who waits looks again after ``look``
    seconds.
    """

    def __init__(
        self,
        run: str,
        describe: Describe = lambda item: item,
        *,
        kept: int = KEPT,
        kept_size: int = KEPT_SIZE,
        look: float = LOOK,
    ) -> None:
        self.run = run
        self._describe = describe
        self._askers = count(OWN + 1)
        self._fronts: dict[int, Front] = {}
        self._count = 0
        self._most_kept = kept
        self._most_size = kept_size
        self._look = look
        self._kept: deque[_Event] = deque()
        self._kept_size = 0
        self._surveys: list[tuple[Front, Id]] = []

    @property
    def last(self) -> str:
        """The number of the last event."""
        return self._name(self._count)

    @property
    def fronts(self) -> list[Front]:
        """Everybody who is there."""
        return list(self._fronts.values())

    def open(self) -> Front:
        """One more front end."""
        front = Front(next(self._askers))
        self.admit(front)
        return front

    def admit(self, front: Front) -> None:
        """``front`` is told everything from now on."""
        self._fronts[front.asker] = front

    def dismiss(self, front: Front) -> None:
        """``front`` is gone."""
        self._fronts.pop(front.asker, None)
        front.close()
        self._surveys = [survey for survey in self._surveys if survey[0] is not front]

    def publish(self, told: Iterable[Told], survey: Survey) -> None:
        """Tell everybody whom it concerns; and those who want to know, by ``survey``, how all is.

        That is how it is after what was told. Never waits.
        """
        self.add(told)
        surveys, self._surveys = self._surveys, []
        if not surveys:
            return
        # Whoever asks often costs no more than one who asks once.
        snapshot = survey(self.last)
        size = len(msgspec.json.encode(snapshot))
        for front, wish in surveys:
            front.drop_events()
            front.put(Note(Done(wish, snapshot)), size)

    def add(self, told: Iterable[Told]) -> None:
        """Tell the same, at a moment at which it cannot be said how all is. Never waits."""
        for each in told:
            self._tell(replace(each, item=self._describe(each.item)))

    def want_survey(self, front: Front, wish: Id) -> None:
        """Answer that wish with how everything is, the next time that something is published."""
        self._surveys.append((front, wish))

    def resume(self, front: Front, wish: Resume) -> None:
        """Tell ``front`` once more what came after a number."""
        run, _, after = wish.after.rpartition("-")
        number = int(after) if after.isdecimal() and after.isascii() else -1
        first = self._kept[0].number if self._kept else self._count + 1
        if run != self.run or not first - 1 <= number <= self._count:
            text = "What came after that number is not kept."
            refusal = UserError("not_kept", text, "Take a snapshot.")
            front.put(Note(Refused.by(refusal, wish.id)))
            return
        front.drop_events()
        front.put(Note(Done(wish.id, Result())))
        for event in self._kept:
            if event.number > number:
                front.put(self._note(event.number, event.told, front), event.size)

    def await_shown(self) -> None:
        """Wait a moment for the front end of the process itself to show what it was told."""
        if OWN in self._fronts:
            self._fronts[OWN].await_shown()

    def await_room(self) -> None:
        """Wait until the only front end that there is can be told more."""
        while len(self._fronts) == 1:
            (front,) = self.fronts
            if front.await_room(self._look):
                return

    def _tell(self, told: Told) -> None:
        size = len(msgspec.json.encode(told.item))
        if not told.shared:
            front = None if told.asker is None else self._fronts.get(told.asker)
            if front is not None:
                front.put(Note(told.item, None, told.request), size)
            return
        self._count += 1
        self._kept.append(_Event(self._count, told, size))
        self._kept_size += size
        while len(self._kept) > self._most_kept or self._kept_size > self._most_size:
            self._kept_size -= self._kept.popleft().size
        for front in self.fronts:
            front.put(self._note(self._count, told, front), size)

    def _note(self, number: int, told: Told, front: Front) -> Note:
        request = told.request if told.asker == front.asker else None
        return Note(told.item, self._name(number), request)

    def _name(self, number: int) -> str:
        return f"{self.run}-{number}"
