"""When a new group continues an old one (RFC 9420 §12.4.3.1), each rule broken alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import AES_128_GCM
from geventim.mls.ground.policy import DEFAULT_POLICY
from geventim.mls.groups.continuation import check_continuation
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import ReInit
from geventim.mls.schedule.psk import BRANCH, REINIT, PreSharedKeyID, ResumptionPsk
from tests.mls.builder import GROUP_ID, add, client, commit, family

NEXT = ReInit(b"next", 1, 3, ())


def link(usage: int, epoch: int, group_id: bytes = GROUP_ID) -> list[PreSharedKeyID]:
    return [PreSharedKeyID(ResumptionPsk(usage, group_id, epoch), bytes(32))]


def check(psks: list[PreSharedKeyID], new: Group, old: Group | None) -> None:
    state = None if old is None else old.state
    check_continuation(psks, new.state.epoch, state, DEFAULT_POLICY)


@pytest.fixture(scope="module")
def closed() -> Group:
    old = family("alice", "bob")
    commit(old, 0, NEXT)
    return old[0]


def test_a_reinitialisation(closed: Group) -> None:
    new = family("alice", "bob", "carol", group_id=b"next")[0]
    check(link(REINIT, 2), new, closed)


@pytest.mark.parametrize(
    "make",
    [
        lambda: family("alice", "bob", group_id=b"other"),
        lambda: family("alice", "bob", group_id=b"next", suite=AES_128_GCM),
    ],
)
def test_other_parameters_are_refused(closed: Group, make: Callable[[], list[Group]]) -> None:
    with pytest.raises(PeerError, match="not what the old one wanted"):
        check(link(REINIT, 2), make()[0], closed)


def test_other_extensions_are_refused(closed: Group) -> None:
    state = replace(closed.state, reinit=replace(NEXT, extensions=closed.extensions or (1,)))
    new = family("alice", "bob", group_id=b"next")[0]
    with pytest.raises(PeerError, match="not what the old one wanted"):
        check_continuation(link(REINIT, 2), new.state.epoch, state, DEFAULT_POLICY)


def test_a_missing_member_is_refused(closed: Group) -> None:
    new = family("alice", "carol", group_id=b"next")[0]
    with pytest.raises(PeerError, match="missing"):
        check(link(REINIT, 2), new, closed)


def test_another_epoch_than_the_last_is_refused(closed: Group) -> None:
    new = family("alice", "bob", group_id=b"next")[0]
    with pytest.raises(PeerError, match="another epoch"):
        check(link(REINIT, 1), new, closed)


def test_a_group_that_was_not_closed_is_not_reinitialised() -> None:
    old = family("alice", "bob")[0]
    with pytest.raises(PeerError, match="not to be reinitialised"):
        check(link(REINIT, 1), family("alice", "bob", group_id=b"next")[0], old)


def test_a_branch() -> None:
    old = family("alice", "bob", "carol")[0]
    check(link(BRANCH, 1), family("carol", "alice", group_id=b"branch")[0], old)
    check(link(BRANCH, 0), family("carol", group_id=b"branch")[0], old)


def test_a_branch_with_a_stranger_is_refused() -> None:
    old = family("alice", "bob")[0]
    new = family("alice", group_id=b"branch")
    add(new, client("mallory"))
    with pytest.raises(PeerError, match="is new"):
        check(link(BRANCH, 1), new[0], old)


def test_a_branch_of_another_suite_is_refused() -> None:
    old = family("alice", "bob")[0]
    new = family("alice", group_id=b"branch", suite=AES_128_GCM)[0]
    with pytest.raises(PeerError, match="other parameters"):
        check(link(BRANCH, 1), new, old)


def test_the_old_group_is_known_and_the_right_one() -> None:
    old, new = family("alice", "bob")[0], family("alice", group_id=b"branch")[0]
    for psks, known in ((link(BRANCH, 1), None), (link(BRANCH, 1, b"third"), old)):
        with pytest.raises(PeerError, match="do not know"):
            check(psks, new, known)
    with pytest.raises(PeerError, match="does not continue"):
        check([], new, old)
    check([], new, None)
