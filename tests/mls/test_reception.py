import pytest

from geventim.errors import PeerError
from geventim.mls.framing import Member
from geventim.mls.policy import DEFAULT_POLICY
from geventim.mls.proposals import Remove
from geventim.mls.reception import open_message
from tests.mls.builder import NOW, SUITE, commit, family, snapshot


def test_opening_leaves_the_key_until_it_is_used() -> None:
    duo = family("alice", "bob")
    message = duo[0].send(b"hello")
    before = snapshot(duo[1])
    opened = open_message(duo[1].state, message, DEFAULT_POLICY)
    assert opened.message.content.sender == Member(0)
    assert opened.generation == 0
    assert snapshot(duo[1]) == before
    opened.use_key()
    with pytest.raises(PeerError, match="received before"):
        open_message(duo[1].state, message, DEFAULT_POLICY)


def test_a_public_message_uses_no_key() -> None:
    duo = family("alice", "bob")
    message = duo[0].propose(Remove(1), now=NOW, public=True)
    before = snapshot(duo[1])
    opened = open_message(duo[1].state, message, DEFAULT_POLICY)
    assert opened.generation is None
    opened.use_key()
    assert snapshot(duo[1]) == before
    assert opened.message.reference(SUITE) == duo[0].pending()[0][0]


def test_the_epoch_decides_who_the_members_are() -> None:
    trio = family("alice", "bob", "carol")
    late = trio[2].send(b"late")
    commit(trio[:2], 0, Remove(2))
    opened = open_message(trio[1].state, late, DEFAULT_POLICY)
    assert opened.message.content.sender == Member(2)
    assert opened.message.content.epoch == 1
