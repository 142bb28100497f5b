"""Changes that members make: fresh keys, leaves of those who have left, another key for a room."""

from geventim.chat import requests
from geventim.chat.replies import KickSigned, Turn
from geventim.client.following.amendment import PATIENCE, RENEWAL_TIME
from geventim.client.measures import USUAL
from geventim.client.people import roster
from geventim.client.sealing import gates
from tests.client.hostile import kick


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def epoch(person):
    return person.room().group.epoch


def commits(person):
    return len(person.requests(requests.Commit))


def test_what_the_design_says():
    assert (RENEWAL_TIME, USUAL.renewal_count, USUAL.sealed) == (24 * 3600, 100, 128)


def test_keys_are_renewed_before_the_first_message_after_a_day(world, alice, bob):
    before = epoch(alice)
    world.advance(RENEWAL_TIME - 60)
    say(world, alice, "one")
    assert epoch(alice) == before
    world.advance(60)
    assert epoch(alice) == before, "never while idle"
    say(world, alice, "two")
    assert epoch(alice) == before + 1
    assert bob.texts() == ["one", "two"]
    say(world, alice, "three")
    assert epoch(alice) == before + 1
    world.check_agreement()


def test_keys_are_renewed_after_so_many_messages(world, alice, bob):
    world.measure(renewal_count=5)
    before = epoch(alice)
    say(world, alice, *[str(number) for number in range(5)])
    assert epoch(alice) == before
    say(world, alice, "six")
    assert epoch(alice) == before + 1
    assert bob.texts() == ["0", "1", "2", "3", "4", "six"]


def test_nothing_more_is_sealed_in_an_epoch_that_has_had_enough(world, alice, bob):
    world.measure(sealed=5)
    before = epoch(alice)
    for number in range(12):
        say(world, alice, str(number))
        # Some of what is sealed is not counted as written, such as what is sealed anew.
        alice.room().record.since = 0
    assert epoch(alice) == before + 2
    assert bob.texts() == [str(number) for number in range(12)]


def test_what_others_write_counts_for_nobody_else(world, alice, bob):
    world.measure(renewal_count=3)
    say(world, bob, *"abc")
    before = commits(alice)
    say(world, alice, "one")
    assert commits(alice) == before


def test_a_leaver_is_removed_before_anything_is_sealed(world, alice, bob):
    (carol,) = world.enter("carol")
    ratchets = carol.room().group
    say(world, carol, "@leave lobby")
    assert len(list(alice.room().group.members())) == 3
    say(world, alice, "not for carol")
    assert len(list(alice.room().group.members())) == 2
    assert ratchets.epoch < epoch(alice)
    assert bob.texts() == ["not for carol"]


def test_a_leaver_is_removed_by_one_of_those_who_want_to_write(world, alice, bob):
    (carol,) = world.enter("carol")
    say(world, carol, "@leave lobby")
    before = commits(alice) + commits(bob)
    alice.say("one")
    bob.say("two")
    world.advance()
    assert commits(alice) + commits(bob) == before + 1
    assert (bob.texts(), alice.texts()) == (["one"], ["two"])
    world.check_agreement()


def test_a_leaver_is_removed_by_somebody_within_ten_seconds(world, alice, bob):
    (carol,) = world.enter("carol")
    before = commits(alice) + commits(bob)
    say(world, carol, "@leave lobby")
    world.advance(RENEWAL_TIME)
    assert commits(alice) + commits(bob) == before + 1
    assert len(list(alice.room().group.members())) == 2


def test_somebody_else_may_come_first_while_the_server_signs_that_one_is_out(world, alice, bob):
    carol, dave = world.enter("carol", "dave")
    held = []

    def hold(message, payload):
        if isinstance(message, KickSigned):
            held.append((message, payload))
            return []
        return [(message, payload)]

    alice.tamper = hold
    bob.drop()
    carol.drop()
    kick(world, alice.room().id, dave)
    while not held:
        world.advance(1)
    bob.connect()
    carol.connect()
    world.advance(20)
    assert dave.agent.context.user.account not in roster.members(bob.room().seat_of().tree)
    alice.tamper = None
    alice.tell(*held.pop())
    alice.say("hello")
    world.advance()
    assert bob.texts() == carol.texts() == ["hello"]
    world.check_agreement()


def test_a_renewal_that_gets_no_turn_keeps_no_message_back(world, alice, bob):
    """The server grants none: after a while the message goes without fresh keys."""
    alice.room().record.renewed = 0
    alice.tamper = lambda message, payload: (
        [] if isinstance(message, Turn) else [(message, payload)]
    )
    alice.say("waits for a while")
    world.advance(PATIENCE - 1)
    assert bob.texts() == []
    world.advance(2)
    assert bob.texts() == ["waits for a while"]


def test_several_who_left_go_at_once(world, alice):
    guests = world.enter("bob", "carol", "dora")
    for guest in guests:
        say(world, guest, "@leave lobby")
    say(world, alice, "alone at last")
    world.advance(10)
    assert len(list(alice.room().group.members())) == 1


class TestNewKey:
    def test_two_who_change_it_at_once_agree_in_the_end(self, world, alice, bob):
        say(world, alice, "@create room vault open sesame")
        say(world, bob, "@join vault open sesame")
        alice.say("@newkey")
        bob.say("@newkey")
        world.advance(20)
        one, other = (person.room("vault").record for person in (alice, bob))
        assert one.gate == other.gate
        assert one.room_key == other.room_key
        assert gates.gate(one.room_key).public == one.gate
        world.check_agreement("vault")

    def test_it_is_not_given_to_somebody_who_left_in_between(self, world, alice, bob):
        say(world, alice, "@create room vault open sesame")
        say(world, bob, "@join vault open sesame", "@leave vault")
        say(world, alice, "@newkey")
        assert len(list(alice.room("vault").group.members())) == 1
        assert bob.room("vault").record.offers == {}

    def test_it_outlives_a_connection_that_breaks(self, world, alice, bob):
        say(world, alice, "@create room vault open sesame")
        say(world, bob, "@join vault open sesame")
        old = alice.room("vault").record.gate
        alice.say("@newkey")
        for _ in range(4):
            world.step()
        alice.drop()
        alice.connect()
        world.advance(20)
        assert alice.room("vault").record.gate != old
        assert alice.room("vault").record.room_key == bob.room("vault").record.room_key
        world.check_agreement("vault")

    def test_who_leaves_while_it_is_announced_keeps_nobody_waiting(self, world, alice, bob):
        say(world, alice, "@create room vault open sesame")
        say(world, bob, "@join vault open sesame")
        old = alice.room("vault").record.gate
        alice.say("@newkey vault")
        while not alice.requests(requests.Append):
            world.step()
        bob.say("@leave vault")
        while bob.line.up:
            world.service.receive(bob.line.session, bob.line.up.popleft())
        while alice.line.down:
            alice.receive(alice.line.down.popleft())
        world.advance()
        assert alice.errors() == ["not_changed"]
        assert alice.room("vault").record.gate == old
        say(world, alice, "on and on", "@newkey vault")
        assert alice.undelivered == 0
        assert alice.room("vault").record.gate != old
