"""Branching and reinitialisation (RFC 9420 §11.2, §11.3)."""

import pytest

from geventim.errors import MisuseError
from geventim.mls.ground.cipher_suite import AES_128_GCM, CHACHA20_POLY1305
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.policy import DEFAULT_POLICY
from geventim.mls.groups.commit_creation import WelcomeOptions
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.groups.subgroup import branch, reinitialise
from geventim.mls.messages.proposals import ReInit
from tests.mls.builder import (
    LIFETIME,
    NOW,
    agree,
    client,
    commit,
    family,
    package,
    random,
    supporting,
)


def test_a_branch_has_some_members_of_the_old_group() -> None:
    old = family("alice", "bob", "carol")
    own = package(old[2].client)
    new, staged = branch(
        old[0], b"branch", [own.key_package], LIFETIME, now=NOW, random=random,
        policy=DEFAULT_POLICY,
    )  # fmt: skip
    new.merge(staged)
    joined = Group.join(staged.welcome or b"", own, random=random, continues=old[2])
    agree(new, joined)
    assert (joined.group_id, joined.epoch) == (b"branch", 1)
    assert joined.receive(new.send(b"hello")).data == b"hello"
    # The old group goes on.
    commit(old, 1)
    agree(*old)


@pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])
def test_a_reinitialised_group_is_what_was_proposed(suite: object) -> None:
    able = [client(name, capabilities=supporting(0xF001)) for name in ("alice", "bob")]
    old = family(*able)
    extensions = (Extension(0xF001, b"new"),)
    commit(old, 0, ReInit(b"next", 1, suite.number, extensions))
    assert {group.status for group in old} == {Status.CLOSED}
    own = package(old[0].client, suite)
    new, staged = reinitialise(
        old[1], old[1].client, [own.key_package], LIFETIME, now=NOW, random=random,
        policy=DEFAULT_POLICY, welcome=WelcomeOptions(with_external_pub=True),
    )  # fmt: skip
    new.merge(staged)
    joined = Group.join(staged.welcome or b"", own, random=random, continues=old[0])
    agree(new, joined)
    assert joined.extensions == extensions
    assert joined.suite is suite


def test_what_is_not_possible_is_a_mistake() -> None:
    old = family("alice", "bob")
    with pytest.raises(MisuseError, match="not to be reinitialised"):
        reinitialise(
            old[0], old[0].client, [], LIFETIME, now=NOW, random=random, policy=DEFAULT_POLICY
        )
    commit(old, 0, ReInit(b"next", 1, 3, ()))
    with pytest.raises(MisuseError, match="active"):
        branch(old[0], b"x", [], LIFETIME, now=NOW, random=random, policy=DEFAULT_POLICY)
