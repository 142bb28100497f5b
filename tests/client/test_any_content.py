"""A member writes contents with anything in them: the others go on, and show the same."""

import base64
import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from geventim.client import wishes
from geventim.client.following import courier
from geventim.client.history.reading import Query
from tests.client.person import Person
from tests.client.world import World

SEEDS = max(1, round(30 * float(os.environ.get("EIM_ROUNDS", "0.1"))))
STEPS = 80

NICKS = ("alice", "bob", "Bob", "zed", "\u202eevil", "", "a" * 300)
EMOJI = ("👍", "", "x", "👍" * 9, "\u200d" * 10, "🏳️\u200d🌈")
TEXTS = ("", "hi", "x" * 32_768, "x" * 32_769, "\0", "@alice", "/me x", "```", "[a](javascript:x)")
NUMBERS = (0, 1, 30, 2**52, 2**53, -1, 1.5, None, "a")
DATES = (0, 1e9, 253_402_127_999.0, 253_402_128_000, -1, 1e308)
NAMES = ("a.png", "../x", "", "n" * 1_025, "CON", "a\u202egpj.exe")
SIZES = (0, 1, 100, 2**31, 2**31 + 1)


def encode(value: bytes) -> str:
    return base64.b64encode(value).decode()


class Forger:
    """Puts anything into contents; ``known`` are the ids of messages."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.known: list[str] = []

    def forge(self, content: bytes) -> bytes:
        """The same with some members changed, and maybe one missing."""
        members = json.loads(content[4:])
        makers = self._makers()
        for name in self.dice.sample(sorted(makers), self.dice.randrange(5)):
            members[name] = makers[name]()
        if self.dice.random() < 0.1:
            del members[self.dice.choice(sorted(members))]
        body = json.dumps(members).encode()
        return len(body).to_bytes(4, "big") + body if len(body) < 40_000 else content

    def _makers(self) -> dict[str, Callable[[], Any]]:
        pick, message = self.dice.choice, self._message
        return {
            "reply": lambda: {"to": message(), "nick": pick(NICKS), "excerpt": pick(TEXTS)[:161]},
            "replaces": message,
            "retracts": message,
            "reaction": lambda: {"to": message(), "emoji": pick(EMOJI)},
            "read": lambda: pick(NUMBERS),
            "expires": lambda: pick(NUMBERS),
            "timer": lambda: pick(NUMBERS),
            "away": lambda: pick((*TEXTS, "x" * 200, 5)),
            "format": lambda: pick(("text", "plain", "html", 3)),
            "message": lambda: pick(TEXTS),
            "date": lambda: pick(DATES),
            "id": message,
            "kind": lambda: pick(("group", "room", "private", "secret", "key", "x")),
            "nick": lambda: pick(NICKS),
            "sealed": lambda: encode(self.dice.randbytes(40)),
            "files": lambda: [self._file()] * pick((0, 1, 10, 11)),
            "unknown": lambda: {"a": [1] * 3},
        }

    def _message(self) -> str:
        if self.known and self.dice.random() < 0.8:
            return encode(bytes.fromhex(self.dice.choice(self.known)))
        return encode(self.dice.randbytes(self.dice.choice((16, 16, 15))))

    def _file(self) -> dict[str, Any]:
        dice = self.dice
        return {
            "name": dice.choice(NAMES),
            "size": dice.choice(SIZES),
            "hash": encode(dice.randbytes(32)),
            "key": encode(dice.randbytes(dice.choice((32, 31)))),
            "blob": encode(dice.randbytes(16)),
            "type": dice.choice(("image/png", "text/html")),
            "width": dice.choice((0, 1, 2**31 - 1)),
            "thumbnail": encode(dice.randbytes(dice.choice((0, 20, 8_193)))),
        }


def shown(person: Person) -> dict[tuple[str, str], Any]:
    """What each message is for somebody, but for those that may have had their time.

    What number it has with them is their own affair.
    """
    reading = person.agent.context.user.history.read_backwards(Query(), 10_000)
    found = []
    while not reading.over:
        found += reading.step()
    assert not reading.damage
    return {
        (each.conversation_id, each.message_id): replace(each, order=0)
        for each in (told.event() for told in found)
        if each.expires in {0, UNSET}
    }


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_a_member_writes_is_the_same_for_all_or_nothing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, forger = World(seed), Forger(seed)
    bob, *others = world.enter("bob", "alice", "carol")
    seal, dice, count = courier.seal, forger.dice, 0

    def seal_forged(conversation: Any, parcel: Any, testimony: bytes) -> None:
        content = parcel.content
        if conversation.user.nick == "bob":
            parcel.content = forger.forge(content)
        seal(conversation, parcel, testimony)
        parcel.content = content

    def wish(person: Person, kind: Any, **fields: Any) -> None:
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance(0.3)

    wish(bob, wishes.CreateGroup, name="team", members=("alice", "carol"))
    world.advance()
    monkeypatch.setattr(courier, "seal", seal_forged)
    for step in range(STEPS):
        place, person = dice.choice(("#team", "#lobby")), dice.choice(others)
        wish(bob, wishes.Say, to=place, text=f"forged {step}")
        match dice.randrange(8):
            case 0 | 1:
                wish(person, wishes.Say, to=place, text=f"honest {step}")
            case 2:
                wish(person, wishes.MarkRead, conversation=place)
            case 3 if forger.known:
                message = dice.choice(forger.known)
                wish(person, wishes.React, message_id=message, reaction="tada")
            case 4:
                person.start()
                world.advance(dice.choice((1, 40)))
        ids = (getattr(event, "message_id", "") for event in person.events[-9:])
        forger.known += [each for each in ids if each and each not in forger.known]
    world.advance(60)
    assert not world.faults
    assert not any(each.failures or each.is_dead for each in others)
    first, second = map(shown, others)
    assert len(first) > 10
    assert first == second
