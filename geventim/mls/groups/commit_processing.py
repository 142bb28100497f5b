"""Processing a commit: from a verified message to a staged commit (RFC 9420 §12.4.2).

What everybody can see of it comes first, in :mod:`geventim.mls.epochs.following`; here it is
opened with what only a member has.
"""

import hmac

from geventim.errors import AuthenticationError
from geventim.mls.epochs.epoch import CommitSecrets, derive_transition
from geventim.mls.epochs.following import Followed, follow_content
from geventim.mls.epochs.staged_commit import NextEpoch, StagedCommit
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import AuthenticatedContent
from geventim.mls.messages.proposals import ProposalRef
from geventim.mls.schedule.key_schedule import NO_SECRET, receive_external_init
from geventim.mls.schedule.psk import PskSource, look_up
from geventim.mls.tree.treekem import PrivateKeys, open_path


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
    followed = follow_content(state.epoch.public, message, state.pending.find, policy)
    return open_commit(state, followed, sender_generation, psks)


def open_commit(
    state: GroupState, followed: Followed, sender_generation: int | None, psks: PskSource
) -> StagedCommit:
    """What ``followed``, a commit to the epoch of ``state``, makes of it.

    Raises :class:`PeerError` if its secrets or PSKs are not for us, or its confirmation tag is
    wrong.
    """
    after = None
    # Who is removed cannot know the next epoch, nor check what only its members can.
    if state.epoch.own_index not in followed.effects.removed:
        psk_secret = look_up(state.epoch.suite, followed.proposals.psks, psks)
        after = _enter(state, followed, psk_secret)
    return StagedCommit(state.epoch, followed.effects, after, sender_generation)


def _enter(state: GroupState, followed: Followed, psk_secret: bytes) -> NextEpoch:
    """The next epoch, once its confirmation tag is right. Raises :class:`PeerError`."""
    epoch, commit, suite = state.epoch, followed.commit, state.epoch.suite
    keys, client = _own_keys(state, commit)
    commit_secret = NO_SECRET
    if commit.path is not None:
        own, context = (epoch.own_index, keys), followed.provisional.encode()
        newcomers = followed.change.newcomers
        opened = open_path(suite, followed.steps, commit.path, own, context, newcomers)
        if opened.commit_secret is None:
            raise AuthenticationError
        keys, commit_secret = opened.keys, opened.commit_secret
    init_secret = epoch.secrets.init_secret
    external_init = followed.proposals.external_init
    if external_init is not None:
        init_secret = receive_external_init(suite, epoch.secrets, external_init.kem_output)
    secrets = CommitSecrets(init_secret, commit_secret, psk_secret)
    transition = derive_transition(suite, followed.after.context, secrets)
    tag = followed.message.auth.confirmation_tag or b""
    if not hmac.compare_digest(transition.confirmation_tag, tag):
        raise AuthenticationError
    following = transition.epoch(followed.after.tree, epoch.own_index, keys)
    return NextEpoch.of(transition, following, client)


def _own_keys(state: GroupState, commit: Commit) -> tuple[PrivateKeys, Client]:
    """Our keys and what we are, after the Update of ours that ``commit`` may contain."""
    keys = state.epoch.keys
    for entry in commit.proposals:
        if isinstance(entry, ProposalRef):
            own = state.pending.own_updates.get(entry.reference)
            if own is not None:
                return PrivateKeys(own.key, keys.parents), own.client
    return keys, state.client
