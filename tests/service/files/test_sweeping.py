"""What is let go of: old blobs, those that have lost their place, and content of none."""

import pytest

from geventim.chat.values import Sanction
from geventim.service.conversations import retention
from geventim.service.files import sweeping as module
from geventim.service.files.blobs import DAY, Terms
from tests.service.doubles import fresh_id
from tests.service.files.test_blobs import Place


@pytest.fixture
def place():
    return Place()


def round_of(place):
    """Let a whole round begin and end."""
    place.world.timers.advance(module.INTERVAL + 10)


def test_a_deleted_conversation_leaves_nothing_within_moments(place):
    blob = place.blob()
    place.world.service.moderation.delete("lobby")
    place.world.timers.advance(module.SOON)
    assert place.contents.chunks == {}
    assert place.world.store.blob(blob) is None


def test_so_it_is_when_a_member_deletes_it(place):
    crew = place.alice.group("crew", "bob")
    blob = place.begin(conversation=crew).blob
    place.put(place.alice, blob, 0, bytes(262_208))
    assert place.contents.chunks
    place.alice.delete(crew)
    place.world.timers.advance(module.SOON)
    assert place.contents.chunks == {}


def test_an_ended_account_leaves_nothing_within_moments(place):
    blob, other = place.blob(), place.blob(place.bob)
    place.world.service.moderation.judge("alice", Sanction.REMOVED)
    place.world.timers.advance(module.SOON)
    assert list(place.contents.chunks) == [other]
    assert place.world.store.blob(blob) is None


def test_content_that_belongs_to_nothing_is_found(place):
    blob = place.blob()
    strays = [bytes([place_]) * 16 for place_ in range(4)]
    for stray in strays:
        place.contents.chunks[stray] = [b"left by a crash"]
    round_of(place)
    assert list(place.contents.chunks) == [blob]


def test_it_goes_on_when_something_could_not_be_done(place):
    place.blob(whole=False)
    for broken in (place.world.journal, place.contents):
        broken.failing = True
        place.world.timers.advance(DAY)
        broken.failing = False
    round_of(place)
    round_of(place)
    assert place.contents.chunks == {}


def test_several_that_end_are_looked_at_together(place):
    place.world.timers.advance(60)
    commits = []
    commit = place.world.journal.commit
    place.world.journal.commit = lambda changes: commits.append(changes) or commit(changes)
    service = place.world.service
    for _ in range(3):
        service.moderation._ended()
    place.world.timers.advance(module.SOON)
    sweeps = [each for (each, *_) in commits if isinstance(each, module.SweepBlobs)]
    assert len(sweeps) == 1


def test_a_clock_that_is_wrong_drops_nothing_for_a_day():
    place = Place(Terms(age=30 * DAY))
    blob = place.blob()
    place.world.timers.set(40 * DAY)
    round_of(place)
    place.world.service.moderation._ended()
    place.world.timers.advance(module.SOON)
    assert list(place.contents.chunks) == [blob]
    place.world.timers.set(-40 * DAY)
    round_of(place)
    assert list(place.contents.chunks) == [blob]
    place.world.timers.set(40 * DAY)
    round_of(place)
    place.world.timers.advance(DAY + 2 * retention.INTERVAL)
    assert place.contents.chunks == {}


def test_what_has_expired_is_forgotten_in_the_end(place):
    blob = place.blob()
    for _ in range(65):
        place.world.timers.advance(DAY)
    assert place.world.store.blob(blob) is None
    assert place.world.store.strays([fresh_id()])
