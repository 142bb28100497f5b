"""A server that lies about what a conversation is called, and whose a key is."""

import pytest

from geventim.chat.replies import (
    Added,
    Found,
    KeyPackage,
    LoggedIn,
    Opened,
)
from geventim.chat.requests import Append, ClaimKeyPackage
from geventim.chat.values import Kind, dm_id
from geventim.client.events import KeyChanged, SafetyNumber, Sent
from geventim.mls.messages.message import encode_message
from tests.client.hostile import (
    Stranger,
    altering,
    damaged,
    introduce,
    replace,
    say,
    setting,
)

DAY = 86_400.0


def test_another_group_under_a_known_name(world, alice, bob):
    """It is called after its founder, and what is meant for the known one does not go there."""
    say(world, alice, "@group set team bob")
    info = alice.conversation(Kind.GROUP, "team").latest
    alice.tell(Added(conversation=replace(info, id=b"z" * 16, founder=b"f" * 16)))
    other = alice.agent.context.conversations.get(b"z" * 16)
    assert other.name == "team-66666666"
    say(world, alice, "@group send team secret")
    assert bob.texts("team") == ["secret"]


def test_another_group_than_was_to_be_made(world, alice, bob):
    """An older group of that name is not taken for the new one, nor one of another name."""
    (carol,) = world.enter("carol")
    say(world, alice, "@group set team bob", "@group set family carol", "@group leave team")
    for name, refusal in [("team", "other_group"), ("family", "bad_server")]:
        older = alice.conversation(Kind.GROUP, name).latest
        alice.tamper = altering(Opened, setting(conversation=older))
        lines = ("@group set team carol", "@group send team secret")
        assert say(world, alice, *lines)[0] == refusal
        assert bob.texts() == carol.texts() == []


@pytest.mark.parametrize("named", [["alice", "mallory"], ["alice", "bob", "mallory"], ["alice"]])
def test_other_people_than_a_group_was_to_be_of(world, alice, bob, named):
    """Whom our client invites is whom its user has named."""
    (mallory,) = world.enter("mallory")
    people = tuple(introduce(world.people[nick]) for nick in named)
    alice.tamper = altering(Opened, setting(people=people))
    assert say(world, alice, "@group set team bob", "@group send team secret")[0] == "bad_server"
    assert bob.texts() == mallory.texts() == []
    assert alice.requests(ClaimKeyPackage) == alice.requests(Append) == []


def test_names_that_change_places(world, alice, bob):
    """Conversations keep their names: the server cannot send a message to other people by that."""
    say(world, alice, "@group set team bob", "@group set family bob")

    def swap(message, payload):
        other = {"team": "family", "family": "team"}
        infos = tuple(
            replace(each, name=other.get(each.name, each.name)) for each in message.conversations
        )
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, swap)
    alice.connect()
    world.run()
    assert [nick for nick, _ in world.faults] == ["alice"]


@pytest.mark.parametrize(
    "lie", ["package", "person", "both", "other", "damaged", "expired", "noise"]
)
def test_swapped_key_packages(world, alice, bob, lie):
    """A key package is used only if it is of whom it was asked for, and good."""
    stranger = Stranger(world)

    def swap(message, payload):
        other = encode_message(stranger.take_key_package())
        if lie == "package":
            return [(message, other)]
        if lie == "person":
            return [(replace(message, person=stranger.introduction), payload)]
        if lie == "other":
            return [(replace(message, person=stranger.introduction), other)]
        if lie == "both":
            person = replace(stranger.introduction, nick="bob")
            return [(replace(message, person=person), other)]
        if lie == "damaged":
            return [(message, damaged(payload))]
        if lie == "expired":
            world.timers.time += 100 * DAY
            return [(message, payload)]
        return [(message, b"noise")]

    alice.tamper = altering(KeyPackage, swap)
    code = "key_package_time" if lie == "expired" else "bad_key_package"
    assert say(world, alice, "@bob secret") == [code]
    assert bob.texts() == []
    assert len(bob.agent.context.conversations.named(Kind.DM, "alice").record.transcript) == 0


def test_a_key_package_that_is_given_out_twice(world, alice, bob):
    """The second invitation cannot be opened: who is invited joins by themselves."""
    (carol,) = world.enter("carol")
    given = []

    def keep(message, payload):
        given.append((message.person, payload))
        return [(message, payload)]

    alice.tamper = altering(KeyPackage, keep)
    say(world, alice, "@bob one")
    carol.tamper = altering(KeyPackage, lambda message, _: [(message, given[0][1])])
    say(world, carol, "@bob two")
    assert bob.errors()[0] == "lost_welcome"
    say(world, carol, "@bob three")
    assert "three" in bob.texts()
    world.check_group(carol.conversation(Kind.DM, "bob").id)


@pytest.mark.parametrize("lie", ["key", "account", "nick", "pair", "own", "place"])
def test_somebody_elses_key(world, alice, bob, lie):
    """An answer about bob that is about another key: it contradicts itself, or what we know."""
    stranger = Stranger(world)
    other, account = introduce(bob), alice.agent.context.user.account

    def answer(message, payload):
        person = {
            "key": replace(other, identity=stranger.introduction.identity),
            "account": replace(other, account=stranger.account),
            "nick": replace(other, nick="robert"),
            "pair": replace(stranger.introduction, nick="bob"),
            "own": replace(introduce(alice), nick="bob"),
            "place": other,
        }[lie]
        third = stranger.account if lie == "place" else person.account
        conversation = replace(
            message.conversation,
            id=dm_id(account, third),
            peer=person,
            name=person.nick,
        )
        return [(replace(message, conversation=conversation), payload)]

    alice.tamper = altering(Opened, answer)
    codes = say(world, alice, "@bob secret")
    assert codes == ["untrusted" if lie in {"pair", "own"} else "bad_server"]
    assert not alice.seen(Sent)
    if lie == "pair":
        assert [event.nick for event in alice.seen(KeyChanged)] == ["bob"]


@pytest.mark.parametrize("lie", ["key", "account", "nick"])
def test_a_false_answer_about_somebody_unknown(world, alice, bob, lie):
    carol = introduce(world.person("carol", "den"))
    person = {
        "key": replace(carol, identity=b"k" * 32),
        "account": replace(carol, account=b"a" * 16),
        "nick": replace(carol, nick="dora"),
    }[lie]
    world.enter("carol")
    alice.tamper = altering(Found, setting(person=person))
    assert say(world, alice, "@whois carol") == ["bad_server"]
    assert alice.agent.context.user.trust.pin("carol") is None


def test_somebody_in_between_from_the_beginning(world):
    """First contact trusts the server; the safety numbers of both sides show what it did."""
    (alice,) = world.enter("alice")
    (bob,) = world.enter("bob", room="den")
    stranger = Stranger(world)
    person = replace(stranger.introduction, nick="bob")
    alice.tamper = altering(Found, setting(person=person))
    say(world, alice, "@verify bob")
    say(world, bob, "@verify alice")
    numbers = [each.seen(SafetyNumber)[-1].number for each in (alice, bob)]
    assert numbers[0] != numbers[1]
    say(world, bob, "@join lobby")
    assert [event.nick for event in alice.seen(KeyChanged)] == ["bob"]
    say(world, alice, "@verify bob")
    assert alice.seen(SafetyNumber)[-1].number == numbers[1]
