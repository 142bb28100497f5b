"""Processing a commit: from a verified message to a staged commit (RFC 9420 §12.4.2).

A function of the epoch, the pending proposals, the PSKs and the message alone.
"""

import hmac

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.commit import Commit
from geventim.mls.epoch import CommitSecrets, Epoch, derive_transition, provisional_context
from geventim.mls.framing import AuthenticatedContent, Member, NewMemberCommit
from geventim.mls.group_context import GroupContext, check_members
from geventim.mls.group_state import GroupState
from geventim.mls.key_schedule import NO_SECRET, receive_external_init
from geventim.mls.leaf_node import Client, FromCommit, LeafNode
from geventim.mls.pending import PendingProposals
from geventim.mls.policy import Policy
from geventim.mls.proposal_list import (
    Change,
    ProposalList,
    SentProposal,
    check_external_list,
    check_list,
    verify_proposal,
)
from geventim.mls.proposals import ProposalRef
from geventim.mls.psk import PskSource, look_up
from geventim.mls.staged_commit import Effects, NextEpoch, StagedCommit
from geventim.mls.treekem import PrivateKeys, Step, merge_path, open_path
from geventim.mls.update_path import UpdatePath

LAST_EPOCH = (1 << 64) - 1


def process_commit(
    state: GroupState,
    message: AuthenticatedContent,
    sender_generation: int | None,
    psks: PskSource,
    policy: Policy,
) -> StagedCommit:
    """What ``message``, a commit whose signature is good, makes of ``state``.

    ``sender_generation`` is that of the key it was sealed with, if it was. Raises
    :class:`PeerError` if the commit is not valid.
    """
    epoch, commit = state.epoch, message.content.content
    assert isinstance(commit, Commit)  # noqa: S101 - receive() saw to it
    if epoch.context.epoch == LAST_EPOCH:
        raise PeerError("there is no epoch after the last")
    proposals = resolve(epoch, commit, state.pending, message, policy)
    change = proposals.apply(epoch.public)
    if commit.path is None and proposals.needs_path:
        raise PeerError("a commit that needs a path")
    committer = _committer(message, change)
    steps: list[Step] = []
    if commit.path is not None:
        leaf = _verify_path_leaf(epoch, commit.path, committer, message, proposals, policy)
        steps = merge_path(change.tree, committer, commit.path, leaf)
    provisional = provisional_context(epoch.context, change.tree, change.extensions)
    check_members(provisional, change.tree)
    effects = describe(epoch, message, proposals, change, committer)
    after = None
    # Who is removed cannot know the next epoch, nor check what only its members can.
    if epoch.own_index not in proposals.removes:
        psk_secret = look_up(epoch.suite, proposals.psks, psks)
        after = _enter(state, message, proposals, change, provisional, steps, psk_secret)
    return StagedCommit(epoch, effects, after, sender_generation)


def _enter(
    state: GroupState,
    message: AuthenticatedContent,
    proposals: ProposalList,
    change: Change,
    provisional: GroupContext,
    steps: list[Step],
    psk_secret: bytes,
) -> NextEpoch:
    """The next epoch, once its confirmation tag is that of ``message``.

    ``change`` includes the path, whose parents are in ``steps``. Raises :class:`PeerError`.
    """
    epoch, commit = state.epoch, message.content.content
    assert isinstance(commit, Commit)  # noqa: S101 - receive() saw to it
    suite = epoch.suite
    keys, client = _own_keys(state, commit)
    commit_secret = NO_SECRET
    if commit.path is not None:
        own, context = (epoch.own_index, keys), provisional.encode()
        keys, commit_secret = open_path(suite, steps, commit.path, own, context, change.newcomers)
    init_secret = epoch.secrets.init_secret
    if proposals.external_init is not None:
        kem_output = proposals.external_init.kem_output
        init_secret = receive_external_init(suite, epoch.secrets, kem_output)
    secrets = CommitSecrets(init_secret, commit_secret, psk_secret)
    transition = derive_transition(epoch.public, provisional, secrets, message)
    if not hmac.compare_digest(transition.confirmation_tag, message.auth.confirmation_tag or b""):
        raise AuthenticationError
    following = transition.epoch(change.tree, epoch.own_index, keys)
    return NextEpoch.of(transition, following, client)


def resolve(
    epoch: Epoch,
    commit: Commit,
    pending: PendingProposals,
    message: AuthenticatedContent,
    policy: Policy,
) -> ProposalList:
    """The verified list of a commit's proposals. Raises :class:`PeerError`."""
    sender = message.content.sender
    external = isinstance(sender, NewMemberCommit)
    proposals = []
    for entry in commit.proposals:
        if not isinstance(entry, ProposalRef):
            by_value = SentProposal(entry, sender)
            proposals.append(verify_proposal(epoch.public, by_value, policy))
        elif external:
            raise PeerError("an external commit refers to a proposal")
        else:
            proposals.append(pending.find(entry.reference))
    if isinstance(sender, Member):
        return check_list(proposals, sender.leaf_index)
    return check_external_list(proposals)


def describe(
    epoch: Epoch,
    message: AuthenticatedContent,
    proposals: ProposalList,
    change: Change,
    committer: int,
) -> Effects:
    """What the commit in ``message`` changes; ``change`` includes its path."""
    content = message.content
    external = isinstance(content.sender, NewMemberCommit)
    commit = content.content
    has_path = isinstance(commit, Commit) and commit.path is not None
    added = {index: change.tree.member(index) for index in change.newcomers}
    updated = dict(proposals.updates)
    if external:
        added[committer] = change.tree.member(committer)
    elif has_path:
        updated[committer] = change.tree.member(committer)
    return Effects(
        content.sender,
        committer,
        external,
        added,
        updated,
        {index: epoch.tree.member(index) for index in proposals.removes},
        proposals.extensions,
        proposals.psks,
        proposals.reinit,
        has_path,
        content.authenticated_data,
    )


def _committer(message: AuthenticatedContent, change: Change) -> int:
    """The leaf index of who commits; a newcomer is seated where there is room."""
    sender = message.content.sender
    if isinstance(sender, Member):
        return sender.leaf_index
    assert isinstance(sender, NewMemberCommit)  # noqa: S101 - nobody else may sign a commit
    index = change.tree.free_leaf()
    change.tree.reach(index)
    return index


def _verify_path_leaf(
    epoch: Epoch,
    path: UpdatePath,
    committer: int,
    message: AuthenticatedContent,
    proposals: ProposalList,
    policy: Policy,
) -> LeafNode:
    """The committer's new leaf, once it may stand where its old one did, if it had one."""
    if not isinstance(path.leaf_node.source, FromCommit):
        raise PeerError("a path's leaf node is not made for it")
    leaf = path.leaf_node.verify(epoch.suite, epoch.context.group_id, committer)
    policy.check_leaf(leaf)
    if isinstance(message.content.sender, Member):
        policy.check_successor(epoch.tree.member(committer), leaf)
    for removed in proposals.removes if proposals.external_init else ():
        policy.check_successor(epoch.tree.member(removed), leaf)
    return leaf


def _own_keys(state: GroupState, commit: Commit) -> tuple[PrivateKeys, Client]:
    """Our keys and what we are, after the Update of ours that ``commit`` may contain."""
    keys = state.epoch.keys
    for entry in commit.proposals:
        if isinstance(entry, ProposalRef):
            own = state.pending.own_updates.get(entry.reference)
            if own is not None:
                return PrivateKeys(own.key, keys.parents), own.client
    return keys, state.client
