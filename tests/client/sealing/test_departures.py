from collections.abc import Callable
from dataclasses import replace

import pytest

from geventim.chat.departures import DELETE, KICK, LEAVE, NO_HISTORY, NO_LEAF, Departure, kick_claim
from geventim.chat.values import Kind
from geventim.client.sealing.departures import (
    kick,
    sign_deletion,
    sign_leave,
    verify_deletion,
    verify_departure,
    verify_kick,
    verify_leave,
)
from geventim.errors import PeerError
from tests.client.members import INCARNATION, PLACE, charter_of, engine, group_of, server_key

ALICE, BOB = (engine(nick).client.signing_key for nick in ("alice", "bob"))
BOBS_ACCOUNT = engine("bob").account
LEAF = b"k" * 32
HISTORY = b"h" * 32
SERVER = server_key()
OTHERS = [(b"d" * 16, INCARNATION), (PLACE, b"j" * 16)]
"""Another conversation, and another one of the same id."""


def kicked(leaf: bytes = NO_LEAF, history: bytes = NO_HISTORY) -> Departure:
    signature = SERVER.sign(kick_claim(PLACE, INCARNATION, BOBS_ACCOUNT, leaf, history))
    return kick(BOBS_ACCOUNT, leaf, history, signature)


def refuses(call: Callable[[], None]) -> None:
    with pytest.raises(PeerError):
        call()


def test_who_leaves_says_so_itself() -> None:
    leave = sign_leave(BOB, PLACE, INCARNATION, LEAF, HISTORY)
    assert (leave.kind, leave.account) == (LEAVE, BOBS_ACCOUNT)
    assert (leave.leaf, leave.history) == (LEAF, HISTORY)
    without = sign_leave(BOB, PLACE, INCARNATION)
    assert (without.leaf, without.history) == (NO_LEAF, NO_HISTORY)
    verify_leave(leave, BOB.public, PLACE, INCARNATION)
    refuses(lambda: verify_leave(leave, ALICE.public, PLACE, INCARNATION))
    for place in OTHERS:
        refuses(lambda place=place: verify_leave(leave, BOB.public, *place))
    for changed in (
        replace(leave, leaf=NO_LEAF),
        replace(leave, history=NO_HISTORY),
        replace(leave, kind=KICK),
        replace(leave, account=engine("alice").account),
        replace(leave, signature=bytes(64)),
    ):
        refuses(lambda changed=changed: verify_leave(changed, BOB.public, PLACE, INCARNATION))


def test_who_is_kicked_is_so_by_the_word_of_the_server() -> None:
    verify_kick(kicked(LEAF), SERVER.public, PLACE, INCARNATION)
    verify_kick(kicked(), SERVER.public, PLACE, INCARNATION)
    refuses(lambda: verify_kick(kicked(), BOB.public, PLACE, INCARNATION))
    for place in OTHERS:
        refuses(lambda place=place: verify_kick(kicked(), SERVER.public, *place))
    for changed in (
        replace(kicked(), leaf=LEAF),
        replace(kicked(), history=HISTORY),
        replace(kicked(), kind=LEAVE),
        replace(kicked(), account=engine("alice").account),
    ):
        refuses(lambda changed=changed: verify_kick(changed, SERVER.public, PLACE, INCARNATION))


def test_who_deletes_says_so_itself() -> None:
    deletion = sign_deletion(BOB, PLACE, INCARNATION)
    assert (deletion.kind, deletion.account) == (DELETE, BOBS_ACCOUNT)
    verify_deletion(deletion, BOB.public, PLACE, INCARNATION)
    refuses(lambda: verify_deletion(deletion, ALICE.public, PLACE, INCARNATION))
    for place in OTHERS:
        refuses(lambda place=place: verify_deletion(deletion, BOB.public, *place))
    for changed in (
        replace(deletion, kind=LEAVE),
        replace(deletion, account=engine("alice").account),
    ):
        refuses(lambda changed=changed: verify_deletion(changed, BOB.public, PLACE, INCARNATION))


def test_a_departure_is_for_the_leaf_that_it_names() -> None:
    charter = charter_of(Kind.GROUP)
    group, _ = group_of(PLACE, charter, "alice", "bob")
    alice, bob = (leaf for _, leaf in group.members())
    left = sign_leave(BOB, PLACE, INCARNATION, bob.encryption_key, HISTORY)
    for right in (left, kicked(bob.encryption_key, HISTORY)):
        verify_departure(right, bob, charter, PLACE, HISTORY)
        refuses(lambda right=right: verify_departure(right, alice, charter, PLACE, HISTORY))
        refuses(lambda right=right: verify_departure(right, bob, charter, b"d" * 16, HISTORY))
        refuses(lambda right=right: verify_departure(right, bob, charter, PLACE, b"e" * 32))
        later = replace(right, history=b"e" * 32)
        refuses(lambda later=later: verify_departure(later, bob, charter, PLACE, b"e" * 32))
    alices = sign_leave(ALICE, PLACE, INCARNATION, bob.encryption_key, HISTORY)
    for wrong in (
        kicked(),
        kicked(bob.encryption_key),
        kicked(bob.encryption_key, b"e" * 32),
        kicked(alice.encryption_key, HISTORY),
        sign_leave(BOB, PLACE, INCARNATION),
        replace(alices, account=BOBS_ACCOUNT),
        replace(left, kind=KICK),
        replace(left, kind=DELETE),
    ):
        refuses(lambda wrong=wrong: verify_departure(wrong, bob, charter, PLACE, HISTORY))
    elsewhere = replace(charter, server=BOB.public)
    right = kicked(bob.encryption_key, HISTORY)
    refuses(lambda: verify_departure(right, bob, elsewhere, PLACE, HISTORY))
