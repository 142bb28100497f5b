"""Creating a commit, by a member or by a newcomer (RFC 9420 §12.4.1). Nothing of theirs changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from geventim.errors import MisuseError, PeerError
from geventim.mls.epochs.epoch import (
    CommitSecrets,
    Epoch,
    PublicState,
    Transition,
    confirmed_context,
    derive_transition,
    provisional_context,
)
from geventim.mls.epochs.following import LAST_EPOCH, describe
from geventim.mls.epochs.proposal_list import (
    Change,
    ProposalList,
    SentProposal,
    check_list,
    verify_proposal,
)
from geventim.mls.epochs.staged_commit import Effects, NextEpoch
from geventim.mls.ground.cipher_suite import Random
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client, FromCommit, LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import AuthenticatedContent, FramedContent, Member, Sender
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.proposals import Add, Proposal, ProposalOrRef
from geventim.mls.messages.welcome import seal_welcome
from geventim.mls.schedule.key_schedule import NO_SECRET
from geventim.mls.schedule.psk import PskSource, look_up
from geventim.mls.tree.group_context import check_members
from geventim.mls.tree.treekem import FreshPath, PrivateKeys, create_path

AuthenticatedData = bytes | Callable[[LeafNode], bytes]
"""What a commit says beside itself; a function is given the author's new leaf, signed."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits: how it signs now, and what it becomes by its path."""

    sender: Sender
    index: int
    before: Client
    after: Client
    init_secret: bytes = field(repr=False)
    keys: PrivateKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class WelcomeOptions:
    """What newcomers are told besides what they must know."""

    extensions: tuple[Extension, ...] = ()
    with_tree: bool = True
    with_external_pub: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A commit that is signed and confirmed, but not protected yet."""

    message: AuthenticatedContent
    transition: Transition
    epoch: Epoch
    fresh: FreshPath | None


def compose(
    before: PublicState,
    author: Author,
    change: Change,
    proposals: tuple[ProposalOrRef, ...],
    psk_secret: bytes,
    random: Random,
    *,
    with_path: bool,
    wire_format: int,
    authenticated_data: AuthenticatedData,
) -> Composed:
    """The commit of ``proposals``, which lead to ``change``; its tree gets the path.

    Raises :class:`PeerError` if the members do not fit together afterwards, or if there is no
    epoch after this one.
    """
    suite, context = before.suite, before.context
    if context.epoch == LAST_EPOCH:
        raise PeerError("there is no epoch after the last")
    tree, keys = change.tree, author.keys
    fresh, path, commit_secret = None, None, NO_SECRET
    if with_path:

        def make_leaf(encryption_key: bytes, source: FromCommit) -> LeafNode:
            return author.after.leaf_node(
                suite, encryption_key, source, context.group_id, author.index
            )

        fresh = create_path(tree, author.index, make_leaf, random)
        keys, commit_secret = fresh.keys, fresh.commit_secret
    provisional = provisional_context(context, tree, change.extensions)
    check_members(provisional, tree)
    if fresh is not None:
        path = fresh.encrypt(provisional.encode(), change.newcomers, random)
    content = FramedContent(
        context.group_id,
        context.epoch,
        author.sender,
        _say(authenticated_data, fresh),
        Commit(proposals, path),
    )
    signed = sign_content(suite, author.before.signing_key, wire_format, content, context)
    secrets = CommitSecrets(author.init_secret, commit_secret, psk_secret)
    transition = derive_transition(suite, confirmed_context(before, provisional, signed), secrets)
    epoch = transition.epoch(tree, author.index, keys)
    return Composed(transition.confirm(signed), transition, epoch, fresh)


def _say(data: AuthenticatedData, fresh: FreshPath | None) -> bytes:
    """The authenticated data of a commit with that path."""
    if isinstance(data, bytes):
        return data
    if fresh is None:
        raise MisuseError("a commit without a path has no new leaf to speak of")
    return data(fresh.leaf_node)


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """What a member wants to commit.

    ``proposals`` are new ones, and all pending ones that fit come with them. ``client`` replaces
    what we say about ourselves. Without ``force_path`` there is a path only where there must be
    one. ``now`` is in seconds since 1970: key packages must be good at that time (RFC 9420 §7.3).
    ``linking`` is for the first commit of a group that continues another.
    """

    proposals: Sequence[Proposal]
    now: int
    client: Client | None = None
    force_path: bool = True
    with_pending: bool = True
    linking: bool = False
    authenticated_data: AuthenticatedData = b""
    welcome: WelcomeOptions = WelcomeOptions()


@dataclass(frozen=True, slots=True)
class MemberCommit:
    """A member's commit before it is protected, and the rest of what comes of it."""

    composed: Composed
    effects: Effects
    after: NextEpoch
    welcome: bytes | None


