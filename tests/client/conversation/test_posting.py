"""What we write: queued, sealed with a key of its own, accepted, remembered, and written again."""

import pytest

from geventim.chat.requests import Append
from geventim.client.causes import Cause
from geventim.client.conversation.posting import accept_parcel, post, seal, write_again
from geventim.client.events import Sent
from geventim.client.following.arrival import DOUBT, adopt, disown
from geventim.client.sealing import content, testimony
from geventim.client.sealing.content import Content, ContentKind
from geventim.errors import UserError
from tests.client.hostile import say
from tests.client.insiders import commit, fool, made_up_state, silence
from tests.client.surroundings import START
from tests.client.written import last

SAID = Content("alice", "hi", START, ContentKind.ROOM)
TESTIMONY = testimony.Testimony(0, testimony.UNKNOWN, 0, 0).encode()

COMING_AGAIN = 20.0
"""Seconds in which somebody gets in anew: a server lets no account do so twice in 10 s."""


def test_each_is_sealed_with_a_key_of_its_own_and_how_far_is_kept(alice, bob):
    room = alice.room()
    one, two = post(room, SAID), post(room, SAID)
    for parcel in (one, two):
        seal(room, parcel, TESTIMONY)
    assert one.sealed != two.sealed
    assert one.epoch == two.epoch == room.record.transcript
    assert (room.record.sealed, room.record.sealed_in) == (2, room.record.transcript)
    assert room.group.generation == 2
    assert room.record.since == 2


def test_what_was_sealed_is_kept_with_how_far_the_keys_have_gone(alice, bob):
    room = alice.room()
    seal(room, post(room, SAID), TESTIMONY)
    alice.tick()
    alice.start()
    assert (alice.room().record.sealed, alice.room().group.generation) == (1, 1)
    assert alice.room().record.parcels == 1


def test_what_was_accepted_is_told_counted_and_remembered(alice, bob):
    room = alice.room()
    parcel = post(room, SAID)
    seal(room, parcel, TESTIMONY)
    accept_parcel(room, parcel, 9)
    alice.tick()
    assert [(event.message, event.seq) for event in alice.seen(Sent)] == [("hi", 9)]
    assert room.record.accepted == 1
    assert room.parcels.accepted_at(9) is parcel
    history = alice.agent.context.user.history
    assert [(told.utterance.text, told.utterance.seq) for told in last(history, 5)] == [("hi", 9)]


@pytest.mark.parametrize("kind", [ContentKind.SECRET, ContentKind.KEY])
def test_no_secret_and_no_key_is_remembered(alice, bob, kind):
    room = alice.room()
    parcel = post(room, Content("alice", "", START, kind, b"sealed"))
    accept_parcel(room, parcel, 9)
    alice.tick()
    assert last(alice.agent.context.user.history, 5) == []
    assert len(alice.seen(Sent)) == (kind is ContentKind.SECRET), "a key is told otherwise"


def test_what_was_not_possible_before_may_be_by_now(alice):
    room = alice.room()
    room.fail(UserError("no", "No."))
    one, two = post(room, SAID), post(room, SAID)
    assert room.intent.failure is None
    assert (one.number, two.number) == (1, 2)


def test_nothing_is_posted_where_we_are_not(alice):
    room = alice.room()
    room.exclude()
    with pytest.raises(UserError, match="not_a_member"):
        post(room, SAID)
    room.seek()
    post(room, SAID)
    assert room.parcels.queued


def test_nothing_is_posted_where_the_server_contradicts_itself(alice):
    room = alice.room()
    room.stop(Cause.REPLACED_HISTORY)
    with pytest.raises(UserError):
        post(room, SAID)
    assert len(room.parcels) == 0


