"""What authors testify about the log and about themselves, and what readers make of it."""

import msgspec
import pytest

from geventim.chat import codec
from geventim.chat.replies import EntryEvent
from geventim.chat.requests import Append
from geventim.chat.values import EntryKind
from geventim.client.causes import Cause
from geventim.client.events import Error, Message, Sent
from geventim.client.sealing import content
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.testimony import UNKNOWN
from geventim.client.sealing.testimony import Testimony as Seen
from geventim.mls.messages.proposals import GroupContextExtensions
from tests.client.surroundings import START

replace = msgspec.structs.replace


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def write(world, person, data, authenticated=None):
    """Let ``person`` seal something of their own making and put it into the lobby's log."""
    room = person.room()
    testimony = Seen(0, UNKNOWN, room.record.accepted, 0).encode()
    sealed = room.group.send(data, testimony if authenticated is None else authenticated)
    room.record.accepted += 1
    put(world, person, sealed)


def put(world, person, payload):
    """Put something into the lobby's log; the agent of ``person`` does not hear of it."""
    request = Append(
        id=9_999,
        conversation=person.room().id,
        message_id=person.agent.context.user.new_id(),
        head=person.room().record.head,
        payload=len(payload),
    )
    person.line.up.append(codec.encode(request, payload))
    person.tamper = lambda message, data: (
        [] if getattr(message, "id", None) == 9_999 else [(message, data)]
    )
    world.run()


def frame(nick="bob", kind=ContentKind.ROOM, sealed=b""):
    return content.encode(Content(nick, "hi", START, kind, sealed))


def test_what_somebody_wrote_is_shown(world, alice, bob):
    write(world, bob, frame())
    assert [event.message for event in alice.seen(Message)] == ["hi"]
    assert alice.errors() == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        frame(nick="alice"),
        frame(kind=ContentKind.PRIVATE),
        frame(kind=ContentKind.GROUP),
        frame(kind=ContentKind.ROOM, sealed=b"x"),
        frame() + b"x",
    ],
)
def test_what_says_nothing_that_fits_is_skipped_with_a_line(world, alice, bob, data):
    write(world, bob, data)
    assert alice.errors() == [Cause.NO_CONTENT.code]
    assert alice.texts() == []


@pytest.mark.parametrize("testimony", [b"", b"x", Seen(0, UNKNOWN, 0, 0).encode() + b"x"])
def test_what_testifies_nothing_is_skipped_too(world, alice, bob, testimony):
    write(world, bob, frame(), testimony)
    assert alice.errors() == [Cause.NO_CONTENT.code]


def test_a_proposal_is_skipped_and_keeps_nobody_from_sending(world, alice, bob):
    room = bob.room().group
    proposal = room.propose(GroupContextExtensions(room.extensions), now=int(START))
    room.discard_proposals()
    put(world, bob, proposal)
    assert alice.errors() == [Cause.NO_CONTENT.code]
    say(world, alice, "still able to send")
    assert [event.message for event in alice.seen(Sent)] == ["still able to send"]


def test_what_was_sealed_for_other_members_is_skipped_with_a_line(world, alice, bob):
    old = bob.room().group.send(frame(), Seen(0, UNKNOWN, 0, 0).encode())
    world.enter("carol")
    put(world, bob, old)
    assert alice.errors() == [Cause.ANOTHER_EPOCH.code]


def test_another_history_is_found_out_and_told_once_for_each_author(world, alice, bob):
    position = bob.room().record.position
    position.hash = b"another history of 32 bytes long"
    for _ in range(2):
        say(world, bob, "hi")
    assert alice.errors() == [Cause.OTHER_HISTORY.code]
    (error,) = alice.seen(Error)
    assert "different histories of 'lobby'" in error.text
    assert alice.texts() == ["hi", "hi"]


def test_missing_messages_are_counted(world, alice, bob):
    """The server leaves two messages out, and forges the numbers so that nothing shows."""
    say(world, bob, "one")
    dropped = []

    def withhold(message, payload):
        if not isinstance(message, EntryEvent) or message.kind is not EntryKind.MESSAGE:
            yield message, payload
        elif len(dropped) < 2:
            dropped.append(message)
        else:
            yield replace(message, seq=message.seq - 2), payload

    alice.tamper = withhold
    say(world, bob, "two")
    say(world, bob, "three")
    say(world, bob, "four")
    assert alice.texts() == ["one", "four"]
    (error,) = [event for event in alice.seen(Error) if event.code == "gap"]
    assert error.text.startswith("In 'lobby', 2 messages from bob did not arrive.")


def test_a_message_that_was_refused_is_not_missed(world, alice, bob):
    say(world, bob, "@alice one")
    say(world, alice, "@status dnd")
    say(world, bob, "@alice two", "@alice three")
    say(world, alice, "@status normal")
    say(world, bob, "@alice four")
    assert alice.texts() == ["one", "four"]
    assert alice.errors() == []


def test_messages_that_cannot_be_read_are_not_missed_as_well(world, alice, bob):
    say(world, bob, "one")
    write(world, bob, b"nonsense")
    say(world, bob, "three")
    assert alice.errors() == [Cause.NO_CONTENT.code]


def test_a_newcomer_misses_nothing_of_what_was_before(world, alice, bob):
    say(world, bob, "one", "two")
    (carol,) = world.enter("carol")
    say(world, bob, "three")
    assert carol.texts() == ["three"]
    assert carol.errors() == []


def test_a_room_that_is_not_keyed_gets_no_key(world, alice, bob):
    write(world, bob, frame(kind=ContentKind.KEY, sealed=b"s" * 64))
    assert alice.errors() == [Cause.NO_CONTENT.code]
    assert alice.room().record.offers == {}


@pytest.mark.parametrize("size", [1, 63, 65])
def test_what_no_key_stretches_to_is_no_key(world, alice, bob, size):
    alice.room().record.gate = b"g" * 32
    write(world, bob, frame(kind=ContentKind.KEY, sealed=b"s" * size))
    assert alice.errors() == [Cause.NO_CONTENT.code]
    assert alice.room().record.offers == {}
