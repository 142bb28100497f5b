from dataclasses import replace

import pytest

from geventim.errors import MisuseError
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups import emission
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.messages.framing import (
    PRIVATE_MESSAGE,
    PUBLIC_MESSAGE,
    ApplicationData,
    PrivateMessage,
    SenderData,
)
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import Remove
from geventim.mls.messages.protection import open_sender_data
from geventim.mls.schedule.secret_tree import LAST_GENERATION, Ratchet, RatchetKind
from tests.mls.builder import NOW, SUITE, agree, family, random, snapshot

HELLO = ApplicationData(b"hello")
APPLICATION = RatchetKind.APPLICATION


def test_sealing_changes_nothing_until_the_key_is_taken() -> None:
    duo = family("alice", "bob")
    before = snapshot(duo[0])
    signed = emission.sign(duo[0].state, PRIVATE_MESSAGE, HELLO, b"")
    one, found = emission.seal(duo[0].state, signed, APPLICATION, 0, DEFAULT_POLICY, random)
    assert snapshot(duo[0]) == before
    assert duo[1].receive(one).data == b"hello"
    duo[0].state.ratchets.take(found)
    assert snapshot(duo[0]) != before


def test_a_key_that_is_used_again_meets_another_guard() -> None:
    """As it is where an old state was restored."""
    state = family("alice", "bob")[0].state
    signed = emission.sign(state, PRIVATE_MESSAGE, HELLO, b"")

    def sender_data() -> SenderData:
        message, _ = emission.seal(state, signed, APPLICATION, 0, DEFAULT_POLICY, random)
        sealed = decode_message(message)
        assert isinstance(sealed, PrivateMessage)
        return open_sender_data(SUITE, state.epoch.secrets.sender_data_secret, sealed)

    one, other = sender_data(), sender_data()
    assert one.generation == other.generation
    assert one.reuse_guard != other.reuse_guard


def test_keys_that_are_left_out_are_not_kept() -> None:
    duo = family("alice", "bob")
    signed = emission.sign(duo[0].state, PRIVATE_MESSAGE, HELLO, b"")
    message, found = emission.seal(duo[0].state, signed, APPLICATION, 3, DEFAULT_POLICY, random)
    assert found.key.generation == 3
    duo[0].state.ratchets.take(found)
    saved = duo[0].state.ratchets.save()
    assert all(ratchet.late == () for ratchet in saved.ratchets)
    assert duo[1].receive(message).generation == 3


def test_keys_can_be_used_up() -> None:
    group = family("alice", "bob")[0]
    signed = emission.sign(group.state, PRIVATE_MESSAGE, HELLO, b"")
    ratchets = group.state.ratchets
    found = ratchets.seek(0, APPLICATION, 0, 0)
    ratchets.take(replace(found, ratchet=Ratchet(LAST_GENERATION, bytes(32))))
    with pytest.raises(MisuseError, match="used up"):
        emission.seal(group.state, signed, APPLICATION, 0, DEFAULT_POLICY, random)


def test_no_more_commits_are_dropped_than_others_follow() -> None:
    duo = family("alice", "bob", policy=Policy(max_generations_ahead=2))
    staged = [duo[0].commit(CommitRequest([], NOW)) for _ in range(3)]
    before = snapshot(duo[0])
    with pytest.raises(MisuseError, match="used up"):
        duo[0].commit(CommitRequest([], NOW))
    assert snapshot(duo[0]) == before
    duo[0].merge(staged[2])
    duo[1].merge(duo[1].receive(staged[2].message))
    agree(*duo)


def test_a_public_message_is_understood() -> None:
    duo = family("alice", "bob")
    signed = emission.sign(duo[0].state, PUBLIC_MESSAGE, Remove(1), b"header")
    received = duo[1].receive(emission.publish(duo[0].state, signed))
    assert (received.proposal, received.authenticated_data) == (Remove(1), b"header")
