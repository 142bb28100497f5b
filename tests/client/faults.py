"""A program that fails in a way that nobody foresaw."""

from collections import Counter

from geventim.client.failures import FAILED
from geventim.client.following import messages
from tests.client.hostile import say

SECRET = "poison and pepper"


class FaultError(Exception):
    """What nobody foresaw."""


def failing(function, when=lambda *_: True, times=1_000):
    """``function``, which raises when it has done its work, for so many of the times."""
    left = [times]

    def fail(*arguments, **named):
        result = function(*arguments, **named)
        if left[0] and when(*arguments):
            left[0] -= 1
            raise FaultError(SECRET)
        return result

    return fail


def of_alice(talk, *_):
    return talk.user.nick == "alice"


def poison(monkeypatch, times=1_000):
    """Let the program fail with what says so, after it was shown and kept."""

    def is_poison(_, __, opened):
        return "poison" in opened.heard.said.message

    monkeypatch.setattr(messages, "_show", failing(messages._show, is_poison, times))


def shown(person):
    """How often each message was shown."""
    return Counter(person.texts())


def marks(person):
    return [name for name in person.kept if name.startswith(FAILED)]


def check_all_is_well(world, alice, bob, *, known=()):
    """They read each other, now and after a restart, and agree."""
    world.advance()
    for number in range(2):
        before = len(alice.texts())
        assert say(world, bob, f"are you there? {number}") == []
        assert say(world, alice, f"I am {number}") == []
        assert alice.texts()[before:] == [f"are you there? {number}"]
        assert bob.texts()[-1] == f"I am {number}"
        world.check_agreement()
        failures = len(alice.failures)
        alice.start()
        world.advance()
        assert len(alice.failures) == failures
    assert not world.faults
    assert marks(alice) == []
    assert set(alice.errors()) <= set(known)
