import pytest

from geventim.client.kept.memory import Memory
from geventim.client.people.trust import News, Sighting, Standing, Trust
from geventim.errors import StoreError, UserError

OWN, KEY, OTHER, THIRD = b"a" * 32, b"k" * 32, b"o" * 32, b"t" * 32
NOW = 1_700_000_000.0


def make(memory=None):
    return Trust(memory or Memory({}), lambda: NOW, "alice", OWN)


def again(memory):
    """Trust as it is after a restart."""
    kept = {name: value for name, value in memory.take_changes().items() if value is not None}
    return make(Memory(kept))


def refused(function, *arguments):
    with pytest.raises(UserError) as caught:
        function(*arguments)
    return caught.value.code


def test_first_sight_pins():
    trust = make()
    assert trust.pin("bob") is None
    assert trust.see("bob", KEY) == Sighting(Standing.UNVERIFIED, News.FIRST)
    assert trust.see("bob", KEY) == Sighting(Standing.UNVERIFIED)
    pin = trust.pin("bob")
    assert (pin.nick, pin.identity, pin.since) == ("bob", KEY, NOW)


def test_a_nick_is_the_same_in_any_case():
    trust = make()
    trust.see("Bob", KEY)
    assert trust.pin("bOB").nick == "Bob"
    assert trust.see("bob", OTHER).news is News.OTHER_KEY


def test_another_key_changes_nothing_but_stops_writing():
    trust = make()
    trust.see("bob", KEY)
    trust.require([("bob", KEY), ("nobody", THIRD)])
    assert trust.see("bob", OTHER) == Sighting(Standing.CHANGED, News.OTHER_KEY, "bob")
    assert trust.see("bob", OTHER) == Sighting(Standing.CHANGED)
    assert trust.see("bob", THIRD) == Sighting(Standing.CHANGED, News.OTHER_KEY, "bob")
    assert trust.pin("bob").identity == KEY
    assert refused(trust.require, [("carol", b"c" * 32), ("bob", THIRD)]) == "untrusted"
    trust.require([("bob", KEY)])


def test_a_key_under_another_nick_is_not_believed_either():
    trust = make()
    trust.see("bob", KEY)
    assert trust.see("robert", KEY) == Sighting(Standing.CHANGED, News.OTHER_NICK, "bob")
    assert trust.pin("robert") is None
    assert refused(trust.require, [("robert", KEY)]) == "untrusted"
    trust.accept("robert")
    assert trust.pin("bob") is None
    trust.require([("robert", KEY)])
    assert trust.see("bob", OTHER).news is News.FIRST


def test_who_looks_like_somebody_else_is_not_believed_either():
    trust = make()
    trust.see("mary", KEY)
    assert trust.see("rnary", OTHER) == Sighting(Standing.CHANGED, News.LOOKALIKE, "mary")
    assert trust.see("rnary", OTHER) == Sighting(Standing.CHANGED)
    assert refused(trust.require, [("rnary", OTHER)]) == "untrusted"
    trust.accept("rnary")
    trust.require([("rnary", OTHER), ("mary", KEY)])
    assert trust.see("rnary", OTHER) == Sighting(Standing.UNVERIFIED)
    trust.see("mary", THIRD)
    trust.accept("mary")
    assert trust.standing("rnary", OTHER) is Standing.UNVERIFIED


def test_trust_moves_the_pin_to_the_rival_and_asks_for_verification_anew():
    trust = make()
    trust.see("bob", KEY)
    verify(trust, "bob")
    trust.see("bob", OTHER)
    assert trust.rival("bob").identity == OTHER
    assert trust.accept("bob").identity == OTHER
    assert trust.rival("bob") is None
    assert trust.standing("bob", OTHER) is Standing.UNVERIFIED
    assert trust.standing("bob", KEY) is Standing.CHANGED
    assert trust.see("robert", KEY).news is News.FIRST


def test_a_key_taken_from_somebody_else_leaves_them_without_a_pin():
    trust = make()
    trust.see("bob", KEY)
    trust.see("carol", OTHER)
    trust.see("bob", OTHER)
    trust.accept("bob")
    assert trust.pin("carol") is None
    assert trust.pin("bob").identity == OTHER


