"""Who is told that it is not where we are, and when one listens to who says so."""

import pytest

from geventim.chat.replies import EntryEvent, Voided
from geventim.chat.requests import Void
from geventim.chat.values import EntryKind
from geventim.client.following.arrival import CONTESTED, INTERVAL
from geventim.client.following.entries import Verdict
from geventim.client.following.objections import TELLING, UNTOLD, Objections
from geventim.client.kept.stages import Stage
from tests.client.insiders import other_history

DAVE, ERIN = b"d" * 16, b"e" * 16


@pytest.fixture
def told(alice, bob):
    """What alice hands to the server when she objects."""
    room, sent = alice.room(), []
    send = room.user.ways.exchange.send
    room.user.ways.exchange.send = lambda ask, then: sent.append(ask.request)
    yield sent
    room.user.ways.exchange.send = send


@pytest.fixture
def objections(alice):
    return Objections(alice.room())


def entry(room, seq, author, kind=EntryKind.COMMIT):
    return EntryEvent(
        conversation=room.id,
        seq=seq,
        time=0.0,
        author="somebody",
        account=author,
        kind=kind,
        message_id=bytes(16),
        payload=0,
    )


def note(objections, room, seq, author, kind=EntryKind.COMMIT, *, settled=True):
    objections.note(entry(room, seq, author, kind), Verdict.VOID, settled=settled)


def voids(sent):
    return [request.seq for request in sent if isinstance(request, Void)]


class TestTelling:
    def test_of_each_author_the_last_entry_is_called_void_in_their_order(
        self, alice, objections, told
    ):
        room = alice.room()
        for seq, author in ((7, DAVE), (8, ERIN), (9, DAVE)):
            note(objections, room, seq, author)
        objections.tell()
        objections.tell()
        assert voids(told) == [8, 9]

    def test_who_makes_a_commit_that_counts_is_here_by_now(self, alice, objections, told):
        room = alice.room()
        note(objections, room, 7, DAVE)
        objections.note(entry(room, 8, DAVE), Verdict.TAKEN, settled=True)
        objections.tell()
        assert voids(told) == []
        assert room.witnesses.was_here_after(DAVE, 7)

    def test_while_catching_up_messages_are_of_no_account_and_commits_are(
        self, alice, objections, told
    ):
        room = alice.room()
        note(objections, room, 7, DAVE, EntryKind.MESSAGE, settled=False)
        note(objections, room, 8, ERIN, settled=False)
        objections.tell()
        assert voids(told) == [8]

    def test_of_messages_once_in_a_while(self, world, alice, objections, told):
        room = alice.room()
        for seq in (7, 8):
            note(objections, room, seq, DAVE, EntryKind.MESSAGE)
            objections.tell()
        note(objections, room, 9, DAVE)
        objections.tell()
        world.timers.time += INTERVAL
        note(objections, room, 10, DAVE, EntryKind.MESSAGE)
        objections.tell()
        assert voids(told) == [7, 9, 10]

    def test_who_is_out_of_step_waits_but_not_for_long(self, world, alice, objections, told):
        room = alice.room()
        note(objections, room, 7, DAVE)
        room.record.stage = Stage.OUTSIDE
        objections.tell()
        note(objections, room, 8, ERIN)
        world.timers.time += TELLING
        note(objections, room, 9, b"f" * 16)
        room.record.stage = Stage.ACTIVE
        objections.tell()
        assert voids(told) == [9]

    def test_who_has_been_told_so_itself_says_nothing_of_others(self, alice, objections, told):
        room = alice.room()
        note(objections, room, 7, DAVE)
        room.record.entered, room.record.contested = 1, True
        objections.tell()
        room.record.contested = False
        objections.tell()
        assert voids(told) == []
        note(objections, room, 8, DAVE)
        objections.tell()
        assert voids(told) == [8]

    def test_only_so_many_are_remembered(self, alice, objections, told):
        room = alice.room()
        for seq in range(UNTOLD + 3):
            note(objections, room, 7 + seq, seq.to_bytes(16, "big"))
        objections.tell()
        assert voids(told) == list(range(10, 10 + UNTOLD))


class TestHearing:
    @pytest.fixture
    def carol(self, world, alice, bob):
        person = world.person("carol")
        person.connect()
        world.run()
        return person

    def object(self, world, carol, account):
        room = carol.room()
        info = other_history(world.people["bob"].agent.context.user.engine, world.people["bob"])
        objections = Objections(room)
        event = Voided(
            conversation=room.id, seq=room.record.arrived, account=account, payload=len(info)
        )
        objections.hear(event, info)
        objections.weigh()
        return objections

    def test_who_may_be_right_is_followed_at_once(self, world, carol):
        room = carol.room()
        self.object(world, carol, DAVE)
        assert (room.stage, room.seat) == (Stage.OUTSIDE, None)
        assert room.witnesses.offered.giver == DAVE
        assert len(room.attempts) == 1

    @pytest.mark.parametrize(("certain", "interval"), [(False, INTERVAL), (True, CONTESTED)])
    def test_who_was_heard_of_late_is_heard_later(self, world, carol, certain, interval):
        room = carol.room()
        if certain:
            room.record.entered = 0
        assert room.witnesses.hear(DAVE, interval)
        objections = self.object(world, carol, DAVE)
        assert room.seat is not None
        assert objections.wake_at == world.timers.time + interval
        world.timers.time += interval
        objections.weigh()
        assert room.seat is None
        assert objections.wake_at is None

    def test_another_is_heard_meanwhile(self, world, carol):
        room = carol.room()
        room.witnesses.hear(DAVE, INTERVAL)
        self.object(world, carol, ERIN)
        assert room.witnesses.offered.giver == ERIN

    def test_what_does_not_hold_any_more_is_forgotten(self, world, carol):
        room = carol.room()
        room.witnesses.hear(DAVE, INTERVAL)
        objections = self.object(world, carol, DAVE)
        room.record.entered += 1
        objections.weigh()
        assert objections.wake_at is None
        assert objections._heard == {}

    def test_who_has_come_here_since_is_not_heard_any_more(self, world, carol):
        room = carol.room()
        room.witnesses.hear(DAVE, INTERVAL)
        objections = self.object(world, carol, DAVE)
        objections.note(entry(room, 99, ERIN), Verdict.TAKEN, settled=True)
        objections.note(entry(room, 100, DAVE), Verdict.VOID, settled=True)
        objections.weigh()
        assert objections.wake_at is not None
        objections.note(entry(room, 101, DAVE), Verdict.TAKEN, settled=True)
        world.timers.time += INTERVAL
        objections.weigh()
        assert room.seat is not None
        assert objections.wake_at is None

    def test_with_the_connection_goes_what_was_heard(self, world, carol):
        room = carol.room()
        room.witnesses.hear(DAVE, INTERVAL)
        objections = self.object(world, carol, DAVE)
        objections.reset()
        world.timers.time += INTERVAL
        objections.weigh()
        assert room.seat is not None

    def test_who_looks_for_a_state_takes_the_first_that_is_offered(self, world, carol):
        room = carol.room()
        self.object(world, carol, DAVE)
        self.object(world, carol, ERIN)
        assert room.witnesses.offered.giver == DAVE
