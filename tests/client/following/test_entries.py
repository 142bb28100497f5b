"""What entries mean to their reader, and what is said of those that make no sense."""

import msgspec
import pytest

from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, Kind, Sanction
from geventim.client.causes import Cause
from geventim.client.events import (
    Error,
    Group,
    GroupAction,
    KeyChanged,
    Members,
    Message,
    Notice,
)
from geventim.client.kept.stages import Stage
from geventim.client.people.trust import News
from geventim.lines.causes import explain
from geventim.service.turns.rates import EXTERNAL
from tests.client.hostile import kick
from tests.client.person import Person
from tests.client.world import SETTLING, World

replace = msgspec.structs.replace


def on_entries(kind, change):
    """A server that changes the entries of a kind, once."""
    done = []

    def tamper(message, payload):
        if isinstance(message, EntryEvent) and message.kind is kind and not done:
            done.append(message)
            yield from change(message, payload)
        else:
            yield message, payload

    return tamper


def say(world: World, person: Person, *lines: str) -> None:
    person.say(*lines)
    world.advance()


def test_a_message_is_shown_with_its_author_number_and_date(world, alice, bob):
    date = world.timers.time
    say(world, bob, "hi")
    (message,) = alice.seen(Message)
    assert (message.conversation, message.nick, message.message) == ("lobby", "bob", "hi")
    assert (message.date, message.kind, message.seq) == (date, "room", 3)


def test_who_joins_and_who_leaves_is_a_line(world, alice, bob):
    (carol,) = world.enter("carol")
    assert Members("lobby", ("carol",), (), "carol", (), alice.place("lobby")) in alice.news()
    say(world, carol, "@leave lobby")
    assert Members("lobby", (), ("carol",), "carol", (), alice.place("lobby")) in alice.news()
    say(world, alice, "carol's leaf goes before this")
    assert [each for each in alice.news() if isinstance(each, Members)] == []
    assert [each for each in bob.news() if isinstance(each, Members)] == [
        Members("lobby", ("carol",), (), "carol", (), alice.place("lobby")),
        Members("lobby", (), ("carol",), "carol", (), alice.place("lobby")),
    ]


@pytest.mark.parametrize("is_restored", [True, False])
def test_who_left_and_came_again_is_in_it_with_older_data_too(world, alice, bob, is_restored):
    say(world, alice, "@create room den")
    say(world, bob, "@join den")
    kept = dict(alice.kept) if is_restored else {}
    say(world, alice, "@leave den")
    say(world, alice, "@join den", "here again")
    world.advance(SETTLING)
    say(world, bob, "welcome back")
    alice.start(kept)
    world.advance(2 * EXTERNAL)
    assert alice.room("den").in_step
    say(world, alice, "#den and again")
    assert bob.texts() == ["here again", "and again"]
    say(world, alice, "@leave den")
    world.advance(SETTLING)
    assert alice.room("den").stage is Stage.ABSENT
    assert not alice.room("den").record.member


def test_a_group_that_somebody_left_or_deleted(world, alice, bob):
    say(world, alice, "@group set team bob")
    say(world, bob, "@group leave team")
    assert Group(GroupAction.LEFT, "team", "bob", alice.place("team")) in alice.news()
    say(world, alice, "@group set other bob")
    bob.news()
    say(world, alice, "@group delete other")
    assert bob.news() == [
        Group(GroupAction.DELETED, "other", "alice", alice.place("other")),
        Notice("Group other has been deleted.", "group_deleted"),
    ]


@pytest.mark.parametrize("name", ["[Server]", "a b", "", "\x1b[2J"])
def test_an_author_without_a_name_is_not_shown(world, alice, bob, name):
    alice.tamper = on_entries(
        EntryKind.MESSAGE, lambda entry, payload: [(replace(entry, author=name), payload)]
    )
    say(world, bob, "hi", "and on")
    assert alice.errors() == [Cause.NO_NAME.code]
    assert alice.texts() == ["and on"]


def test_a_damaged_message_is_skipped_with_a_line(world, alice, bob):
    alice.tamper = on_entries(
        EntryKind.MESSAGE,
        lambda entry, payload: [(entry, payload[:-1] + bytes([payload[-1] ^ 1]))],
    )
    say(world, bob, "hi")
    (error,) = alice.seen(Error)
    assert error == Error(
        "unreadable", explain("unreadable", {"author": "bob", "name": "lobby"}, 1)
    )
    assert alice.texts() == []


