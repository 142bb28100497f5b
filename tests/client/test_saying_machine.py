"""What six people say to each other, and say about it, in any order and whatever breaks.

In the end all who have read the same show the same, and nobody keeps a word that was deleted,
replaced or has had its time.
"""

import os
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import UNSET

from geventim.chat.replies import EntryEvent
from geventim.client import wishes
from geventim.client.answers import Said
from geventim.client.history.reading import Query
from tests.client.person import Person
from tests.client.world import World

NICKS = ("ann", "ben", "cleo", "dora", "egon", "fritz")
TEAM = "#team"
TEXTS = ("planted{}", "@ann planted{}", "planted{}\n> in two lines")

RUNS = int(os.environ.get("EIM_EXAMPLES", "8"))
STEPS = 120

SOON = 50
"""Things that happen before something else is wished for: most of it has arrived by then."""

ONCE = re.compile(rb"planted(\d+)x")
"""A word that nobody says twice."""


def twice(message: Any, payload: bytes) -> list[tuple[Any, bytes]]:
    """Whatever is in a log comes again."""
    return [(message, payload)] * (2 if isinstance(message, EntryEvent) else 1)


class Saying:
    """``said`` are the ids of all messages."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(seed)
        self.people = self.world.enter(*NICKS)
        self.said: list[str] = []
        self.words = 0
        self.wishes = 0
        self.wish(self.people[0], wishes.CreateGroup, name="team", members=NICKS[1:])
        self.world.advance()

    def run(self) -> None:
        """Do something at random."""
        doings: dict[Callable[[Person], object], int] = {
            self.say: 12,
            self.edit: 5,
            self.delete: 4,
            self.react: 4,
            self.set_timer: 1,
            self.read: 5,
            self.wait: 3,
            Person.drop: 2,
            self.come_back: 6,
            Person.start: 1,
            self.die: 2,
            self.hear_twice: 1,
            self.restart_the_server: 1,
        }
        (do,) = self.dice.choices(list(doings), list(doings.values()))
        do(self.dice.choice(self.people))
        for person in self.people:
            for answer in person.answers().values():
                if isinstance(answer, Said) and answer.message_id not in self.said:
                    self.said.append(answer.message_id)

    def wish(self, person: Person, kind: Any, **fields: Any) -> None:
        """Wish for something, and let a few things happen."""
        self.wishes += 1
        person.wish(kind(id=self.wishes, **fields))
        for _ in range(self.dice.randrange(SOON)):
            self.world.step()

    def word(self) -> str:
        self.words += 1
        return self.dice.choice(TEXTS).format(f"{self.words}x")

    def any(self) -> str:
        """A message, most likely one of the last."""
        return self.dice.choice(self.said[-12:]) if self.said else "00" * 16

    def say(self, person: Person) -> None:
        about = self.any() if self.said and self.dice.random() < 0.3 else ""
        self.wish(person, wishes.Say, to=TEAM, text=self.word(), reply_to=about)

    def edit(self, person: Person) -> None:
        self.wish(person, wishes.Edit, message_id=self.any(), text=self.word())

    def delete(self, person: Person) -> None:
        person = self.dice.choice((person, self.people[0]))
        self.wish(person, wishes.DeleteMessage, message_id=self.any())

    def react(self, person: Person) -> None:
        reaction = self.dice.choice(("+1", "tada", ""))
        self.wish(person, wishes.React, message_id=self.any(), reaction=reaction)

    def set_timer(self, person: Person) -> None:
        seconds = self.dice.choice((0, 30, 60))
        self.wish(person, wishes.SetTimer, conversation=TEAM, seconds=seconds)

    def read(self, person: Person) -> None:
        self.wish(person, wishes.MarkRead, conversation=TEAM)

    def wait(self, _: Person) -> None:
        self.world.advance(self.dice.choice((0.1, 3, 40)))

    def come_back(self, _: Person) -> None:
        for person in self.people:
            if not person.is_connected:
                person.connect()

    def die(self, person: Person) -> None:
        person.dies = self.dice.choice(("shown", "kept", "sent"))

    def hear_twice(self, person: Person) -> None:
        person.tamper = None if person.tamper else twice

    def restart_the_server(self, _: Person) -> None:
        self.world.restart_server()

    def end(self) -> None:
        """Have everybody read everything that there is."""
        for person in self.people:
            person.dies = "none"
        for _ in range(2):
            self.come_back(self.people[0])
            self.world.advance(10)
        assert not self.world.faults

    def compare(self) -> None:
        """All show the same, but for what has gone by the clock of one of them."""
        first, *others = (shown(each) for each in self.people)
        for other in others:
            for message, of in (first | other).items():
                if message in first and message in other:
                    assert first[message] == other[message]
                else:
                    assert of[-1], (message, of)

    def scan(self) -> None:
        """Nobody keeps a word that they do not show."""
        for person in self.people:
            texts = [text for text, *_ in shown(person).values()]
            visible = {word for text in texts for word in ONCE.findall(text.encode())}
            kept = set(ONCE.findall(b"\n".join(person.kept.values())))
            assert kept <= visible, (person.nick, kept - visible)


def shown(person: Person) -> dict[str, tuple[Any, ...]]:
    """By its id what each message of the group is for somebody, and how long it is to last."""
    place = person.place("team")
    found = []
    reading = person.agent.context.user.history.read_backwards(Query(), 10_000)
    while not reading.over:
        found += reading.step()
    assert not reading.damage
    messages = [each.event() for each in found]
    assert len({each.message_id for each in messages}) == len(messages), "twice"
    assert not [each for each in messages if each.deleted is not UNSET and each.message]
    return {
        each.message_id: (
            each.message,
            each.nick,
            each.seq,
            each.edited,
            each.deleted,
            each.reactions,
            each.expires or 0,
        )
        for each in messages
        if each.conversation_id == place
    }


@pytest.mark.parametrize("seed", range(RUNS))
def test_all_who_have_read_the_same_show_the_same_and_keep_nothing_else(seed: int) -> None:
    saying = Saying(seed)
    for _ in range(STEPS):
        saying.run()
    saying.end()
    saying.compare()
    saying.scan()
    assert sum(map(len, map(shown, saying.people))) > 6 * 10, "hardly anything was said"
    # Whatever was to go goes, once everybody has read it.
    for person in saying.people:
        saying.read(person)
    saying.world.advance(70)
    saying.compare()
    saying.scan()
    for person in saying.people:
        assert not any(lifetime for *_, lifetime in shown(person).values())
