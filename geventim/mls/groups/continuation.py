"""Whether a new group continues an old one as its Welcome says (RFC 9420 §12.4.3.1)."""

from collections.abc import Sequence

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import Epoch
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState, Status
from geventim.mls.schedule.psk import REINIT, PreSharedKeyID, ResumptionPsk


def check_continuation(
    psks: Sequence[PreSharedKeyID], new: Epoch, old: GroupState | None, policy: Policy
) -> None:
    """Raise :class:`PeerError` unless ``new`` continues ``old`` exactly if its ``psks`` say so."""
    linking = [psk.name for psk in psks if psk.links_groups]
    if not linking:
        if old is not None:
            raise PeerError("a group that does not continue the old one")
        return
    name = linking[0]
    assert isinstance(name, ResumptionPsk)  # noqa: S101 - links_groups says so
    if old is None or old.epoch.context.group_id != name.psk_group_id:
        raise PeerError("a group that continues one that we do not know")
    if name.usage == REINIT:
        _check_reinit(name, new, old, policy)
    else:
        _check_branch(new, old, policy)


def _check_reinit(name: ResumptionPsk, new: Epoch, old: GroupState, policy: Policy) -> None:
    if old.status is not Status.CLOSED or old.reinit is None:
        raise PeerError("a group that was not to be reinitialised")
    if name.psk_epoch != old.epoch.context.epoch:
        raise PeerError("a group that continues another epoch than the last")
    wanted, context = old.reinit, new.context
    if (context.group_id, context.version, context.cipher_suite, context.extensions) != (
        wanted.group_id,
        wanted.version,
        wanted.cipher_suite,
        wanted.extensions,
    ):
        raise PeerError("a group that is not what the old one wanted")
    if not _has_all(new, old.epoch, policy, forward=True):
        raise PeerError("a member of the old group is missing")


def _check_branch(new: Epoch, old: GroupState, policy: Policy) -> None:
    before, after = old.epoch.context, new.context
    if (before.version, before.cipher_suite) != (after.version, after.cipher_suite):
        raise PeerError("a branch with other parameters")
    if not _has_all(old.epoch, new, policy, forward=False):
        raise PeerError("a member of the branch is new")


def _has_all(larger: Epoch, smaller: Epoch, policy: Policy, *, forward: bool) -> bool:
    """Whether each member of ``smaller`` is in ``larger``; ``forward`` if that is the newer."""
    candidates = [leaf for _, leaf in larger.tree.members()]
    return all(
        any(_match(leaf, other, policy, forward=forward) for other in candidates)
        for _, leaf in smaller.tree.members()
    )


def _match(leaf: LeafNode, other: LeafNode, policy: Policy, *, forward: bool) -> bool:
    old, new = (leaf, other) if forward else (other, leaf)
    return policy.accept_successor(old.credential, new.credential)
