"""Who has signed that somebody goes."""

import pytest

from geventim.chat.departures import KICK, NO_HISTORY, NO_LEAF, Departure, kick_claim
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.crypto import signature
from geventim.errors import UserError
from geventim.service import departures
from tests.service.doubles import SERVER_SIGNER
from tests.service.identities import account, departure

ROOM = Conversation(b"c" * 16, Kind.ROOM, "lobby", account("alice").id, b"i" * 16)
ALICE, BOB = account("alice"), account("bob")


@pytest.mark.parametrize("kind", [EntryKind.LEAVE, EntryKind.DELETE])
def test_what_somebody_has_signed_is_taken_from_them_alone(kind):
    said = departure(ALICE, ROOM, kind)
    departures.check(ALICE, ROOM, kind, said)
    for who, payload in ((BOB, said), (ALICE, said[:-1]), (ALICE, said[:-64] + bytes(64))):
        with pytest.raises(UserError) as caught:
            departures.check(who, ROOM, kind, payload)
        assert caught.value.code == "bad_departure"


def test_one_kind_does_not_stand_for_the_other():
    for kind, other in [
        (EntryKind.LEAVE, EntryKind.DELETE),
        (EntryKind.DELETE, EntryKind.LEAVE),
    ]:
        with pytest.raises(UserError):
            departures.check(ALICE, ROOM, kind, departure(ALICE, ROOM, other))
    said = bytearray(departure(ALICE, ROOM, EntryKind.LEAVE))
    said[0] = KICK
    with pytest.raises(UserError):
        departures.check(ALICE, ROOM, EntryKind.LEAVE, bytes(said))


def test_messages_say_what_they_like():
    departures.check(ALICE, ROOM, EntryKind.MESSAGE, b"anything")


def test_kick_is_the_servers_word():
    said = Departure.decode(departures.make_kick(SERVER_SIGNER, ROOM, BOB.id))
    assert (said.kind, said.account, said.leaf) == (KICK, BOB.id, NO_LEAF)
    claim = kick_claim(ROOM.id, ROOM.incarnation, BOB.id, NO_LEAF, NO_HISTORY)
    signature.verify(SERVER_SIGNER.public, claim, said.signature)
