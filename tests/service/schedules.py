"""Greenlets that take turns in every possible order.

A task runs until it calls :meth:`Schedule.pause`; then any task may be next. :func:`explore` runs a
story again and again until every order has been seen, :func:`sample` under some where they are too
many.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from greenlet import greenlet

from geventim.log.changes import Change
from geventim.store.memory.store import MemoryStore
from tests.service.doubles import Client, World
from tests.service.surroundings import Done


class Schedule:
    """One order of turns: ``choose`` takes the number of the turn and how many tasks there are."""

    def __init__(self, choose: Callable[[int, int], int]) -> None:
        self._choose = choose
        self._tasks: list[greenlet] = []
        self._scheduler = greenlet.getcurrent()
        self.choices: list[tuple[int, int]] = []
        """What was chosen at each turn, and among how many tasks."""

    def spawn(self, call: Callable[[], Any]) -> None:
        self._tasks.append(greenlet(call, self._scheduler))

    def pause(self) -> None:
        """Let another task, or the same, have the next turn; nothing outside of tasks."""
        if greenlet.getcurrent() is not self._scheduler:
            self._scheduler.switch()

    def run(self) -> None:
        """Give turns until every task has ended."""
        while self._tasks:
            chosen = self._choose(len(self.choices), len(self._tasks))
            self.choices.append((chosen, len(self._tasks)))
            task = self._tasks[chosen]
            task.switch()
            if task.dead:
                self._tasks.remove(task)


def explore(story: Callable[[Schedule], None]) -> int:
    """Run ``story`` under every schedule; how many there were."""
    given: list[int] = []
    count = 0
    while True:
        schedule = Schedule(_follow(given))
        story(schedule)
        count += 1
        choices = schedule.choices
        while choices and choices[-1][0] + 1 == choices[-1][1]:
            choices.pop()
        if not choices:
            return count
        chosen, _ = choices.pop()
        given = [earlier for earlier, _ in choices] + [chosen + 1]


def sample(story: Callable[[Schedule], None], count: int) -> None:
    """Run ``story`` under ``count`` schedules, the same ones every time."""
    for seed in range(count):
        story(Schedule(_throw(random.Random(seed))))


def _follow(given: list[int]) -> Callable[[int, int], int]:
    return lambda turn, _: given[turn] if turn < len(given) else 0


def _throw(dice: random.Random) -> Callable[[int, int], int]:
    return lambda _, tasks: dice.randrange(tasks)


class Journal:
    """A journal as the real one: others have turns whenever somebody waits for it."""

    def __init__(self, store: MemoryStore, schedule: Schedule) -> None:
        self._store = store
        self._schedule = schedule
        self._waiting: list[tuple[Change, Done]] = []
        self._working = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def read(*arguments: Any) -> Any:
            self._schedule.pause()
            found = method(*arguments)
            self._schedule.pause()
            return found

        return read

    def submit(self, change: Change, done: Done, within: float = 0.0) -> None:
        self._waiting.append((change, done))
        if not self._working:
            self._working = True
            self._schedule.spawn(self._work)

    def _work(self) -> Iterator[None]:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            outcomes = self._store.commit([change for change, _ in batch])
            self._schedule.pause()
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                done(outcome)
        self._working = False


class Reader(Client):
    """A client that catches up in a task of its own."""

    def __init__(self, world: World, channel_key: bytes, schedule: Schedule) -> None:
        super().__init__(world, channel_key)
        self._schedule = schedule

    def catch_up(self) -> None:
        if not self.behind:
            self.behind = True
            self._schedule.spawn(self.read)
