"""New groups that continue old ones: branching and reinitialisation (RFC 9420 §11.2, §11.3)."""

from collections.abc import Sequence

from geventim.errors import MisuseError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import CipherSuite, Random, suite_of
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.key_package import KeyPackage
from geventim.mls.messages.proposals import Add, PreSharedKey
from geventim.mls.schedule.psk import BRANCH, REINIT, ResumptionPsk, psk_id


def branch(
    old: Group,
    group_id: bytes,
    members: Sequence[KeyPackage],
    lifetime: Lifetime,
    *,
    now: int,
    random: Random,
    policy: Policy,
    welcome: WelcomeOptions = WelcomeOptions(),  # noqa: B008 - the value is immutable
) -> tuple[Group, StagedCommit]:
    """A group of some ``members`` of ``old``, by fresh key packages, and its first commit.

    Merge the commit, then send its Welcome. Raises :class:`MisuseError` for an ``old`` group that
    is closed to us.
    """
    if old.status is not Status.ACTIVE:
        raise MisuseError("only an active group can be branched")
    name = ResumptionPsk(BRANCH, old.group_id, old.epoch)
    return _continue(
        old, name, old.suite, group_id, old.extensions, old.client, members, lifetime,
        now=now, random=random, policy=policy, welcome=welcome,
    )  # fmt: skip


def reinitialise(
    old: Group,
    client: Client,
    members: Sequence[KeyPackage],
    lifetime: Lifetime,
    *,
    now: int,
    random: Random,
    policy: Policy,
    welcome: WelcomeOptions = WelcomeOptions(),  # noqa: B008 - the value is immutable
) -> tuple[Group, StagedCommit]:
    """The group that a committed ReInit of ``old`` asks for, and its first commit.

    ``members`` are all others of the old group, by fresh key packages. Merge the commit, then send
    its Welcome. Raises :class:`MisuseError` where no ReInit was committed.
    """
    wanted = old.reinit
    if wanted is None:
        raise MisuseError("the group is not to be reinitialised")
    name = ResumptionPsk(REINIT, old.group_id, old.epoch)
    suite = suite_of(wanted.cipher_suite)
    return _continue(
        old, name, suite, wanted.group_id, wanted.extensions, client, members, lifetime,
        now=now, random=random, policy=policy, welcome=welcome,
    )  # fmt: skip


def _continue(
    old: Group,
    name: ResumptionPsk,
    suite: CipherSuite,
    group_id: bytes,
    extensions: tuple[Extension, ...],
    client: Client,
    members: Sequence[KeyPackage],
    lifetime: Lifetime,
    *,
    now: int,
    random: Random,
    policy: Policy,
    welcome: WelcomeOptions,
) -> tuple[Group, StagedCommit]:
    new = Group.create(
        suite, group_id, client, lifetime, random=random, extensions=extensions, policy=policy
    )
    proposals = [Add(package) for package in members]
    request = CommitRequest(
        [*proposals, PreSharedKey(psk_id(name, random))], now, linking=True, welcome=welcome
    )
    return new, new.commit(request, old.psk_source())
