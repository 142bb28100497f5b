from dataclasses import replace

import pytest

from geventim.chat import requests
from geventim.chat.replies import Opened
from geventim.chat.values import EntryKind
from geventim.client.events import Connected, Entered, Error, Notice, Sent, Speaker
from geventim.client.following.amendment import RENEWAL_TIME
from geventim.client.kept.stages import Stage
from geventim.log.changes import Append
from tests.client.hostile import lose_seat


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
    run(world, alice, "@create room den", "hello den")
    run(world, bob, "@join den")
    run(world, alice, "who is here?")
    assert bob.texts("den") == ["who is here?"]
    run(world, alice, "@join lobby", "and in the lobby")
    assert bob.texts("lobby") == ["and in the lobby"]


@pytest.mark.parametrize("line", ["@create room den", "@newkey den"])
def test_it_is_told_where_lines_go_from_now_on(world, alice, line):
    shown = run(world, alice, line)
    assert [event.room for event in shown if isinstance(event, Entered)] == ["den"]
    assert Notice("You are in room 'den'.", speaker=Speaker.CLIENT) in shown


def test_a_room_goes_on_being_read_from_another_one(world, alice, bob):
    run(world, alice, "@create room den")
    run(world, bob, "@join den", "one")
    run(world, alice, "@join lobby")
    run(world, bob, "two")
    assert alice.texts("den") == ["one", "two"]


def test_the_rooms_are_listed(world, alice, bob):
    run(world, alice, "@newkey vault", "@create room den")
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
    run(world, bob, "@create room den", "@leave lobby")
    run(world, alice, "while bob was away")
    bob.start()
    world.advance()
    assert bob.errors() == []
    run(world, alice, "since bob is back")
    assert bob.texts("lobby") == ["since bob is back"]


class TestMaking:
    @pytest.mark.parametrize("line", ["@join my room", "@join my", "/join my  room "])
    def test_looking_for_a_room_that_is_not_there_makes_none(self, world, alice, bob, line):
        before = len(alice.requests(requests.CreateRoom))
        (error,) = run(world, alice, line)
        text = "There is no room 'my'. Make one: @create room my [KEY]"
        assert (error.code, error.text) == ("no_room", text)
        assert len(alice.requests(requests.CreateRoom)) == before
        assert world.store.room_named("my") is None
        run(world, alice, "still in the lobby")
        assert bob.texts("lobby") == ["still in the lobby"]

    def test_a_room_does_not_take_the_place_of_a_group(self, world, alice, bob):
        """Somebody in group 'lab' who types '@join lab' goes there, and no room is made."""
        (carol,) = world.enter("carol")
        run(world, alice, "@group set lab bob")
        shown = run(world, alice, "@join lab", "for the lab")
        assert Notice("You are in group 'lab'.", speaker=Speaker.CLIENT) in shown
        assert world.store.room_named("lab") is None
        assert bob.texts("lab") == ["for the lab"]
        assert carol.texts() == []

    def test_a_room_of_a_groups_name_is_not_entered_instead(self, world, alice, bob):
        (carol,) = world.enter("carol")
        run(world, alice, "@group set lab bob")
        run(world, carol, "@create room lab")
        run(world, alice, "@join lab", "for the lab")
        assert (bob.texts("lab"), carol.texts()) == (["for the lab"], [])
        assert [event.code for event in run(world, alice, "@join lab key")] == ["not_keyed"]
        assert [event.code for event in run(world, alice, "@create room lab")] == ["name_taken"]

    def test_who_talks_in_a_group_still_does_after_a_lost_connection(self, world, alice, bob):
        run(world, alice, "@group set lab bob", "@join lab")
        alice.drop()
        alice.connect()
        world.advance()
        assert [event.room for event in alice.seen(Connected)] == ["lobby", "lab"]
        run(world, alice, "for the lab")
        assert bob.texts("lab") == ["for the lab"]
        (error,) = run(world, alice, "@leave")
        assert error.text == "'lab' is a group. Usage: @group leave lab"

    def test_a_client_that_is_told_to_begin_in_a_group_makes_no_room(self, world, alice, bob):
        run(world, alice, "@group set crew bob")
        bob.profile = replace(bob.profile, room="crew")
        bob.start()
        world.advance()
        assert [event.room for event in bob.seen(Connected)][-1] == "crew"
        assert world.store.room_named("crew") is None

    @pytest.mark.parametrize("line", ["@create", "@create room", "@create lab", "@create group x"])
    def test_what_else_comes_after_create_makes_nothing(self, world, alice, line):
        (error,) = run(world, alice, line)
        assert (error.code, error.text) == ("usage", "Usage: @create room NAME [KEY]")

    @pytest.mark.parametrize("name", ["den", "d\u00e9n", "DEN", "bob", "b0b"])
    def test_a_room_of_a_room_or_of_somebody_is_not_made(self, world, alice, bob, name):
        run(world, bob, "@create room den", "@create room d\u00e9n")
        (refusal,) = run(world, alice, f"@create room {name}")
        assert refusal.code == "name_taken"
        assert "is taken, or looks too much like one that is" in refusal.text

    def test_the_first_room_of_a_new_server_is_made_by_who_comes_first(self, world, alice, bob):
        assert alice.room().record.id == bob.room().record.id
        assert len(alice.requests(requests.CreateRoom)) == 1
        assert bob.requests(requests.CreateRoom) == []

    def test_a_room_that_was_deleted_meanwhile_is_not_made_again(self, world, alice, bob):
        run(world, alice, "@create room den")
        world.service.moderation.make_operator("bob")
        alice.drop()
        den = world.store.room_named("den")
        world.store.commit(
            [Append(den.id, den.creator, EntryKind.DELETE, b"d" * 16, 0.0, operator=True)]
        )
        alice.connect()
        world.advance()
        assert world.store.room_named("den") is None
        assert [event.room for event in alice.seen(Connected)][-1] == ""
        assert alice.errors() == ["no_room"]
        run(world, alice, "@join lobby", "here I am")
        assert bob.texts() == ["here I am"]


