"""A member whose credential says another nick than the account has is taken for nobody else."""

import pytest

from geventim.chat.requests import LookUp
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.acquaintance import distrust
from geventim.client.events import Error, KeyChanged, Members, Message, Trusted
from geventim.client.operations import survey
from geventim.client.people.trust import Standing
from tests.client.hostile import introduce, on_commits, setting
from tests.client.mallory import Mallory

NAMES = [
    "alice",
    "Alice",
    "alice✓ (verified)",
    "alice ",
    "\u202eecila",
    "a\u0301" * 40,
    "server",
    "x" * 128,
]


def identity(person):
    return person.profile.keys.identity.public


def shown(person):
    """Every text that was shown."""
    return [str(getattr(event, "text", "")) for event in person.events]


def called(raw):
    return f"account {raw.account.hex()[:16]}"


def warnings(person):
    return [error.text for error in person.seen(Error) if error.code == "false_nick"]


def check_alice_is_herself(world, bob):
    """Bob can write to alice in private, and believes nobody else to be her."""
    alice = world.people["alice"]
    before = len(alice.texts())
    bob.say("@alice for you alone")
    world.advance()
    assert alice.texts()[before:] == ["for you alone"]
    assert bob.seen(KeyChanged) == []
    pin = bob.agent.context.user.trust.pin("alice")
    assert pin.identity == identity(alice)
    assert bob.agent.context.user.trust.rival("alice") is None


@pytest.mark.parametrize("nick", NAMES)
def test_a_newcomer_under_anothers_nick_is_shown_as_an_account(world, alice, bob, nick):
    raw = Mallory(world, leaf_nick=nick)
    raw.join()
    raw.say("hello")
    raw.say("hello again", nick=nick[:32])
    world.advance()
    for reader in (alice, bob):
        assert (
            Members("lobby", (called(raw),), (), called(raw), (), reader.place("lobby"))
            in reader.events
        )
        assert {message.nick for message in reader.seen(Message)} <= {called(raw)}
        assert reader.texts()[:1] == ["hello"]
        assert [called(raw) in text for text in warnings(reader)] == [True]
        assert not any("server has" in text.lower() for text in shown(reader))
        assert not any("verified)" in text for text in shown(reader))
        shot = survey.take(reader.agent.context, reader.agent.phase, "run-1")
        members = {each.nick for each in shot.members[reader.place("lobby")]}
        assert members == {"alice", "bob", called(raw)}
    check_alice_is_herself(world, bob)
    world.check_agreement()


@pytest.mark.parametrize("nick", NAMES)
def test_who_comes_later_does_not_take_them_for_another(world, nick):
    """Even where they have met neither before, and the member says nothing."""
    world.enter("bob", "alice")
    raw = Mallory(world, leaf_nick=nick)
    raw.join()
    (erin,) = world.enter("erin")
    assert [called(raw) in text for text in warnings(erin)] == [True]
    assert not any("✓" in text or "\u202e" in text for text in shown(erin))
    check_alice_is_herself(world, erin)


def test_trust_is_not_given_to_who_only_says_a_nick(world, alice, bob):
    bob.say("@verify alice", "@verify alice ok")
    world.advance()
    raw = Mallory(world, leaf_nick="alice")
    raw.join()
    raw.say("my key has changed, type @trust alice")
    bob.say("@trust alice")
    world.advance()
    assert bob.errors()[-1] == "nothing_to_trust"
    trust = bob.agent.context.user.trust
    assert trust.standing("alice", identity(alice)) is Standing.VERIFIED
    assert [event.standing for event in bob.seen(Trusted)] == [Standing.VERIFIED]
    alice.say("it is me")
    world.advance()
    assert [message.verified for message in bob.seen(Message)] == [False, True]


def test_who_is_not_there_is_nobody(world, alice, bob):
    """A nick that nobody has is nobody's."""
    raw = Mallory(world, leaf_nick="zoe")
    raw.join()
    (erin,) = world.enter("erin")
    assert erin.agent.context.user.trust.pin("zoe") is None
    assert [called(raw) in text for text in warnings(erin)] == [True]


def test_a_group_is_not_closed_to_its_members_by_a_false_nick(world, alice, bob):
    raw = Mallory(world, leaf_nick="alice")
    raw.join()
    tree = bob.room().seat_of().tree
    assert distrust(bob.agent.context.user, Kind.GROUP, tree) is None


def test_strangers_are_asked_after_and_pinned_when_we_come(world, alice, bob):
    (erin,) = world.enter("erin")
    pins = {nick: erin.agent.context.user.trust.pin(nick) for nick in ("alice", "bob")}
    assert {nick: pin.identity for nick, pin in pins.items()} == {
        "alice": identity(alice),
        "bob": identity(bob),
    }
    assert [request.nick for request in erin.requests(LookUp)] == ["alice", "bob"]
    erin.start()
    world.advance()
    assert len(erin.requests(LookUp)) == 2, "they are known by now"


def test_who_is_not_asked_after_is_met_when_they_speak(world, alice, bob):
    world.measure(introductions=0)
    (erin,) = world.enter("erin")
    trust = erin.agent.context.user.trust
    assert trust.pin("bob") is None
    bob.say("hello")
    world.advance()
    assert trust.pin("bob").identity == identity(bob)
    assert trust.pin("alice") is None
    assert warnings(erin) == []


def test_false_declarations_are_laid_to_who_committed(world, alice, bob):
    """An honest server declares what the commit's author has declared to it."""
    alice.tamper = on_commits(setting(removed=(introduce(bob),)))
    world.enter("carol")
    (line,) = [error.text for error in alice.seen(Error) if error.code == Cause.OTHER_CHANGE.code]
    assert line.startswith("carol changed the members of 'lobby'")
    assert "server" not in line
