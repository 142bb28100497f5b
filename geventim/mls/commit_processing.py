"""Processing a commit: from a verified message to a staged commit (RFC 9420 §12.4.2).

A function of the epoch, the pending proposals, the PSKs and the message alone.
"""

import hmac

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.commit import Commit
from geventim.mls.epoch import CommitSecrets, Epoch, derive_transition, provisional_context
from geventim.mls.framing import AuthenticatedContent, Member, NewMemberCommit
from geventim.mls.group_context import check_members
from geventim.mls.key_schedule import NO_SECRET, receive_external_init
from geventim.mls.leaf_node import Client, FromCommit, LeafNode
from geventim.mls.pending import OwnUpdate, PendingProposals
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
from geventim.mls.treekem import PrivateKeys, merge_path, open_path
from geventim.mls.update_path import UpdatePath

LAST_EPOCH = (1 << 64) - 1


def process_commit(
    epoch: Epoch,
    client: Client,
    pending: PendingProposals,
    message: AuthenticatedContent,
    psks: PskSource,
    policy: Policy,
    sender_generation: int | None,
) -> StagedCommit:
    """What ``message``, a commit with a good signature, makes of ``epoch`` for us, ``client``.

    Raises :class:`PeerError` if it is not valid.
    """
    commit = message.content.content
    if not isinstance(commit, Commit):
        raise PeerError("not a commit")
    if epoch.context.epoch == LAST_EPOCH:
        raise PeerError("there is no epoch after the last")
    proposals = resolve(epoch, commit, pending, message, policy)
    psk_secret = look_up(epoch.suite, proposals.psks, psks)
    change = proposals.apply(epoch.public)
    if commit.path is None and proposals.needs_path:
        raise PeerError("a commit that needs a path")
    committer = _committer(message, change)
    steps = []
    if commit.path is not None:
        leaf = _verify_path_leaf(epoch, commit.path, committer, message, proposals, policy)
        steps = merge_path(change.tree, committer, commit.path, leaf)
    provisional = provisional_context(epoch.context, change.tree, change.extensions)
    check_members(provisional, change.tree)
    effects = describe(epoch, message, proposals, change, committer)
    if epoch.own_index in proposals.removes:
        return StagedCommit(epoch, effects, None, sender_generation)

    keys, client = _own_keys(epoch, client, commit, pending)
    commit_secret = NO_SECRET
    if commit.path is not None:
        keys, commit_secret = open_path(
            epoch.suite,
            steps,
            commit.path,
            (epoch.own_index, keys),
            provisional.encode(),
            change.newcomers,
        )
    init_secret = epoch.secrets.init_secret
    if proposals.external_init is not None:
        kem_output = proposals.external_init.kem_output
        init_secret = receive_external_init(epoch.suite, epoch.secrets, kem_output)
    secrets = CommitSecrets(init_secret, commit_secret, psk_secret)
    transition = derive_transition(epoch.public, provisional, secrets, message)
    if not hmac.compare_digest(transition.confirmation_tag, message.auth.confirmation_tag or b""):
        raise AuthenticationError
    after = transition.epoch(change.tree, epoch.own_index, keys)
    return StagedCommit(epoch, effects, NextEpoch.of(transition, after, client), sender_generation)


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
    if not isinstance(sender, NewMemberCommit):
        raise PeerError("only members and newcomers commit")
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


def _own_keys(
    epoch: Epoch, client: Client, commit: Commit, pending: PendingProposals
) -> tuple[PrivateKeys, Client]:
    """Our keys and what we are, after the Update of ours that the commit may contain."""
    for entry in commit.proposals:
        if isinstance(entry, ProposalRef):
            own: OwnUpdate | None = pending.own_updates.get(entry.reference)
            if own is not None:
                return PrivateKeys(own.key, epoch.keys.parents), own.client
    return epoch.keys, client
