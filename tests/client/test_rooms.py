import pytest

from geventim.chat import requests
from geventim.chat.values import Kind
from geventim.client import gates
from geventim.client.amendment import RENEWAL_TIME
from geventim.client.causes import Cause
from geventim.client.events import Connected, Entered, Error, Notice, Sent, Speaker
from geventim.client.stages import Stage
from tests.client.hostile import lose_seat


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    """Stretching a key is meant to take its time."""
    monkeypatch.setattr(gates, "COST", 2)


def run(world, person, *lines):
    person.news()
    person.say(*lines)
    world.advance()
    return person.news()


def other_than(key):
    """Another key that looks as well."""
    return ("b" if key[0] == "a" else "a") + key[1:]


def key_of(person):
    """The key that was shown to ``person`` last."""
    return [notice.text for notice in person.seen(Notice) if notice.code == "new_key"][-1].split(
        ": "
    )[-1]


def test_lines_go_to_the_room_that_was_joined_last(world, alice, bob):
    run(world, alice, "@join den", "hello den")
    run(world, bob, "@join den")
    run(world, alice, "who is here?")
    assert bob.texts("den") == ["who is here?"]
    run(world, alice, "@join lobby", "and in the lobby")
    assert bob.texts("lobby") == ["and in the lobby"]


@pytest.mark.parametrize("line", ["@join den", "@newkey den"])
def test_it_is_told_where_lines_go_from_now_on(world, alice, line):
    shown = run(world, alice, line)
    assert [event.room for event in shown if isinstance(event, Entered)] == ["den"]
    assert Notice("You are in room 'den'.", speaker=Speaker.CLIENT) in shown


def test_a_room_goes_on_being_read_from_another_one(world, alice, bob):
    run(world, alice, "@join den")
    run(world, bob, "@join den", "one")
    run(world, alice, "@join lobby")
    run(world, bob, "two")
    assert alice.texts("den") == ["one", "two"]


def test_the_rooms_are_listed(world, alice, bob):
    run(world, alice, "@newkey vault", "@join den")
    (notice,) = run(world, alice, "@rooms")
    assert notice == Notice("Rooms: den (here), lobby, vault (keyed)", speaker=Speaker.CLIENT)


def test_who_leaves_hears_and_says_nothing_more_there(world, alice, bob):
    left = Notice("You left room 'lobby'.", speaker=Speaker.CLIENT)
    assert run(world, alice, "@leave") == [left]
    (error,) = run(world, alice, "hello?")
    assert (error.code, alice.texts()) == ("not_a_member", [])
    run(world, bob, "alice has left")
    assert alice.texts() == []
    assert [error.code for error in run(world, alice, "@leave")] == ["not_a_member"]


def test_who_has_left_is_not_brought_back_by_a_new_connection(world, alice, bob):
    run(world, alice, "@leave")
    bob.news()
    alice.drop()
    alice.connect()
    world.advance()
    assert [event.room for event in alice.news() if isinstance(event, Connected)] == [""]
    assert bob.news() == []
    assert [error.code for error in run(world, alice, "hello?")] == ["not_a_member"]
    run(world, alice, "@join lobby", "here I am")
    assert bob.texts() == ["here I am"]


def test_who_comes_back_reads_from_there_on(world, alice, bob):
    run(world, bob, "@leave lobby")
    run(world, alice, "while bob was away")
    run(world, bob, "@join lobby")
    run(world, alice, "since bob is back")
    assert bob.texts() == ["since bob is back"]
    assert bob.errors() == []
    world.check_agreement()


def test_who_comes_back_after_a_restart_of_the_program(world, alice, bob):
    run(world, bob, "@join den", "@leave lobby")
    run(world, alice, "while bob was away")
    bob.start()
    world.advance()
    assert bob.errors() == []
    run(world, alice, "since bob is back")
    assert bob.texts("lobby") == ["since bob is back"]


