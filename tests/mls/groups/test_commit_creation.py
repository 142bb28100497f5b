"""What a member can commit, and that it costs the group nothing before it is merged."""

from dataclasses import replace

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension
from geventim.mls.groups.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.groups.group import Group
from geventim.mls.messages.framing import PrivateMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from geventim.mls.schedule.psk import BRANCH, ExternalPsk, ResumptionPsk, psk_id
from tests.mls.builder import (
    NOW,
    agree,
    commit,
    create,
    family,
    package,
    random,
    snapshot,
)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def request(*proposals: object, **fields: object) -> CommitRequest:
    return CommitRequest(proposals, NOW, **fields)


def test_an_empty_commit_renews_the_committers_keys(trio: list[Group]) -> None:
    before = [trio[0].member(index) for index in range(3)]
    commit(trio, 1)
    after = [trio[0].member(index) for index in range(3)]
    assert [old != new for old, new in zip(before, after, strict=True)] == [False, True, False]
    agree(*trio)


def test_many_are_added_and_removed_at_once(trio: list[Group]) -> None:
    owned = [package(f"member {number}") for number in range(20)]
    staged = commit(trio[:2], 0, Remove(2), *[Add(own.key_package) for own in owned])
    joined = [Group.join(staged.welcome or b"", own, random=random) for own in owned]
    agree(*trio[:2], *joined)
    commit([*joined, *trio[:2]], 7)
    agree(*trio[:2], *joined)


def test_a_commit_may_change_what_the_committer_says(trio: list[Group]) -> None:
    become = replace(
        trio[0].client, signing_key=SigningKey(random(32)), extensions=(Extension(1, b"id"),)
    )
    commit(trio, 0, client=become)
    assert trio[0].client is become
    assert trio[1].member(0).extensions == become.extensions
    assert trio[1].receive(trio[0].send(b"new key")).data == b"new key"
    agree(*trio)


@pytest.mark.parametrize(
    "proposal",
    [
        Remove(0),
        Remove(7),
        ExternalInit(bytes(32)),
        GroupContextExtensions((Extension(0xF001, b""),)),
        PreSharedKey(psk_id(ExternalPsk(b"unknown"), random)),
        PreSharedKey(psk_id(ResumptionPsk(BRANCH, b"group", 1), random)),
        ReInit(b"next", 0, 3, ()),
        Add(replace(package("dave").key_package, signature=bytes(64)).trust()),
        Add(package("late", lifetime=Lifetime(1, NOW - 1)).key_package),
        Add(package("early", lifetime=Lifetime(NOW + 1, NOW + 2)).key_package),
    ],
)
def test_what_others_would_refuse_is_not_made(trio: list[Group], proposal: object) -> None:
    if isinstance(proposal, Add) and proposal.key_package.signature == bytes(64):
        # A key package that was never verified is verified here.
        unverified = type(proposal.key_package).__base__.decode(proposal.key_package.encode())
        proposal = Add(unverified)
    before = snapshot(trio[0])
    with pytest.raises(MisuseError, match="cannot be committed"):
        trio[0].commit(request(proposal))
    assert snapshot(trio[0]) == before


def test_two_proposals_that_exclude_each_other_are_not_made(trio: list[Group]) -> None:
    for pair in (
        (Remove(1), Remove(1)),
        (ReInit(b"next", 1, 3, ()), Remove(1)),
        (Add(package(trio[1].client).key_package),),
    ):
        with pytest.raises(MisuseError, match="cannot be committed"):
            trio[0].commit(request(*pair))


def test_another_identity_is_not_made(trio: list[Group]) -> None:
    other = replace(trio[0].client, credential=BasicCredential(b"mallory"))
    with pytest.raises(MisuseError, match="cannot be committed"):
        trio[0].commit(request(client=other))


def test_making_leaves_no_trace(trio: list[Group]) -> None:
    before = snapshot(trio[0])
    for public in (True, False):
        trio[0].commit(request(Remove(1)), public=public)
        assert snapshot(trio[0]) == before


def test_two_sealed_commits_use_different_keys(trio: list[Group]) -> None:
    """Each of them may have been sent, so neither key may seal anything else."""
    one, other = (trio[0].commit(request(Remove(index))) for index in (1, 2))
    assert (one.sender_generation, other.sender_generation) == (0, 1)
    proposal = trio[0].propose(Remove(1), now=NOW)
    assert trio[2].receive(proposal).sender.leaf_index == 0
    again = trio[0].commit(request())
    assert again.sender_generation == 3
    # Whichever arrives is understood.
    trio[2].discard_proposals()
    for staged in (one, again):
        assert isinstance(decode_message(staged.message), PrivateMessage)
    assert trio[2].receive(one.message).effects.removed.keys() == {1}


def test_the_path_is_left_out_only_on_request(trio: list[Group]) -> None:
    own = package("dave").key_package
    assert trio[0].commit(request(Add(own))).effects.has_path
    assert not trio[0].commit(request(Add(own), force_path=False)).effects.has_path
    assert trio[0].commit(request(force_path=False)).effects.has_path
    assert trio[0].commit(request(Remove(1), force_path=False)).effects.has_path
    become = replace(trio[0].client, extensions=(Extension(1, b"id"),))
    assert trio[0].commit(request(Add(own), force_path=False, client=become)).effects.has_path


def test_newcomers_are_told_what_is_asked_for() -> None:
    group, own = create(), package("dave")
    options = WelcomeOptions((Extension(0x0A0A, b"grease"),), True, True)
    staged = group.commit(request(Add(own.key_package), welcome=options))
    joined = Group.join(staged.welcome or b"", own, random=random)
    assert joined.member(1) is not None
    assert group.commit(request()).welcome is None


def test_authenticated_data_travel_with_the_commit(trio: list[Group]) -> None:
    staged = trio[0].commit(request(authenticated_data=b"seal"))
    assert trio[1].receive(staged.message).effects.authenticated_data == b"seal"


def test_what_it_says_may_depend_on_the_new_leaf(trio: list[Group]) -> None:
    staged = trio[0].commit(request(authenticated_data=lambda leaf: leaf.encode()), public=True)
    received = trio[1].receive(staged.message)
    assert received.effects.authenticated_data == received.effects.updated[0].encode()
    pathless = request(
        Add(package("dave").key_package), force_path=False, authenticated_data=lambda leaf: b""
    )
    with pytest.raises(MisuseError, match="no new leaf"):
        trio[0].commit(pathless)
