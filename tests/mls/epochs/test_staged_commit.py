import pytest

from geventim.mls.ground.extensions import RequiredCapabilities
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.framing import Member
from geventim.mls.messages.proposals import Add, GroupContextExtensions, Remove
from tests.mls.builder import NOW, family, package


@pytest.fixture(scope="module")
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def test_both_sides_see_the_same_effects(trio: list[Group]) -> None:
    extensions = (RequiredCapabilities().extension(),)
    update = trio[2].propose_update()
    for group in trio[:2]:
        group.receive(update)
    proposals = (
        Remove(1),
        Add(package("dave").key_package),
        GroupContextExtensions(extensions),
    )
    made = trio[0].commit(CommitRequest(proposals, NOW))
    seen = trio[2].receive(made.message)
    assert seen.effects == made.effects
    effects = seen.effects
    assert effects.sender == Member(0)
    assert effects.committer == 0
    assert not effects.external
    assert effects.removed == {1: trio[0].member(1)}
    assert effects.added.keys() == {1}
    assert effects.updated.keys() == {0, 2}
    assert effects.extensions == extensions
    assert effects.has_path
    assert effects.reinit is None
    for group in trio:
        group.discard_proposals()


def test_only_its_author_has_the_messages(trio: list[Group]) -> None:
    made = trio[0].commit(CommitRequest((Add(package("dave").key_package),), NOW))
    seen = trio[1].receive(made.message)
    assert made.message
    assert made.welcome
    assert (seen.message, seen.welcome) == (b"", None)
    assert not seen.removes_us
    assert made.after is not None
    assert seen.after is not None
    mine, theirs = made.after.epoch.secrets, seen.after.epoch.secrets
    assert mine == theirs


def test_who_is_removed_gets_nothing(trio: list[Group]) -> None:
    made = trio[0].commit(CommitRequest((Remove(1),), NOW))
    assert trio[1].receive(made.message).after is None
    assert not trio[2].receive(made.message).removes_us