class TestKeyed:
    def test_its_key_lets_in_and_nothing_else_does(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        key = key_of(alice)
        before = len(bob.requests(requests.TakeTurn))
        assert [event.code for event in run(world, bob, "@join vault")] == ["no_key"]
        wrong = run(world, bob, f"@join vault {other_than(key)}")
        assert [event.code for event in wrong if isinstance(event, Error)] == ["wrong_key"]
        assert len(bob.requests(requests.TakeTurn)) == before, "nothing was sent"
        run(world, bob, f"@join vault {key}", "inside")
        assert alice.texts("vault") == ["inside"]
        world.check_agreement("vault")

    def test_a_passphrase_does_as_well_but_is_warned_of(self, world, alice, bob):
        shown = run(world, alice, "@join vault open sesame", "inside")
        assert shown[0].code == "weak_key"
        run(world, bob, "@join vault  open   sesame", "me too")
        assert alice.texts("vault") == ["me too"]
        six = "one two three four five six"
        assert "weak_key" not in [
            getattr(event, "code", "") for event in run(world, alice, f"@join other {six}")
        ]

    def test_no_part_of_a_key_reaches_the_server(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        key = key_of(alice)
        run(world, bob, f"@join vault {key}", "@newkey")
        secrets = [person.room("vault").record.room_key for person in (alice, bob)]
        assert secrets[0] == secrets[1]
        sent = repr(alice.asked + bob.asked).encode()
        sent += b"".join(payload for _, payload in alice.asked + bob.asked)
        for text in (key, key_of(bob), key.replace(" ", "")):
            assert text.encode() not in sent
        for secret in secrets:
            assert secret[:32] not in sent
            assert secret[32:] not in sent

    def test_a_room_that_is_not_keyed_is_no_place_for_a_key(self, world, alice, bob):
        run(world, alice, "@join den")
        shown = run(world, bob, "@join den open sesame")
        assert [event.code for event in shown if isinstance(event, Error)] == ["not_keyed"]
        assert bob.room("den").stage is Stage.ABSENT
        assert [event.code for event in run(world, alice, "@newkey den")] == ["not_keyed"]

    def test_a_new_key_is_told_to_the_members_and_shuts_out_the_old_one(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        old = key_of(alice)
        run(world, bob, f"@join vault {old}")
        run(world, alice, "@newkey")
        new = key_of(alice)
        assert new != old
        assert key_of(bob) == new
        (carol,) = world.enter("carol")
        assert "wrong_key" in [e.code for e in run(world, carol, f"@join vault {old}")]
        run(world, carol, f"@join vault {new}", "hi")
        assert alice.texts("vault") == ["hi"]
        assert bob.texts("vault") == ["hi"]
        world.check_agreement("vault")

    def test_a_member_that_was_away_has_the_new_key_too(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        run(world, bob, f"@join vault {key_of(alice)}")
        bob.drop()
        run(world, alice, "@newkey", "written under the new one")
        bob.start()
        world.advance()
        assert bob.texts("vault") == ["written under the new one"]
        vault = bob.room("vault")
        assert vault.record.room_key == alice.room("vault").record.room_key
        assert not vault.key.is_lacking

    def test_who_has_left_is_not_told_the_new_key(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        run(world, bob, f"@join vault {key_of(alice)}", "@leave vault")
        run(world, alice, "@newkey")
        assert key_of(alice) not in " ".join(bob.notices())
        assert bob.errors() == []

    def test_it_can_be_repaired_with_the_key(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        run(world, bob, f"@join vault {key_of(alice)}")
        world.advance(20)
        lose_seat(world, bob, bob.room("vault"))
        run(world, alice, "here we are")
        assert bob.texts("vault") == ["here we are"]
        world.check_agreement("vault")


class TestRejoin:
    def test_it_goes_on_and_says_what_has_changed(self, world, alice, bob):
        alice.room().stop(Cause.BACKWARDS)
        alice.tick()
        (carol,) = world.enter("carol")
        assert [event.code for event in run(world, alice, "hello?")] == ["backwards"]
        shown = run(world, alice, "@rejoin lobby", "here again")
        (rejoined,) = [event for event in shown if getattr(event, "code", "") == "rejoined"]
        assert "In it are: alice, bob, carol." in rejoined.text
        assert "New since your client left off: carol." in rejoined.text
        assert carol.texts() == bob.texts() == ["here again"]
        world.check_agreement()

    def test_it_outlives_the_process_that_something_was_stopped(self, world, alice, bob):
        alice.room().stop(Cause.REPLACED_HISTORY)
        alice.tick()
        alice.start()
        world.advance()
        assert [event.code for event in run(world, alice, "hello?")] == ["replaced_history"]
        run(world, alice, "@rejoin", "here again")
        assert bob.texts() == ["here again"]

    @pytest.mark.parametrize("kind", [Kind.GROUP, Kind.DM])
    def test_groups_and_pairs_are_rejoined_as_well(self, world, alice, bob, kind):
        run(world, alice, "@group set team bob", "@bob hi")
        name = {Kind.GROUP: "team", Kind.DM: "bob"}[kind]
        conversation = alice.conversation(kind, name)
        conversation.stop(Cause.BACKWARDS)
        alice.tick()
        run(world, alice, f"@rejoin {name}", "@group send team again", "@bob again")
        assert conversation.stage is Stage.ACTIVE
        assert bob.texts("team") == ["again"]
        assert bob.texts("alice") == ["hi", "again"]

    def test_what_is_in_order_stays(self, world, alice):
        assert [event.code for event in run(world, alice, "@rejoin")] == ["in_order"]

    def test_what_nobody_knows(self, world, alice):
        assert [event.code for event in run(world, alice, "@rejoin den")] == ["no_conversation"]


def test_a_room_that_was_about_to_be_entered_is_asked_for_again(world, alice):
    alice.say("@join den", "in the den")
    while not alice.requests(requests.TakeTurn)[1:]:
        world.step()
    alice.drop()
    alice.connect()
    world.advance()
    assert alice.room("den").stage is Stage.ACTIVE
    assert [event.conversation for event in alice.seen(Sent)] == ["den"]


def test_who_died_in_line_for_the_turn_is_in_line_no_more(world, alice):
    world.advance(RENEWAL_TIME + 1)
    alice.say("before which keys are renewed")
    while alice.room().stage is not Stage.IN_LINE:
        world.step()
    alice.start()
    world.advance()
    alice.say("a word")
    world.advance()
    assert [event.message for event in alice.seen(Sent)][-1] == "a word"
