import pytest

from geventim.chat.values import Kind
from geventim.client.conversation.hearing import may_delete
from geventim.client.conversation.posting import post
from geventim.client.events import Deleted, Edited, Message, Reacted, TimerSet
from geventim.client.sealing.content import LONGEST, SHORTEST, Content, ContentKind, Reaction
from tests.client.hostile import key_of


@pytest.fixture
def utter(world):
    """Somebody whose client does what it likes says something; what becomes of it."""

    def say(person, message="", **members):
        kind = members.pop("kind", ContentKind.ROOM)
        place = members.pop("place", None) or person.room()
        said = Content(person.nick, message, world.timers.time, kind, **members)
        parcel = post(place, said)
        person.stir()
        world.advance()
        return parcel

    return say


def test_what_a_program_does_not_know_is_shown_as_such(utter, alice, bob):
    utter(bob)
    assert alice.texts() == [""]


def test_an_edit_of_somebody_else_is_nothing(utter, alice, bob):
    said = utter(alice, "mine")
    utter(bob, "yours", replaces=said.message_id)
    utter(bob, retracts=said.message_id)
    assert alice.texts() == bob.texts() or alice.texts() == []
    for person in (alice, bob):
        assert person.seen(Edited) == []
        assert person.seen(Deleted) == []


def test_nor_is_a_reaction_that_is_none(utter, alice, bob):
    said = utter(alice, "mine")
    utter(bob, reaction=Reaction(said.message_id, "rude"))
    assert alice.seen(Reacted) == []
    assert alice.texts() == []


def test_what_is_said_about_what_never_was_is_nothing(utter, alice, bob):
    for message_id in (bytes(16), b"\xff" * 16):
        utter(bob, "x", replaces=message_id)
        utter(bob, retracts=message_id)
        utter(bob, reaction=Reaction(message_id, "👍"))
    assert alice.texts() == []


def test_one_id_with_two_texts_shows_both(utter, world, alice, bob):
    room = bob.room()
    for text in ("one", "two"):
        said = Content("bob", text, world.timers.time, ContentKind.ROOM)
        parcel = post(room, said)
        parcel.content = parcel.content.replace(_id_of(parcel), b'"id":"AAAAAAAAAAAAAAAAAAAAAA=="')
        bob.stir()
        world.advance()
    assert alice.texts() == ["one", "two"]
    assert len({message.message_id for message in alice.seen(Message)}) == 2


def _id_of(parcel):
    at = parcel.content.index(b'"id":"')
    return parcel.content[at : at + len(b'"id":""') + 24]


def test_the_timer_that_was_set_last_counts(utter, alice, bob):
    utter(bob, timer=60)
    utter(alice, timer=3600)
    assert alice.room().record.timer == bob.room().record.timer == 3600
    assert [timer.seconds for timer in alice.seen(TimerSet)] == [60, 3600]


@pytest.mark.parametrize(("timer", "seconds"), [(1, SHORTEST), (10**12, LONGEST), (0, 0)])
def test_a_timer_has_bounds_whoever_sets_it(utter, alice, bob, timer, seconds):
    utter(bob, timer=timer)
    assert alice.room().record.timer == seconds


def test_what_somebody_deletes_goes_though_they_are_ignored(utter, alice, bob):
    said = utter(bob, "planted words")
    alice.agent.context.user.ignored.add(bob.agent.context.user.account, "bob")
    utter(bob, "other", replaces=said.message_id)
    utter(bob, reaction=Reaction(said.message_id, "👍"))
    assert alice.seen(Edited) == alice.seen(Reacted) == []
    utter(bob, retracts=said.message_id)
    assert len(alice.seen(Deleted)) == 1


def test_a_timer_that_is_what_it_was_is_no_news(utter, alice, bob):
    for _ in range(3):
        utter(bob, timer=60)
    assert [timer.seconds for timer in alice.seen(TimerSet)] == [60]
    assert alice.room().record.timer_set == bob.room().record.timer_set


def test_nothing_is_shown_of_a_timer_or_a_key_of_who_is_ignored(world, utter, alice, bob):
    alice.say("@newkey vault")
    world.advance()
    bob.say(f"@join vault {key_of(alice)}")
    world.advance()
    alice.agent.context.user.ignored.add(bob.agent.context.user.account, "bob")
    place = bob.room("vault")
    alice.news()
    utter(bob, timer=60, place=place)
    utter(bob, "the key", kind=ContentKind.KEY, sealed=b"s" * 64, place=place)
    bob.say("@newkey vault")
    world.advance(20)
    old, new = alice.room("vault").record, bob.room("vault").record
    assert (old.timer, old.room_key, old.gate) == (60, new.room_key, new.gate)
    assert not [event for event in alice.news() if "key" in str(getattr(event, "code", "timer"))]
    assert alice.seen(TimerSet) == []


def test_a_key_is_told_once_it_is_one(world, utter, alice, bob):
    alice.say("@newkey vault")
    world.advance()
    bob.say(f"@join vault {key_of(alice)}")
    world.advance()
    alice.news()
    place = bob.room("vault")
    for number in range(9):
        utter(bob, f"key {number}", kind=ContentKind.KEY, sealed=bytes([number] * 64), place=place)
    assert "new_key" not in [getattr(event, "code", "") for event in alice.news()]
    bob.say("@newkey vault")
    world.advance(20)
    assert [getattr(event, "code", "") for event in alice.news()].count("new_key") == 1
    assert key_of(alice) == key_of(bob)


def test_reactions_do_not_use_up_keys(utter, alice, bob):
    said = utter(alice, "hello")
    before = bob.room().record.since
    utter(bob, reaction=Reaction(said.message_id, "👍"))
    utter(bob, read=1)
    assert bob.room().record.since == before
    utter(bob, "hello")
    assert bob.room().record.since == before + 1


def test_only_in_a_group_may_its_founder_delete(world, alice, bob):
    alice.say("@group set team bob")
    world.advance()
    team = alice.conversation(Kind.GROUP, "team").group.extensions
    room = alice.room().group.extensions
    founder, member = (person.agent.context.user.account for person in (alice, bob))
    assert may_delete(founder, team)
    assert not may_delete(member, team)
    assert not may_delete(founder, room)
    assert not may_delete(founder, ())
