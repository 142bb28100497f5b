import pytest

from geventim.errors import PeerError
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups import emission
from geventim.mls.groups.reception import open_message, take_application, take_proposal
from geventim.mls.messages.framing import PRIVATE_MESSAGE, ApplicationData, Member
from geventim.mls.messages.proposals import ReInit, Remove
from geventim.mls.schedule.secret_tree import RatchetKind
from tests.mls.builder import NOW, SUITE, commit, family, random, refuses, snapshot


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


def test_a_closed_group_takes_nothing_but_what_is_late() -> None:
    duo = family("alice", "bob")
    late = duo[0].send(b"late")
    commit(duo, 0, ReInit(b"next", 1, SUITE.number, ()))
    state = duo[0].state
    signed = emission.sign(state, PRIVATE_MESSAGE, ApplicationData(b"too late"), b"")
    kind = RatchetKind.APPLICATION
    message, _ = emission.seal(state, signed, kind, 0, DEFAULT_POLICY, random)
    refuses(duo[1], message, "closed")
    assert duo[1].receive(late).data == b"late"


def test_the_epoch_decides_who_the_members_are() -> None:
    trio = family("alice", "bob", "carol")
    late = trio[2].send(b"late")
    commit(trio[:2], 0, Remove(2))
    opened = open_message(trio[1].state, late, DEFAULT_POLICY)
    assert opened.message.content.sender == Member(2)
    assert opened.message.content.epoch == 1


def test_what_is_taken_uses_its_key_up() -> None:
    duo = family("alice", "bob")
    message = duo[0].send(b"hello", b"in the clear")
    taken = take_application(open_message(duo[1].state, message, DEFAULT_POLICY))
    assert (taken.sender, taken.data, taken.generation) == (0, b"hello", 0)
    assert taken.authenticated_data == b"in the clear"
    with pytest.raises(PeerError, match="received before"):
        open_message(duo[1].state, message, DEFAULT_POLICY)


def test_a_proposal_waits_in_the_state_that_is_given_back() -> None:
    duo = family("alice", "bob")
    before = duo[1].state
    opened = open_message(before, duo[0].propose(Remove(1), now=NOW), DEFAULT_POLICY)
    after, taken = take_proposal(before, opened, DEFAULT_POLICY)
    assert (len(before.pending), list(after.pending.proposals)) == (0, [taken.reference])
    assert taken.proposal == Remove(1)


def test_a_proposal_too_many_keeps_its_key() -> None:
    duo = family("alice", "bob")
    message = duo[0].propose(Remove(1), now=NOW)
    for _ in range(2):
        opened = open_message(duo[1].state, message, DEFAULT_POLICY)
        with pytest.raises(PeerError, match="too many proposals"):
            take_proposal(duo[1].state, opened, Policy(max_pending=0))