class TestWritingAgain:
    """Carol gets in by a state that bob has made up, and nobody says so before she writes."""

    @pytest.fixture
    def carol(self, world, alice, bob):
        return fool(world, "carol", bob)

    def write(self, world, carol, *texts):
        world.advance(DOUBT)
        carol.say(*texts)
        world.run()

    def test_what_nobody_could_read_is_written_again_where_the_others_are(
        self, world, alice, bob, carol
    ):
        self.write(world, carol, "one", "two")
        assert alice.texts() == bob.texts() == []
        commit(world, alice)
        world.advance(COMING_AGAIN)
        assert alice.texts() == bob.texts()[1:] == ["one", "two"]
        assert [event.message for event in carol.seen(Sent)] == ["one", "two"], "told once"
        assert alice.errors().count("repeated") == 0
        world.check_agreement()

    def test_after_a_restart_too(self, world, alice, bob, carol):
        self.write(world, carol, "one")
        carol.start()
        world.run()
        assert [content.parse(each).message for each in doubtful(carol).values()] == ["one"]
        commit(world, alice)
        while not carol.room().parcels.queued:
            world.advance(0.1)
        carol.tick()
        carol.start()
        (parcel,) = carol.room().parcels._parcels
        assert (parcel.is_repeated, content.parse(parcel.content).message) == (True, "one")
        world.advance()
        assert alice.texts() == ["one"]

    def test_it_keeps_the_id_that_it_had_at_first_however_often_it_is_written(
        self, world, alice, bob, carol
    ):
        silence(alice, bob)
        self.write(world, carol, "one")
        ((first, written),) = doubtful(carol).items()
        ids = [request.message_id for request in carol.requests(Append)]
        room, numbers = carol.room(), []
        account, said = carol.agent.context.user.account, content.parse(written)
        assert ids == [content.message_id(account, room.id, said, written)]
        assert said.id == first
        for _ in range(2):
            write_again(room, room.record.entered)
            assert doubtful(carol) == {}
            (parcel,) = room.parcels._parcels
            assert parcel.content == written
            assert parcel.message_id not in {first, *ids}
            assert parcel.number == room.record.parcels
            numbers.append(parcel.number)
            carol.stir()
            world.run()
            assert list(doubtful(carol)) == [first]
        assert numbers == [2, 3], "each is kept under its own"

    def test_only_what_gets_us_in_has_it_written_again(self, world, alice, bob, carol):
        self.write(world, carol, "one")
        room = carol.room()
        for seq in (room.record.entered - 1, room.record.entered + 1):
            write_again(room, seq)
        assert len(room.parcels) == 0
        assert len(doubtful(carol)) == 1

    def test_what_was_on_its_way_when_we_left_that_state_is_too(self, world, alice, bob, carol):
        """The server puts it into the log after others have said that the state is wrong."""
        world.advance(DOUBT)
        carol.say("one")
        disown(carol.room())
        world.advance(COMING_AGAIN)
        assert alice.texts() == ["one"]
        assert [event.message for event in carol.seen(Sent)] == ["one"]

    def test_what_was_written_after_the_right_attempt_comes_again(self, world, alice, bob):
        """An insider lies about a state that was right, and gives another."""
        dave = world.person("dave")
        dave.connect()
        world.advance(DOUBT)
        room, right = dave.room(), dave.room().seat
        dave.say("in the right one")
        world.run()
        disown(room)
        with made_up_state(world, dave, bob):
            dave.tick()
            world.advance(COMING_AGAIN)
        dave.say("in the wrong one")
        world.run()
        assert alice.texts() == ["in the right one"]
        dave.say("on its way")
        adopt(room, right)
        dave.tick()
        world.advance()
        assert alice.texts() == ["in the right one", "in the wrong one", "on its way"]
        assert "repeated" not in alice.errors()

    def test_what_was_written_in_the_attempt_to_which_we_go_back_does_not(self, world, alice, bob):
        dave = world.person("dave")
        dave.connect()
        world.advance(DOUBT)
        room, right = dave.room(), dave.room().seat
        dave.say("in the right one")
        world.run()
        disown(room)
        adopt(room, right)
        assert (len(room.parcels), len(doubtful(dave))) == (0, 1), "nor is it certain yet"

    def test_where_it_is_certain_nothing_is_in_doubt(self, world, alice, bob):
        say(world, alice, "hi")
        assert doubtful(alice) == {}


def doubtful(person):
    return person.room().record.doubtful
