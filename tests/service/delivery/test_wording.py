"""What everybody is told of an entry, and what one of them is told instead."""

import pytest

from geventim.chat.codec import replies
from geventim.chat.values import Entry, EntryKind
from geventim.service.delivery.wording import Wording


@pytest.fixture
def wording(world):
    return Wording(world.service.accounts)


@pytest.fixture
def people(world):
    return [world.enter(nick).session.account for nick in ("alice", "bob", "carol")]


@pytest.fixture
def entry(people):
    alice, bob, carol = (account.id for account in people)
    return Entry(
        bytes(16),
        seq=7,
        time=1.0,
        author=alice,
        kind=EntryKind.COMMIT,
        message_id=bytes(16),
        previous=bytes(range(32)),
        payload=b"commit",
        welcome=b"welcome",
        added=(bob,),
        removed=(carol,),
    )


def read(frame):
    ((event, payload),) = replies.decode(frame)
    return event, payload


def test_everybody_is_told_who_did_what_to_whom(wording, entry, people):
    event, payload = read(wording.for_all(entry))
    assert (event.seq, event.author, event.account) == (7, "alice", people[0].id)
    assert [person.nick for person in (*event.added, *event.removed)] == ["bob", "carol"]
    assert (event.welcome, event.previous, payload) == (0, None, b"commit")


def test_who_is_added_gets_the_welcome_and_the_hash(wording, entry, people):
    event, payload = read(wording.for_one(entry, people[1].id, 6))
    assert payload == b"commitwelcome"
    assert event.welcome == len(b"welcome")
    assert event.previous == entry.previous


def test_who_was_not_sent_the_entry_before_gets_the_hash(wording, entry, people):
    event, payload = read(wording.for_one(entry, people[2].id, 5))
    assert (event.welcome, event.previous, payload) == (0, entry.previous, b"commit")


def test_others_get_what_everybody_gets(wording, entry, people):
    assert wording.for_one(entry, people[2].id, 6) is None
