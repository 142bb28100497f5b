import pytest
from msgspec.structs import replace

from geventim.chat.replies import Found, Person
from geventim.chat.values import account_id
from geventim.client.events import Acquaintance, Names, RoomCode, SafetyNumber, Trusted
from geventim.client.people.trust import Standing
from geventim.crypto.readable import encode_key
from tests.client.world import World

OTHER = b"o" * 32


def world(*nicks):
    made = World(3)
    return made, made.enter(*nicks)


def identity(person):
    return person.profile.keys.identity.public


def test_both_see_the_same_number_and_the_same_code():
    made, people = world("alice", "bob", "carol")
    alice, bob, carol = people
    alice.say("@verify bob", "@verify room")
    bob.say("@verify @Alice", "@verify room lobby")
    carol.say("@verify ROOM")
    made.run()
    (number,) = alice.seen(SafetyNumber)
    assert number.standing is Standing.UNVERIFIED
    assert number.nick == "bob"
    assert bob.seen(SafetyNumber)[0].number == number.number
    codes = {person.seen(RoomCode)[0] for person in people}
    assert len(codes) == 1
    assert codes.pop().members == 3


def test_the_code_changes_with_the_members():
    made, (alice,) = world("alice")
    alice.say("@verify room")
    made.run()
    made.enter("bob")
    alice.say("@verify room")
    made.run()
    before, after = alice.seen(RoomCode)
    assert before.code != after.code
    assert after.epoch > before.epoch


def test_who_was_compared_is_verified():
    made, (alice, bob) = world("alice", "bob")
    alice.say("@verify bob ok")
    made.run()
    assert alice.errors() == ["not_compared"]
    alice.say("@verify bob", "@verify bob OK")
    made.run()
    trusted = Trusted("bob", encode_key(identity(bob)), Standing.VERIFIED)
    assert alice.seen(Trusted) == [trusted]
    alice.say("@verify bob")
    made.run()
    assert alice.seen(SafetyNumber)[-1].standing is Standing.VERIFIED


def test_somebody_who_was_never_met_is_looked_up():
    made = World(3)
    (alice,) = made.enter("alice")
    (dora,) = made.enter("dora", room="elsewhere")
    alice.say("@whois dora", "@verify dora", "@whois nobody", "@verify alice")
    made.run()
    (known,) = alice.seen(Acquaintance)
    assert (known.nick, known.standing, known.conversations) == ("dora", Standing.UNVERIFIED, ())
    assert known.identity == encode_key(identity(dora))
    assert alice.seen(SafetyNumber)[0].nick == "dora"
    assert alice.errors() == ["to_oneself"]
    assert any("nobody" in text for text in alice.notices())


def test_whois_says_everything():
    made, (alice, bob) = world("alice", "bob")
    alice.say("@group set team bob", "@whois BOB", "@whois alice")
    made.advance()
    known, own = alice.seen(Acquaintance)
    assert known.nick == "bob"
    assert known.account == bob.agent.context.user.account.hex()
    assert known.identity == encode_key(identity(bob))
    assert known.since is not None
    assert known.conversations == ("lobby", "team")
    assert (own.nick, own.account) == ("alice", alice.agent.context.user.account.hex())


def test_a_new_key_can_be_compared_before_it_is_believed():
    made = World(3)
    alice, bob = made.person("alice"), made.person("bob")
    alice.agent.context.user.trust.see("bob", OTHER)
    made.enter("alice", "bob")
    alice.say("@whois bob", "@verify bob", "@verify bob ok", "@bob hello")
    bob.say("@verify alice")
    made.advance()
    (known,) = alice.seen(Acquaintance)
    assert known.standing is Standing.CHANGED
    assert known.identity == encode_key(identity(bob))
    (number,) = alice.seen(SafetyNumber)
    assert number.standing is Standing.CHANGED
    assert number.number == bob.seen(SafetyNumber)[0].number
    assert alice.seen(Trusted)[0].standing is Standing.VERIFIED
    assert bob.texts() == ["hello"]


def test_trust_is_for_what_has_changed():
    made, (alice, _) = world("alice", "bob")
    alice.say("@trust bob", "@trust", "@verify", "@verify bob no", "@whois", "@verify room nowhere")
    made.run()
    assert alice.errors() == ["nothing_to_trust", *["usage"] * 4, "not_a_member"]


@pytest.mark.parametrize(
    "lie",
    [
        {"identity": OTHER},
        {"identity": OTHER, "account": account_id(OTHER), "nick": "carol"},
        {"nick": "no name"},
    ],
)
def test_who_is_found_is_who_was_asked_for(lie):
    made, (alice,) = world("alice")
    made.enter("dora", room="elsewhere")

    def tamper(message, payload):
        if isinstance(message, Found):
            message = replace(message, person=replace(message.person, **lie))
        return [(message, payload)]

    alice.tamper = tamper
    alice.say("@whois dora")
    made.run()
    assert alice.errors() == ["bad_server"]
    assert alice.seen(Acquaintance) == []
    assert alice.agent.context.user.trust.pin("dora") is None


def test_a_server_that_puts_itself_in_the_place_of_somebody_is_seen_in_the_number():
    made, (alice,) = world("alice")
    (dora,) = made.enter("dora", room="elsewhere")

    def tamper(message, payload):
        if isinstance(message, Found):
            impostor = Person("dora", account_id(OTHER), OTHER)
            message = replace(message, person=impostor)
        return [(message, payload)]

    alice.tamper = tamper
    alice.say("@verify dora")
    dora.say("@verify alice")
    made.run()
    assert alice.seen(SafetyNumber)[0].number != dora.seen(SafetyNumber)[0].number
    alice.tamper = None
    alice.say("@dora hello")
    made.advance()
    assert alice.errors() == ["untrusted"]
    assert dora.texts() == []


def test_the_members_of_a_conversation_are_listed_with_their_trust(world, alice, bob):
    (carol,) = world.enter("carol")
    alice.say("@group set team bob,carol", "@verify bob", "@verify bob ok")
    world.run()
    alice.news()
    alice.say("@names team")
    world.run()
    names, notice = alice.news()
    assert names == Names(("alice", "bob", "carol"), "team", ("bob",), alice.place("team"))
    assert notice.text == "In 'team' are: alice, bob (verified), carol (not verified)"
    alice.say("@names #lobby", "@names nowhere")
    world.run()
    _, notice, error = alice.news()
    assert notice.text.startswith("In 'lobby' are: alice, ")
    assert error.code == "not_a_member"
    assert carol.agent.context.user.nick == "carol"