def test_after_a_damaged_message_the_history_is_another_one(world, alice, bob):
    """What was damaged in between is found out by the next message, and by the next connection."""
    alice.tamper = on_entries(
        EntryKind.MESSAGE, lambda entry, payload: [(entry, b"x" + payload[1:])]
    )
    say(world, bob, "hi")
    say(world, bob, "and on")
    assert alice.errors()[:2] == ["unreadable", "other_history"]
    assert alice.texts() == ["and on"]
    alice.drop()
    alice.connect()
    world.advance()
    assert alice.room().stage is Stage.STOPPED
    assert alice.errors()[-1] == "replaced_history"


@pytest.mark.parametrize("field", ["author", "account"])
def test_a_message_under_another_name_is_found_out(world, alice, bob, field):
    (carol,) = world.enter("carol")
    alice.news()
    other = {"author": "carol", "account": carol.agent.context.user.account}[field]
    alice.tamper = on_entries(
        EntryKind.MESSAGE, lambda entry, payload: [(replace(entry, **{field: other}), payload)]
    )
    say(world, bob, "hi")
    assert alice.errors() == [Cause.IMPOSTOR.code]
    assert alice.texts() == []


def test_an_entry_that_is_given_twice_is_shown_once(world, alice, bob):
    alice.tamper = on_entries(
        EntryKind.MESSAGE, lambda entry, payload: [(entry, payload), (entry, payload)]
    )
    say(world, bob, "hi", "ho")
    assert alice.texts() == ["hi", "ho"]
    assert world.faults == []


def test_an_entry_that_is_withheld_is_the_servers_fault_and_comes_after_all(world, alice, bob):
    alice.tamper = on_entries(EntryKind.MESSAGE, lambda entry, payload: [])
    say(world, bob, "hi", "ho")
    assert [nick for nick, _ in world.faults] == ["alice"]
    alice.connect()
    world.advance()
    assert alice.texts() == ["hi", "ho"]


def test_a_message_that_is_given_again_as_another_one_is_not_shown(world, alice, bob):
    first = []

    def replay(message, payload):
        if isinstance(message, EntryEvent) and message.kind is EntryKind.MESSAGE:
            first.append(payload)
            payload = first[0]
        yield message, payload

    alice.tamper = replay
    say(world, bob, "pay carol", "thank you")
    assert alice.texts() == ["pay carol"]
    assert "unreadable" in alice.errors()


def test_a_message_of_another_conversation_is_not_shown(world, alice, bob):
    """The server gives out what bob wrote in private as if it were for the lobby."""
    taken = []

    def move(message, payload):
        if isinstance(message, EntryEvent) and message.kind is EntryKind.MESSAGE:
            if not taken:
                taken.append(payload)
            elif message.conversation == alice.room().id:
                payload = taken[0]
        yield message, payload

    alice.tamper = move
    say(world, bob, "@alice in private")
    say(world, bob, "in the lobby")
    assert alice.texts() == ["in private"]
    assert alice.errors()[0] == "unreadable"


def test_an_entry_in_our_name_that_we_did_not_send_makes_us_join_anew(world, alice, bob):
    alice.tamper = on_entries(
        EntryKind.MESSAGE,
        lambda entry, payload: [
            (
                replace(entry, author="alice", account=alice.agent.context.user.account),
                payload,
            )
        ],
    )
    say(world, bob, "hi")
    assert alice.errors() == [Cause.OWN_COPY.code]
    say(world, alice, "still here")
    assert bob.texts() == ["still here"]
    world.check_agreement()


def test_all_that_another_copy_of_us_did_is_one_line(world, alice, bob):
    kept = dict(alice.kept)
    say(world, alice, "one", "two")
    alice.start({})
    world.advance(2 * EXTERNAL)
    say(world, alice, "three")
    world.advance(2 * EXTERNAL)
    alice.news()
    alice.start(kept)
    world.advance(2 * EXTERNAL)
    codes = [event.code for event in alice.news() if isinstance(event, Error)]
    assert codes.count(Cause.OWN_COPY.code) == 1
    say(world, alice, "four")
    assert bob.texts() == ["one", "two", "three", "four"]
    world.check_agreement()


def test_what_comes_of_a_conversation_that_was_stopped_is_not_believed(world, alice, bob):
    alice.room().stop(Cause.BACKWARDS)
    alice.tick()
    say(world, bob, "hi")
    assert alice.texts() == []


