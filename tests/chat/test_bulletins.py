"""Bulletins come back as they were told."""

import msgspec
import pytest

from geventim.chat import bulletins as told
from geventim.chat.replies import Change
from geventim.chat.values import Purpose, Status

GUEST = told.Guest(bytes(16), "alice", Status.DND)


@pytest.mark.parametrize(
    "bulletin",
    [
        told.Alive(),
        told.Hello(),
        told.Present((GUEST, GUEST)),
        told.Present(()),
        told.Entered(GUEST),
        told.Left(bytes(16), Change.LOST),
        told.StatusChanged(GUEST),
        told.Announced("tea"),
        told.Introduced(bytes(16), b"c" * 16, b"p" * 16),
        told.AccountChanged(bytes(16)),
        told.KeyPackagesLow(bytes(16), 3),
        told.Asked(bytes(16), b"a" * 16, 7, b"ask"),
        told.Helped(bytes(16), b"a" * 16, b"help"),
        told.CalledVoid(bytes(16), 7, b"a" * 16, b"b" * 16),
        told.StateWanted(bytes(16)),
        told.MessageDelayed(bytes(16)),
        told.TurnUsed(bytes(16), b"a" * 16, Purpose.REMOVE, first=True),
        told.TurnPassed(bytes(16), b"a" * 16),
        told.TurnUrgent(bytes(16), 1),
        told.TurnSettled(bytes(16)),
    ],
)
def test_is_the_same_on_the_other_side(bulletin):
    numbered = told.Numbered(7, bulletin)
    assert told.unpack(told.pack(numbered)) == numbered


def test_what_is_none_is_refused():
    with pytest.raises(msgspec.ValidationError):
        told.unpack(told.pack((7, "something")))


def test_a_node_may_miss_a_beat():
    assert told.BEAT * 2 < told.SILENCE
