import os

import pytest

from geventim.chat.values import Kind
from geventim.client.conversation import pictures
from geventim.client.conversation.pictures import FETCHED, LARGEST, LEAST
from geventim.client.conversation.posting import post
from geventim.client.files.transfers import BUSY, MOST
from geventim.client.measures import USUAL
from geventim.client.sealing.content import Content, ContentKind, File


def picture(size=1000, kind="image/png", width=3, count=1, name="a.png"):
    one = File(name, size, bytes(32), bytes(32), bytes(16), kind, width, 2 if width else 0)
    return tuple(one for _ in range(count))


@pytest.fixture
def send(world, bob):
    """Bob says something with files in the lobby."""

    def say(files, expires=0):
        said = Content("bob", "look", 0.0, ContentKind.ROOM, files=files, expires=expires)
        post(bob.room(), said)
        bob.stir()
        world.advance()

    return say


@pytest.fixture
def fetched(alice, monkeypatch):
    """What alice has begun to fetch."""
    found = []
    monkeypatch.setattr(alice.agent.context.user.transfers, "fetch", found.append)
    return found


def test_a_small_picture_is_fetched_and_nothing_else(send, fetched, alice, bob):
    send(picture())
    (fetching,) = fetched
    assert (fetching.index, fetching.wanted, fetching.place) == (0, "", alice.room().id)
    send(picture(LARGEST + 1))
    send(picture(kind="image/svg+xml"))
    send(picture(width=0))
    send(picture(kind=""))
    assert len(fetched) == 1
    assert alice.conversation(Kind.ROOM, "lobby").bookmark.unread == 5


def test_not_if_the_user_does_not_want_it(send, fetched, alice):
    alice.agent.context.user.preferences.change("pictures", False)
    send(picture())
    assert fetched == []


def test_nobody_fetches_what_they_have_sent(world, send, alice, bob, monkeypatch):
    monkeypatch.setattr(pictures, "_take", lambda *_: pytest.fail("it is bob's own"))
    alice.drop()
    send(picture())


def test_only_so_many_on_one_day(world, send, fetched, alice):
    for _ in range(USUAL.pictures // (10 * LARGEST)):
        send(picture(LARGEST, count=10))
    send(picture(LARGEST, count=10))
    assert len(fetched) == USUAL.pictures // LARGEST
    world.advance(86_400)
    send(picture(LARGEST))
    assert len(fetched) == USUAL.pictures // LARGEST + 1


@pytest.mark.parametrize("name", ["a.png.exe", "a.desktop", "png", "a.html\u202e.png.sh"])
def test_what_is_not_called_a_picture_is_none(send, fetched, name):
    send(picture(name=name))
    assert fetched == []


def test_many_that_are_tiny_end_as_well(send, fetched, world):
    world.measure(pictures=20 * LEAST)
    for _ in range(3):
        send(picture(0, count=10))
    assert len(fetched) == 20


def test_what_is_to_be_deleted_is_left_on_no_disk(send, fetched):
    send(picture(), expires=60)
    assert fetched == []


def test_they_leave_room_for_what_the_user_wants(send, alice, monkeypatch):
    transfers = alice.agent.context.user.transfers
    monkeypatch.setattr(transfers, "poll", lambda **_: None)
    for _ in range(3):
        send(picture(count=10))
    assert BUSY == len(transfers.under_way) < MOST


def test_what_is_damaged_fetches_nothing_today(world, send, fetched, alice):
    alice.agent.context.user.memory.put(FETCHED + alice.room().hex, os.urandom(3))
    send(picture())
    assert fetched == []
