"""What is written again, and what is not: carol has just got in, and nobody has written since."""

import pytest

from geventim.client import wishes
from geventim.client.events import Message
from geventim.client.following.arrival import DOUBT, NEWNESS
from geventim.client.sealing import content


@pytest.fixture
def carol(world, alice, bob):
    (person,) = world.enter("carol")
    world.advance(DOUBT)
    return person


@pytest.fixture
def wish(world, carol):
    """Wishes for something as carol, and gives the message that it is about."""
    count = 0

    def grant(kind, **fields):
        nonlocal count
        count += 1
        carol.wish(kind(id=count, **fields))
        world.advance(1)
        return carol.answers()[count].message_id

    return grant


def written(person):
    contents = person.room().record.doubtful.values()
    return [content.parse(each).message for each in contents]


def kept(person, word):
    return [name for name, value in person.kept.items() if word in value]


def test_only_so_much_is_written_again(world, carol, wish):
    world.measure(doubtful=2)
    for text in ("one", "two", "three"):
        wish(wishes.Say, to="#lobby", text=text)
    assert written(carol) == ["one", "two"]


def test_nor_more_than_so_many_bytes(world, carol, wish):
    world.measure(doubtful_size=1_000)
    for text in ("a" * 600, "b" * 600, "c"):
        wish(wishes.Say, to="#lobby", text=text)
    assert written(carol) == ["a" * 600, "c"]


@pytest.mark.parametrize("restart", [False, True])
def test_what_is_deleted_is_not_nor_kept(world, carol, wish, restart):
    wish(wishes.Say, to="#lobby", text="this stays")
    message_id = wish(wishes.Say, to="#lobby", text="planted")
    if restart:
        carol.start()
        world.advance()
    wish(wishes.DeleteMessage, message_id=message_id)
    world.advance(NEWNESS)
    assert [each for each in written(carol) if each] == ["this stays"]
    assert kept(carol, b"planted") == []


@pytest.mark.parametrize("is_off", [False, True])
def test_what_has_had_its_time_is_not_nor_kept(world, carol, wish, is_off):
    wish(wishes.SetTimer, conversation="#lobby", seconds=30)
    wish(wishes.Say, to="#lobby", text="planted")
    assert kept(carol, b"planted")
    if is_off:
        carol.drop()
    world.advance(40)
    if is_off:
        carol.start()
        world.advance()
    assert [each for each in written(carol) if each] == []
    assert kept(carol, b"planted") == []


def test_what_is_deleted_is_not_in_what_was_put_in_its_place_before(world, carol, wish):
    message_id = wish(wishes.Say, to="#lobby", text="first words")
    wish(wishes.Edit, message_id=message_id, text="planted")
    assert kept(carol, b"planted")
    wish(wishes.DeleteMessage, message_id=message_id)
    world.advance(NEWNESS)
    assert [each for each in written(carol) if each] == []
    assert kept(carol, b"planted") == []


def test_nor_is_it_where_it_was_answered(world, alice, carol, wish):
    alice.say("planted")
    world.advance(1)
    (message,) = [each for each in carol.seen(Message) if each.message == "planted"]
    wish(wishes.Say, to="#lobby", text="an answer", reply_to=message.message_id)
    alice.wish(wishes.DeleteMessage(id=1, message_id=message.message_id))
    world.advance(NEWNESS)
    assert kept(carol, b"planted") == []
