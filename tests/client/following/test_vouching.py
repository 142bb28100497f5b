"""Saying that a commit does not count, and being told so."""

import pytest

from geventim.chat.replies import StateWanted
from geventim.chat.requests import Void
from geventim.chat.values import Kind
from geventim.client.following import vouching
from geventim.client.following.foundation import found_charter
from geventim.client.following.vouching import call_void, contradicts, give_state
from tests.client.insiders import change_commits, commit, other_history

BOB = b"b" * 16


@pytest.fixture
def newcomer(world, alice, bob):
    """Somebody of whom it is not certain yet whether they are in."""
    person = world.person("carol")
    person.connect()
    world.run()
    assert person.room().record.entered
    return person


def test_every_member_of_a_small_room_says_that_a_commit_does_not_count(world, alice, bob):
    change_commits(bob, lambda message, info: (bytes(len(message)), info))
    commit(world, bob)
    void, _ = alice.requests(Void)
    assert void.seq == alice.room().record.head


def test_who_is_asked_gives_a_state(world, alice, bob):
    alice.tell(StateWanted(conversation=alice.room().id))
    (void,) = alice.requests(Void)
    assert void.seq == 0


def test_the_state_of_another_group_contradicts(newcomer):
    room = newcomer.room()
    engine = newcomer.world.people["bob"].agent.context.user.engine
    other = other_history(engine, newcomer.world.people["bob"])
    assert contradicts(room, room.record.entered, BOB, other)


def test_what_does_not(world, alice, newcomer):
    room = newcomer.room()
    entered = room.record.entered
    other = other_history(alice.agent.context.user.engine, alice)
    assert not contradicts(room, entered - 1, BOB, other), "that is not our commit"
    assert not contradicts(room, entered, BOB, alice.room().group.group_info()), (
        "we are in that state"
    )
    for nonsense in (b"", b"nonsense", other[:-1]):
        assert not contradicts(room, entered, BOB, nonsense)


class TestWhereItIsCertain:
    """In a room, it is not for good: whoever has not shown that it is here may be elsewhere."""

    @pytest.fixture
    def room(self, newcomer):
        newcomer.room().record.entered = 0
        return newcomer.room()

    @pytest.fixture
    def other(self, alice):
        return other_history(alice.agent.context.user.engine, alice)

    def test_somebody_who_was_never_seen_contradicts(self, room, other):
        arrived = room.record.arrived
        assert not contradicts(room, arrived - 1, BOB, other)
        assert not contradicts(room, arrived, BOB, room.group.group_info())
        assert contradicts(room, arrived, BOB, other)

    def test_who_has_written_here_since_contradicts_itself(self, room, other):
        arrived = room.record.arrived
        room.witnesses.note(BOB, arrived + 1)
        assert not contradicts(room, arrived, BOB, other)
        assert contradicts(room, arrived + 2, BOB, other)

    def test_the_state_that_we_came_from_still_says_nothing(self, room, other):
        room.record.entered_from = vouching._read_history(room, other)
        assert not contradicts(room, room.record.arrived, BOB, other)

    def test_a_group_is_left_to_a_person(self, room, other):
        room.record.kind = Kind.GROUP
        assert not contradicts(room, room.record.arrived, BOB, other)

    def test_the_last_commit_of_who_never_came_is_void_if_half_of_the_others_say_so(
        self, room, other
    ):
        room.record.arrived = 0
        base = room.record.base
        assert room.seat.tree.census.members == 3
        assert not contradicts(room, base, BOB, other), "one of two, but one is not enough"
        assert not contradicts(room, base, BOB, other), "it is still one"
        assert not contradicts(room, base - 1, b"c" * 16, other), "another commit"
        assert contradicts(room, base, b"c" * 16, other)
        room.witnesses.commit(base, bytes(32))
        assert not contradicts(room, base, BOB, other), "about this one nobody has said anything"

    def test_who_has_not_seen_that_commit_yet_says_nothing_about_it(self, room, other):
        arrived = room.record.arrived
        room.witnesses.commit(arrived + 2, vouching._read_history(room, other))
        assert not contradicts(room, arrived + 1, BOB, other)
        assert contradicts(room, arrived + 2, BOB, other)


def test_a_state_of_another_conversation_says_nothing(world, alice, newcomer):
    engine = alice.agent.context.user.engine
    room = alice.room()
    elsewhere = engine.found(b"e" * 16, found_charter(room), world.timers.time).group_info()
    assert not contradicts(newcomer.room(), newcomer.room().record.entered, BOB, elsewhere)


def test_what_is_no_state_says_nothing(alice, newcomer):
    message = alice.room().group.send(b"hi")
    assert not contradicts(newcomer.room(), newcomer.room().record.entered, BOB, message)


def test_the_state_that_we_came_from_says_nothing(world, alice, bob):
    """Who gives it has not seen our commit yet."""
    before = alice.room().group.group_info()
    carol = world.person("carol")
    carol.connect()
    world.run()
    room = carol.room()
    assert room.seat.leaf.encryption_key not in before
    assert not contradicts(room, room.record.entered, BOB, before)
    room.record.entered_from = bytes(32)
    assert contradicts(room, room.record.entered, BOB, before)


def test_who_has_no_seat_has_nothing_to_lose(alice, newcomer):
    other = other_history(alice.agent.context.user.engine, alice)
    room = newcomer.room()
    room.seat = None
    assert not contradicts(room, room.record.entered, BOB, other)


def test_of_many_members_only_some_give_their_state(world, alice, bob, monkeypatch):
    """The first four bytes that are drawn decide, modulo the number of members."""
    world.measure(givers=1)
    room, drawn, sizes = alice.room(), [0, 1, 2, 3], []

    def draw(size):
        sizes.append(size)
        return drawn.pop(0).to_bytes(size, "big")

    monkeypatch.setattr(room.user, "random", draw)
    sent = []
    monkeypatch.setattr(
        room.user.ways.exchange, "send", lambda ask, then: sent.append(ask.request.seq)
    )
    for seq in (5, 6):
        call_void(room, seq)
    for _ in range(2):
        give_state(room)
    assert sent == [5, 0]
    assert sizes == [4] * 4


def test_as_many_as_are_to_give_it_all_do(world, alice, bob, monkeypatch):
    world.measure(givers=2)
    monkeypatch.setattr(alice.room().user, "random", lambda size: pytest.fail("it was drawn"))
    sent = []
    monkeypatch.setattr(
        alice.room().user.ways.exchange, "send", lambda ask, then: sent.append(ask.request.id)
    )
    give_state(alice.room())
    assert sent == [0]
