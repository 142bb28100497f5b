"""Key packages: each is given away once, and not for ever; there is always a last one."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import KeyPackage, LowOnKeyPackages, Ok
from tests.service.identities import person


def upload(client, *packages, last_resort=False):
    return client.ask(
        ask.UploadKeyPackages,
        b"".join(packages),
        sizes=tuple(map(len, packages)),
        last_resort=last_resort,
    )


def claim(client, nick):
    """A key package of ``nick``, or the word with which it is refused."""
    reply = client.ask(ask.ClaimKeyPackage, nick=nick)
    if not isinstance(reply, KeyPackage):
        return reply.code
    assert reply.person == person(nick)
    return next(payload for message, payload in client.received if message is reply)


@pytest.fixture
def two(world):
    return world.enter("alice"), world.enter("bob")


class TestClaims:
    def test_each_is_given_away_once_the_oldest_first(self, two):
        alice, bob = two
        assert isinstance(upload(alice, b"one", b"three"), Ok)
        assert [claim(bob, "alice") for _ in range(3)] == [b"one", b"three", "no_key_package"]

    def test_last_one_is_given_away_again_and_again(self, two):
        alice, bob = two
        upload(alice, b"last", last_resort=True)
        upload(alice, b"once")
        assert [claim(bob, "alice") for _ in range(3)] == [b"once", b"last", b"last"]
        upload(alice, b"new", last_resort=True)
        assert claim(bob, "alice") == b"new"

    def test_old_ones_are_not_given_away(self, world, two):
        alice, bob = two
        upload(alice, b"last", last_resort=True)
        upload(alice, b"old")
        world.timers.advance(limits.KEY_PACKAGE_AGE - 1)
        upload(alice, b"new")
        world.timers.advance(2)
        assert [claim(bob, "alice") for _ in range(2)] == [b"new", b"last"]

    def test_owner_is_named_as_kept_and_must_exist(self, two):
        alice, bob = two
        upload(alice, b"one")
        assert bob.ask(ask.ClaimKeyPackage, nick="ALICE").person.nick == "alice"
        assert claim(bob, "carol") == "user_not_found"


class TestUploads:
    @pytest.mark.parametrize(
        ("sizes", "payload", "code"),
        [
            ((3,), b"ab", "bad_request"),
            ((1,), b"ab", "bad_request"),
            ((0, 2), b"ab", "bad_request"),
            ((), b"", "bad_request"),
            ((1,) * 101, b"a" * 101, "bad_request"),
            ((5000,), b"a" * 5000, "too_large"),
        ],
    )
    def test_sizes_must_fit(self, two, sizes, payload, code):
        alice, bob = two
        alice.say(ask.UploadKeyPackages(id=9, sizes=sizes, payload=len(payload)), payload)
        assert alice.replies(9)[0].code == code
        assert claim(bob, "alice") == "no_key_package"

    def test_there_is_one_last(self, two):
        alice, _ = two
        assert upload(alice, b"one", b"two", last_resort=True).code == "bad_request"

    def test_full_disk(self, world, two):
        alice, _ = two
        world.journal.failing = True
        assert upload(alice, b"one").code == "storage_failed"


class TestReminders:
    def low(self, client):
        return [event.left for event in client.events(LowOnKeyPackages)]

    def test_newcomers_are_asked_for_some(self, two):
        assert [self.low(client) for client in two] == [[0], [0]]

    def test_who_has_enough_is_not_asked(self, world, two):
        alice, _ = two
        upload(alice, *[b"package"] * limits.FEW_KEY_PACKAGES)
        alice.lose()
        assert self.low(world.enter("alice")) == []
        world.timers.advance(limits.KEY_PACKAGE_AGE + 1)
        assert self.low(world.enter("alice")) == [0]

    def test_owner_is_told_when_few_are_left(self, two):
        alice, bob = two
        upload(alice, *[b"package"] * (limits.FEW_KEY_PACKAGES + 1))
        alice.received.clear()
        claim(bob, "alice")
        assert self.low(alice) == []
        claim(bob, "alice")
        assert self.low(alice) == [limits.FEW_KEY_PACKAGES - 1]
        assert self.low(bob) == [0]

    def test_claim_of_somebody_who_is_away_is_answered(self, two):
        alice, bob = two
        upload(alice, b"one")
        alice.lose()
        assert claim(bob, "alice") == b"one"
