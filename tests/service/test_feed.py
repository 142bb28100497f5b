import pytest

from geventim.chat.values import Conversation, Kind
from geventim.errors import MisuseError
from geventim.service.feed import Feed, Pace, Reader
from tests.service.doubles import meet
from tests.service.identities import account

ROOM = Conversation(b"r" * 16, Kind.ROOM, "lobby", b"a" * 16)
GROUP = Conversation(b"g" * 16, Kind.GROUP, "crew", b"a" * 16)


@pytest.fixture
def reader():
    return Reader(outlet=object())


@pytest.fixture
def feeds():
    return [Feed(ROOM, audience=None), Feed(GROUP, audience=None)]


def test_nobody_reads_before_logging_in(reader):
    assert not reader.logged_in
    with pytest.raises(MisuseError):
        _ = reader.account
    reader.account = account("alice")
    assert reader.logged_in
    assert reader.account == account("alice")


def test_a_place_is_known_to_its_reader_and_its_feed(reader, feeds):
    feed, other = feeds
    reader.enter(feed, 3, None, b"p" * 16)
    reader.enter(other, 1, 2)
    place = reader.places[ROOM.id]
    assert feed.places == {reader.outlet: place}
    assert (place.reader, place.feed, place.peer) == (reader, feed, b"p" * 16)
    assert (place.since, place.cursor, place.sent, place.pace) == (3, 3, 3, Pace.SILENT)
    assert [reader.is_member(each.id) for each in (ROOM, GROUP)] == [True, False]


def test_it_goes_from_both_when_it_is_quit(reader, feeds):
    for feed in feeds:
        reader.enter(feed, 0)
    reader.quit(ROOM.id)
    reader.quit(ROOM.id)
    assert list(reader.places) == [GROUP.id]
    assert [len(feed.places) for feed in feeds] == [0, 1]


def test_and_all_of_them_at_the_end(reader, feeds):
    for feed in feeds:
        reader.enter(feed, 0)
        reader.behind[feed.conversation.id] = reader.places[feed.conversation.id]
    reader.end()
    assert reader.places == reader.behind == {}
    assert [feed.places for feed in feeds] == [{}, {}]


def test_who_reads_everything_is_settled(reader, feeds):
    for feed in feeds:
        reader.enter(feed, 0)
    reader.places[ROOM.id].pace = Pace.LIVE
    assert not reader.settled
    reader.places[GROUP.id].pace = Pace.BEHIND
    assert reader.settled


def test_a_connection_that_ends_leaves_nothing_in_the_feed(world):
    room, alice, bob = meet(world, "alice", "bob")
    feed = alice.session.places[room].feed
    assert set(feed.places) == {alice, bob}
    bob.lose()
    assert set(feed.places) == {alice}
