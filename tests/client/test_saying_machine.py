"""What six people say to each other, and say about it, in any order and whatever breaks.

In the end all who have read the same show the same, and nobody keeps a word that was deleted,
replaced or has had its time, or finds it; neither is it in the file that somebody's words were kept
in all the time, nor beside it.
"""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import UNSET

from geventim.chat.replies import EntryEvent
from geventim.client import wishes
from geventim.client.answers import Said
from geventim.client.history.reading import Query
from geventim.store.vault.vault import Vault
from tests.client.person import Person
from tests.client.world import World

NICKS = ("ann", "ben", "cleo", "dora", "egon", "fritz")
TEAM = "#team"
TEXTS = ("planted{}", "@ann planted{}", "planted{}\n> in two lines")

RUNS = max(1, round(80 * float(os.environ.get("EIM_ROUNDS", "0.1"))))
STEPS = 120

WRITTEN = 4
"""Steps after which what somebody keeps is written to a disk."""

SOON = 50
"""Things that happen before something else is wished for: most of it has arrived by then."""

ONCE = re.compile(rb"planted(\d+)x")
"""A word that nobody says twice."""


def twice(message: Any, payload: bytes) -> list[tuple[Any, bytes]]:
    """Whatever is in a log comes again."""
    return [(message, payload)] * (2 if isinstance(message, EntryEvent) else 1)


class OpenVault:
    """A real vault in ``directory`` that seals nothing, with what ``person`` keeps.

    It is written at every few steps, like one whose disk is slow.
    """

    def __init__(self, directory: Path, person: Person) -> None:
        self.directory = directory
        self.person = person
        self._written: dict[str, bytes] = {}
        self._vault: Any = Vault.open(directory, os.urandom)
        self._vault._sealer = SimpleNamespace(seal=lambda _, value, __: value)

    def write(self) -> None:
        """Keep what the person keeps now."""
        kept, before = dict(self.person.kept), self._written
        changes = {name: value for name, value in kept.items() if before.get(name) != value}
        self._vault.put(changes | dict.fromkeys(before.keys() - kept.keys()))
        self._written = kept

    def words(self) -> set[bytes]:
        """All that stand anywhere in its files."""
        self.write()
        files = (each for each in self.directory.rglob("*") if each.is_file())
        return {word for each in files for word in ONCE.findall(each.read_bytes())}


class Saying:
    """``said`` are the ids of all messages, ``own`` those of each."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.dice = random.Random(seed)
        self.world = World(seed)
        self.people = self.world.enter(*NICKS)
        self.vault = OpenVault(directory, self.people[seed % len(NICKS)])
        self.said: list[str] = []
        self.own: dict[str, list[str]] = {nick: [] for nick in NICKS}
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
                    self.own[person.nick].append(answer.message_id)

    def wish(self, person: Person, kind: Any, **fields: Any) -> None:
        """Wish for something, and let a few things happen."""
        self.wishes += 1
        person.wish(kind(id=self.wishes, **fields))
        for _ in range(self.dice.randrange(SOON)):
            self.world.step()

    def word(self) -> str:
        self.words += 1
        return self.dice.choice(TEXTS).format(f"{self.words}x")

    def any(self, person: Person | None = None) -> str:
        """A message, most likely one of the last, and of that ``person`` if there is one."""
        own = self.own[person.nick] if person and self.dice.random() < 0.7 else []
        return self.dice.choice((own or self.said)[-12:]) if self.said else "00" * 16

    def say(self, person: Person) -> None:
        about = self.any() if self.said and self.dice.random() < 0.3 else ""
        self.wish(person, wishes.Say, to=TEAM, text=self.word(), reply_to=about)

    def edit(self, person: Person) -> None:
        self.wish(person, wishes.Edit, message_id=self.any(person), text=self.word())

    def delete(self, person: Person) -> None:
        person = self.dice.choice((person, self.people[0]))
        self.wish(person, wishes.DeleteMessage, message_id=self.any(person))

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
            found = read(person, Query(words=("planted",)))
            assert {each.message for each in found} == {text for text in texts if text}
            if person is self.vault.person:
                on_disk = self.vault.words()
                assert on_disk <= visible, (person.nick, on_disk - visible)


def read(person: Person, query: Query) -> list[Any]:
    """Everything that somebody finds."""
    found = []
    reading = person.agent.context.user.history.read_backwards(query, 10_000)
    while not reading.over:
        found += reading.step()
    assert not reading.damage
    return [each.event() for each in found]


def shown(person: Person) -> dict[str, tuple[Any, ...]]:
    """By its id what each message of the group is for somebody, and how long it is to last."""
    place = person.place("team")
    messages = read(person, Query())
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
def test_all_who_have_read_the_same_show_the_same_and_keep_nothing_else(
    seed: int, tmp_path: Path
) -> None:
    saying = Saying(seed, tmp_path)
    planted: set[bytes] = set()
    for step in range(STEPS):
        saying.run()
        if step % WRITTEN == 0:
            planted |= saying.vault.words()
    saying.end()
    saying.compare()
    saying.scan()
    assert len(saying.said) > 10, "hardly anything was said"
    assert len(planted) > 5, "hardly anything was kept"
    # Whatever was to go goes, once everybody has read it.
    for person in saying.people:
        saying.read(person)
    saying.world.advance(70)
    saying.compare()
    saying.scan()
    for person in saying.people:
        assert not any(lifetime for *_, lifetime in shown(person).values())
