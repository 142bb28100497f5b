"""What six people say to each other, and say about it, in any order and whatever breaks.

In the end all who have read the same show the same, and nobody keeps a word that was deleted,
replaced or has had its time.
"""

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from msgspec import UNSET

from geventim.chat.replies import EntryEvent
from geventim.client import wishes
from geventim.client.answers import Said
from geventim.client.history.reading import Query
from geventim.client.sealing import key_packages
from tests.client.world import Person, World

NICKS = ("ann", "ben", "cleo", "dora", "egon", "fritz")
FOUNDER = NICKS[0]
TEAM = "#team"

people = st.integers(0, len(NICKS) - 1)
messages = st.integers(0, 1_000)
texts = st.sampled_from(("planted{}", "@ann planted{}", "planted{}\n> in two lines"))

ONCE = re.compile(rb"planted(\d+)x")
"""A word that nobody says twice."""


def twice(message: Any, payload: bytes) -> list[tuple[Any, bytes]]:
    """Whatever is in a log comes again."""
    return [(message, payload)] * (2 if isinstance(message, EntryEvent) else 1)


class Saying(RuleBasedStateMachine):
    """``said`` are the ids of all messages, ``now`` the word that each has by its author."""

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.people = self.world.enter(*NICKS)
        self.said: list[str] = []
        self.words = 0
        self.wishes = 0
        self._wish(self.people[0], wishes.CreateGroup, name="team", members=NICKS[1:])
        self.world.advance()

    def _wish(self, person: Person, kind: Any, **fields: Any) -> int:
        """Wish for something, and let a few things happen."""
        self.wishes += 1
        person.wish(kind(id=self.wishes, **fields))
        return self.wishes

    def _word(self, pattern: str) -> str:
        self.words += 1
        return pattern.format(f"{self.words}x")

    def _learn(self) -> None:
        """Note the ids of what was said."""
        for person in self.people:
            for answer in person.answers().values():
                if isinstance(answer, Said) and answer.message_id not in self.said:
                    self.said.append(answer.message_id)

    def _any(self, number: int) -> str:
        self._learn()
        return self.said[number % len(self.said)] if self.said else "00" * 16

    @rule(who=people, pattern=texts)
    def say(self, who: int, pattern: str) -> None:
        self._wish(self.people[who], wishes.Say, to=TEAM, text=self._word(pattern))

    @rule(who=people, which=messages, pattern=texts)
    def answer(self, who: int, which: int, pattern: str) -> None:
        text, about = self._word(pattern), self._any(which)
        self._wish(self.people[who], wishes.Say, to=TEAM, text=text, reply_to=about)

    @rule(who=people, which=messages, pattern=texts)
    def edit(self, who: int, which: int, pattern: str) -> None:
        text, about = self._word(pattern), self._any(which)
        self._wish(self.people[who], wishes.Edit, message_id=about, text=text)

    @rule(who=people, which=messages)
    def delete(self, who: int, which: int) -> None:
        self._wish(self.people[who], wishes.DeleteMessage, message_id=self._any(which))

    @rule(who=people, which=messages, reaction=st.sampled_from(("+1", "tada", "")))
    def react(self, who: int, which: int, reaction: str) -> None:
        about = self._any(which)
        self._wish(self.people[who], wishes.React, message_id=about, reaction=reaction)

    @rule(who=people, seconds=st.sampled_from((0, 30, 60)))
    def set_timer(self, who: int, seconds: int) -> None:
        self._wish(self.people[who], wishes.SetTimer, conversation=TEAM, seconds=seconds)

    @rule(who=people)
    def read(self, who: int) -> None:
        self._wish(self.people[who], wishes.MarkRead, conversation=TEAM)

    @rule(seconds=st.sampled_from((0.1, 3, 40)))
    def wait(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(steps=st.integers(1, 40))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.world.step()

    @rule(who=people)
    def lose_the_connection(self, who: int) -> None:
        self.people[who].drop()

    @rule(who=people)
    def come_back(self, who: int) -> None:
        if not self.people[who].is_connected:
            self.people[who].connect()

    @rule(who=people)
    def begin_anew(self, who: int) -> None:
        self.people[who].start()

    @rule(who=people, step=st.sampled_from(("shown", "kept", "sent")))
    def die(self, who: int, step: str) -> None:
        self.people[who].dies = step

    @rule(who=people)
    def hear_twice(self, who: int) -> None:
        person = self.people[who]
        person.tamper = None if person.tamper else twice

    @rule()
    def restart_the_server(self) -> None:
        self.world.restart_server()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for person in self.people:
            person.dies = "none"
            if not person.is_connected:
                person.connect()
        self.world.advance(5)
        self.world.advance(5)
        assert not self.world.faults
        self._compare()
        self._scan()
        # Whatever was to go goes, if everybody reads it.
        for person in self.people:
            self._wish(person, wishes.MarkRead, conversation=TEAM)
        self.world.advance(70)
        self._compare()
        self._scan()
        for person in self.people:
            assert all(not lifetime for *_, lifetime in shown(person).values())

    def _compare(self) -> None:
        """All show the same, but for what has gone by the clock of one of them."""
        first, *others = ({**shown(each)} for each in self.people)
        for other in others:
            for message in first.keys() & other.keys():
                assert first[message] == other[message]
            for message, of in (first | other).items():
                assert (message in first and message in other) or of[-1], (message, of)

    def _scan(self) -> None:
        """Nobody keeps a word that they do not show."""
        for person in self.people:
            visible = {
                word for text, *_ in shown(person).values() for word in ONCE.findall(text.encode())
            }
            held = b"\n".join(person.kept.values())
            kept = set(ONCE.findall(held))
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


@pytest.fixture(autouse=True)
def few_key_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_packages, "STOCK", 3)


TestSaying = Saying.TestCase
TestSaying.settings = settings(
    max_examples=int(os.environ.get("EIM_EXAMPLES", "12")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
