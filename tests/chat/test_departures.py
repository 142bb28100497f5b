"""The bytes with which somebody is out of a conversation."""

import pytest

from geventim.chat import departures
from geventim.chat.departures import Deletion, Departure
from geventim.errors import PeerError

CONVERSATION, INCARNATION, ACCOUNT = b"c" * 16, b"i" * 16, b"a" * 16
LEAF, HISTORY, SIGNATURE = b"k" * 32, b"h" * 32, b"s" * 64

DEPARTURE = Departure(departures.LEAVE, ACCOUNT, LEAF, HISTORY, SIGNATURE)
DELETION = Deletion(departures.DELETE, ACCOUNT, SIGNATURE)


def test_departure_is_its_parts_one_behind_the_other() -> None:
    assert DEPARTURE.encode() == b"\x01" + ACCOUNT + LEAF + HISTORY + SIGNATURE
    assert Departure.decode(DEPARTURE.encode()) == DEPARTURE


def test_deletion_is_its_parts_one_behind_the_other() -> None:
    assert DELETION.encode() == b"\x03" + ACCOUNT + SIGNATURE
    assert Deletion.decode(DELETION.encode()) == DELETION


@pytest.mark.parametrize("whole", [DEPARTURE, DELETION])
def test_nothing_may_be_missing_or_follow(whole: Departure | Deletion) -> None:
    data = whole.encode()
    for changed in (b"", data[:-1], data + b"\0"):
        with pytest.raises(PeerError):
            type(whole).decode(changed)


def test_no_claim_can_be_taken_for_another() -> None:
    claims = {
        departures.leave_claim(CONVERSATION, INCARNATION, LEAF, HISTORY),
        departures.leave_claim(INCARNATION, CONVERSATION, LEAF, HISTORY),
        departures.leave_claim(CONVERSATION, INCARNATION, LEAF, departures.NO_HISTORY),
        departures.kick_claim(CONVERSATION, INCARNATION, ACCOUNT, LEAF, HISTORY),
        departures.kick_claim(CONVERSATION, INCARNATION, ACCOUNT, LEAF, departures.NO_HISTORY),
        departures.kick_claim(CONVERSATION, INCARNATION, ACCOUNT, departures.NO_LEAF, HISTORY),
        departures.delete_claim(CONVERSATION, INCARNATION),
    }
    assert len(claims) == 7
    assert all(claim.startswith(b"geventim ") for claim in claims)
