"""What we write: queued, sealed with a key of its own, accepted and remembered."""

import pytest

from geventim.client import testimony
from geventim.client.content import Content, ContentKind
from geventim.client.events import Sent
from geventim.client.posting import accept_parcel, post, seal
from geventim.errors import UserError
from tests.client.world import START

SAID = Content("alice", "hi", START, ContentKind.ROOM)
TESTIMONY = testimony.Testimony(0, testimony.UNKNOWN, 0, 0).encode()


def test_each_is_sealed_with_a_key_of_its_own_and_how_far_is_kept(alice, bob):
    room = alice.room()
    one, two = post(room, SAID), post(room, SAID)
    for parcel in (one, two):
        seal(room, parcel, TESTIMONY)
    assert one.sealed != two.sealed
    assert one.epoch == two.epoch == room.record.transcript
    assert (room.record.sealed, room.record.sealed_in) == (2, room.record.transcript)
    assert room.group.generation == 2


def test_what_was_accepted_is_told_and_counted(alice, bob):
    room = alice.room()
    parcel = post(room, SAID)
    seal(room, parcel, TESTIMONY)
    accept_parcel(room, parcel, 9)
    alice.tick()
    assert [event.message for event in alice.seen(Sent)] == ["hi"]
    assert room.record.accepted == 1


def test_nothing_is_posted_where_we_are_not(alice):
    room = alice.room()
    room.exclude()
    with pytest.raises(UserError):
        post(room, SAID)