def test_there_is_nothing_to_trust_where_nothing_changed():
    trust = make()
    assert refused(trust.accept, "bob") == "nothing_to_trust"
    trust.see("bob", KEY)
    assert refused(trust.accept, "bob") == "nothing_to_trust"


def test_the_pinned_key_is_shown_again_once_it_is_seen_again():
    memory = Memory({})
    trust = make(memory)
    trust.see("bob", KEY)
    trust.see("bob", OTHER)
    assert trust.see("bob", KEY) == Sighting(Standing.UNVERIFIED)
    assert trust.candidate("bob").identity == KEY
    assert refused(trust.accept, "bob") == "nothing_to_trust"
    assert again(memory).rival("bob") is None
    assert trust.see("bob", OTHER).news is News.OTHER_KEY


def verify(trust, nick):
    trust.show(nick)
    return trust.verify(nick)


def test_verification_is_of_the_key_that_was_shown():
    trust = make()
    assert trust.show("bob") is None
    trust.see("bob", KEY)
    assert refused(trust.verify, "bob") == "not_compared"
    assert trust.show("Bob").identity == KEY
    assert trust.verify("bob").standing is Standing.VERIFIED
    assert trust.standing("bob", KEY) is Standing.VERIFIED


def test_a_rival_is_shown_and_verified_in_the_place_of_the_pin():
    trust = make()
    trust.see("bob", KEY)
    trust.show("bob")
    assert trust.see("bob", OTHER).standing is Standing.CHANGED
    assert refused(trust.verify, "bob") == "changed_meanwhile"
    assert trust.show("bob").identity == OTHER
    trust.see("bob", THIRD)
    assert refused(trust.verify, "bob") == "changed_meanwhile"
    assert trust.show("bob").identity == THIRD
    assert trust.verify("bob").identity == THIRD
    assert trust.standing("bob", THIRD) is Standing.VERIFIED
    assert trust.rival("bob") is None


def test_a_rival_keeps_the_spelling_of_its_name():
    trust = make()
    trust.see("bob", KEY)
    trust.see("Bob", OTHER)
    assert trust.show("bob").nick == "Bob"
    assert trust.accept("bob").nick == "Bob"


def test_what_contradicted_somebody_forgotten_is_a_first_sight():
    trust = make()
    trust.see("bob", KEY)
    trust.see("robert", KEY)
    trust.see("bob", OTHER)
    trust.accept("bob")
    assert trust.see("robert", KEY) == Sighting(Standing.UNVERIFIED, News.FIRST)
    assert trust.rival("robert") is None


def test_nobody_else_can_be_the_user():
    memory = Memory({})
    trust = make(memory)
    assert trust.see("alice", OWN) == Sighting(Standing.VERIFIED)
    assert trust.see("Alice", KEY).news is News.OTHER_KEY
    assert trust.see("a1ice", KEY).news is News.LOOKALIKE
    assert trust.see("bob", OWN) == Sighting(Standing.CHANGED, News.OTHER_NICK, "alice")
    for nick in ("alice", "bob"):
        assert refused(trust.accept, nick) == "own_name"
    assert again(memory).standing("alice", OWN) is Standing.VERIFIED


def test_everything_outlives_the_process():
    memory = Memory({})
    trust = make(memory)
    trust.see("bob", KEY)
    verify(trust, "bob")
    trust.see("bob", OTHER)
    trust.see("carol", THIRD)
    later = again(memory)
    assert later.pin("bob") == trust.pin("bob")
    assert later.rival("bob") == trust.rival("bob")
    assert later.see("bob", OTHER) == Sighting(Standing.CHANGED)
    assert later.see("dora", THIRD).news is News.OTHER_NICK


def test_what_was_forgotten_stays_so():
    memory = Memory({})
    trust = make(memory)
    trust.see("bob", KEY)
    trust.see("robert", KEY)
    trust.accept("robert")
    later = again(memory)
    assert later.pin("bob") is None
    assert later.rival("robert") is None
    assert later.pin("robert").identity == KEY


def test_damage_is_the_stores_fault():
    with pytest.raises(StoreError):
        make(Memory({"pin/bob": b"\xc1"}))
    with pytest.raises(StoreError):
        make(Memory({"rival/bob": b"\xc1"}))