def create_commit(
    state: GroupState,
    request: CommitRequest,
    wire_format: int,
    psks: PskSource,
    policy: Policy,
    random: Random,
) -> MemberCommit:
    """The commit that ``request`` asks for. Raises :class:`MisuseError` if it cannot be."""
    epoch = state.epoch
    after = state.client if request.client is None else request.client
    try:
        entries, proposals = _collect(state, request, psks, policy)
        psk_secret = look_up(epoch.suite, proposals.psks, psks)
        change = proposals.apply(epoch.public)
        with_path = proposals.needs_path or request.force_path or request.client is not None
        author = Author(
            Member(epoch.own_index),
            epoch.own_index,
            state.client,
            after,
            epoch.secrets.init_secret,
            epoch.keys,
        )
        composed = compose(
            epoch.public,
            author,
            change,
            entries,
            psk_secret,
            random,
            with_path=with_path,
            wire_format=wire_format,
            authenticated_data=request.authenticated_data,
        )
        if with_path:
            leaf = composed.epoch.tree.member(epoch.own_index)
            policy.check_leaf(leaf)
            policy.check_successor(epoch.tree.member(epoch.own_index), leaf)
    except PeerError as error:
        raise MisuseError(f"this cannot be committed: {error}") from error
    effects = describe(epoch.public, composed.message, proposals, change, epoch.own_index)
    welcome = _welcome(composed, change, proposals, after, request.welcome, random)
    following = NextEpoch.of(composed.transition, composed.epoch, after)
    return MemberCommit(composed, effects, following, welcome)


def _collect(
    state: GroupState, request: CommitRequest, psks: PskSource, policy: Policy
) -> tuple[tuple[ProposalOrRef, ...], ProposalList]:
    """The commit's entries: the new proposals, and those pending ones that fit them."""
    epoch, pending = state.epoch, state.pending
    own = Member(epoch.own_index)
    before = epoch.public
    new = [
        verify_proposal(before, SentProposal(proposal, own), policy, linking=request.linking)
        for proposal in request.proposals
    ]
    for sent in new:
        if not _is_current(sent, request.now):
            raise PeerError("a key package that is not good at this time")

    def fits(others: Sequence[SentProposal]) -> bool:
        try:
            listed = check_list([*new, *others], epoch.own_index)
            look_up(epoch.suite, listed.psks, psks)
            change = listed.apply(before)
            check_members(
                provisional_context(before.context, change.tree, change.extensions), change.tree
            )
        except PeerError:
            return False
        return all(_is_current(sent, request.now) for sent in others)

    chosen = []
    if request.with_pending and len(pending):
        chosen = pending.choose(epoch.own_index, fits)
    sent_proposals = [*new, *(sent for _, sent in chosen)]
    entries = (*(sent.proposal for sent in new), *(reference for reference, _ in chosen))
    return entries, check_list(sent_proposals, epoch.own_index)


def _is_current(sent: SentProposal, now: int) -> bool:
    """Whether the key package in ``sent``, if there is one, is good at the time ``now``."""
    source = sent.proposal.key_package.leaf_node.source if isinstance(sent.proposal, Add) else None
    lifetime = getattr(source, "lifetime", None)
    return lifetime is None or bool(lifetime.covers(now))


def _welcome(
    composed: Composed,
    change: Change,
    proposals: ProposalList,
    client: Client,
    options: WelcomeOptions,
    random: Random,
) -> bytes | None:
    """The message for all who were added, if any were."""
    if not change.newcomers:
        return None
    info = composed.epoch.group_info(
        client.signing_key,
        options.extensions,
        with_tree=options.with_tree,
        with_external_pub=options.with_external_pub,
    )
    newcomers = [
        (package, composed.fresh.secret_for(index) if composed.fresh else None)
        for index, package in change.newcomers.items()
    ]
    welcome = seal_welcome(
        composed.epoch.suite,
        composed.transition.joiner,
        info,
        newcomers,
        proposals.psks,
        random,
    )
    return encode_message(welcome)