class TestKeyed:
    def test_the_server_gives_away_nothing_to_guess_with(self, world, alice, bob):
        """Who is not in it is told that it has a key, and no more."""
        run(world, alice, "@create room vault open sesame")
        run(world, bob, "@join vault wrong")
        gate = alice.room("vault").record.gate
        heard = []
        bob.tamper = lambda message, payload: heard.append(message) or [(message, payload)]
        run(world, bob, "@join vault wrong again")
        opened = [message for message in heard if isinstance(message, Opened)]
        assert [(each.conversation.keyed, each.conversation.gate) for each in opened] == [
            (True, None)
        ]
        assert gate not in repr(heard).encode()
        assert repr(gate) not in repr(heard)

    def test_a_wrong_key_does_not_take_the_place_of_the_right_one(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        run(world, bob, f"@join vault {key_of(alice)}", "@leave vault")
        kept = bob.room("vault").record.room_key
        shown = run(world, bob, "@join vault open sesame")
        assert "wrong_key" in [getattr(event, "code", "") for event in shown]
        assert bob.room("vault").record.room_key == kept
        run(world, bob, "@join vault", "here again")
        assert alice.texts("vault") == ["here again"]

    def test_who_guesses_is_told_to_wait(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        for number in range(5):
            shown = run(world, bob, f"@join vault guess {number}")
            assert "wrong_key" in [getattr(event, "code", "") for event in shown]
        shown = run(world, bob, "@join vault another guess")
        assert shown[-1].code == "too_many_guesses"
        assert shown[-1].text.startswith("Too many wrong keys came from you. Try again in ")

    def test_a_server_that_lets_a_wrong_key_pass_is_found_out(self, world, alice, bob):
        """The members' state of the group has the gate; nothing is sent there with another key."""
        run(world, alice, "@newkey vault")
        gates_of_server = world.service._turns._gates
        gates_of_server.pass_through = lambda session, room, signed: room.gate
        run(world, bob, "@join vault open sesame")
        world.advance(20)
        assert "no_key" in bob.errors()
        assert bob.room("vault").seat is None
        assert bob.agent.context.user.account not in world.store.members(alice.room("vault").id)
        del gates_of_server.pass_through
        run(world, bob, f"@join vault {key_of(alice)}")
        world.check_agreement("vault")

    def test_its_key_lets_in_and_nothing_else_does(self, world, alice, bob):
        run(world, alice, "@newkey vault")
        key = key_of(alice)
        before = len(bob.requests(requests.Commit))
        assert [event.code for event in run(world, bob, "@join vault")] == ["no_key"]
        wrong = run(world, bob, f"@join vault {other_than(key)}")
        assert [event.code for event in wrong if isinstance(event, Error)] == ["wrong_key"]
        assert len(bob.requests(requests.Commit)) == before, "nothing was sent"
        run(world, bob, f"@join vault {key}", "inside")
        assert alice.texts("vault") == ["inside"]
        world.check_agreement("vault")

    def test_a_passphrase_does_as_well_but_is_warned_of(self, world, alice, bob):
        shown = run(world, alice, "@create room vault open sesame", "inside")
        assert shown[0].code == "weak_key"
        shown = run(world, bob, "@join vault  open   sesame", "me too")
        assert "weak_key" not in [getattr(event, "code", "") for event in shown]
        assert alice.texts("vault") == ["me too"]
        six = "one two three four five six"
        assert "weak_key" not in [
            getattr(event, "code", "") for event in run(world, alice, f"@create room other {six}")
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
        run(world, alice, "@create room den")
        shown = run(world, bob, "@join den open sesame")
        assert [event.code for event in shown if isinstance(event, Error)] == ["not_keyed"]
        assert bob.room("den").stage is Stage.ABSENT
        assert [event.code for event in run(world, alice, "@newkey den")] == ["not_keyed"]
        assert [event.code for event in run(world, bob, "@newkey den")] == ["name_taken"]

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


def test_a_room_that_was_about_to_be_entered_is_asked_for_again(world, alice):
    alice.say("@create room den", "in the den")
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