@pytest.mark.parametrize("departure", [b"", b"nonsense", bytes([1]) + bytes(112)])
def test_a_leave_that_is_not_true_takes_nobody_out(world, alice, bob, departure):
    """It is not signed by bob, and the server does not sign that bob is out."""
    conversation = alice.room()
    conversation.part(bob.agent.context.user.account, departure)
    say(world, alice, "still with bob")
    assert bob.texts() == ["still with bob"]
    assert conversation.record.departed == {}
    world.check_agreement()


def test_who_is_put_out_by_the_server_is_taken_out_by_the_others(world, alice, bob):
    (carol,) = world.enter("carol")
    kick(world, alice.room().id, bob)
    assert "The server has put you out of 'lobby'." in bob.notices()
    assert "The server has put bob out of 'lobby'." in alice.notices()
    assert bob.room().stage is Stage.ABSENT
    say(world, alice, "without bob")
    assert carol.texts() == ["without bob"]
    assert bob.texts() == []
    assert len(list(alice.room().group.members())) == 2
    world.check_agreement()


class TestEndedAccounts:
    """An account that the operator has ended is gone for those who talked with it, too."""

    @pytest.fixture
    def pair(self, world, alice, bob):
        """Alice and bob have written to each other."""
        say(world, alice, "@bob hello")
        say(world, bob, "@alice hi")
        alice.news()
        return alice.conversation(Kind.DM, "bob")

    def end(self, world, sanction):
        world.service.moderation.judge("bob", sanction)
        world.advance(60)

    def test_nothing_is_sent_any_more_to_one_of_two(self, world, alice, bob, pair):
        self.end(world, Sanction.REMOVED)
        assert bob.agent.ended.reason.code == "removed"
        assert "bob is not on this server any more." in alice.notices()
        say(world, alice, "@bob are you there?")
        assert alice.notices()[-1] == "bob is not on this server any more."
        assert len(list(pair.group.members())) == 1
        assert len(list(alice.room().group.members())) == 1

    def test_heir_of_a_nick_is_met_with_a_warning(self, world, alice, bob, pair):
        self.end(world, Sanction.RELEASED)
        assert "bob (old) is not on this server any more." in alice.notices()
        world._seed += 1  # with other keys
        heir = Person(world, "bob", "lobby")
        world.people["heir"] = heir
        heir.connect()
        world.run()
        world.advance()
        say(world, heir, "me again")
        changed = [(each.nick, each.why) for each in alice.seen(KeyChanged)]
        assert changed == [("bob", News.OTHER_KEY)]

    def test_old_conversation_stays_with_the_old_account(self, world, alice, bob, pair):
        self.end(world, Sanction.RELEASED)
        alice.drop()
        alice.connect()
        world.run()
        assert pair.name == "bob (old)"
        assert alice.errors() == []
        assert alice.agent.context.user.trust.pin("bob (old)").identity == pair.record.peer.identity

    def test_who_was_away_reads_what_an_old_account_has_written(self, world, alice, bob, pair):
        alice.drop()
        say(world, bob, "to all", "@alice to you")
        self.end(world, Sanction.RELEASED)
        alice.connect()
        world.run()
        world.advance()
        assert [(each.nick, each.message) for each in alice.seen(Message)][1:] == [
            ("bob (old)", "to all"),
            ("bob (old)", "to you"),
        ]
        assert alice.errors() == []
        assert alice.seen(KeyChanged) == []


def test_room_that_the_operator_has_deleted_is_gone(world, alice, bob):
    world.service.moderation.delete("lobby")
    world.advance(1)
    for person in (alice, bob):
        assert "The operator of the server has deleted 'lobby'." in person.notices()
        assert not person.room().record.member


def test_who_left_and_came_back_is_seen_and_stays(world, alice, bob):
    say(world, bob, "@leave lobby")
    alice.news()
    say(world, bob, "@join lobby")
    assert Members("lobby", ("bob",), (), "bob", (), alice.place("lobby")) in alice.news()
    say(world, alice, "welcome back")
    assert bob.texts() == ["welcome back"]
    assert alice.room().record.departed == {}
    world.check_agreement()


def test_who_left_was_removed_and_came_back_stays(world, alice, bob):
    say(world, bob, "@leave lobby")
    say(world, alice, "bob is gone")
    say(world, bob, "@join lobby")
    say(world, alice, "welcome back")
    assert bob.texts() == ["welcome back"]
    world.check_agreement()
