"""Following a group by its public messages: what a commit makes of what everybody may know.

No secret plays a part (RFC 9420 §12.4.2), so all who have the same public state come to the same
answer about the same bytes, whether they are members that know the epoch's secrets, members that do
not, or onlookers. What only members can check, the membership and the confirmation tag, is not
looked at; opening an epoch is the business of :mod:`geventim.mls.groups.commit_processing`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState, confirmed_context, provisional_context
from geventim.mls.epochs.proposal_list import (
    Change,
    ProposalList,
    SentProposal,
    check_external_list,
    check_list,
    verify_proposal,
)
from geventim.mls.epochs.staged_commit import Effects
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.ground.cipher_suite import HASH_SIZE
from geventim.mls.ground.leaf_node import FromCommit, LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.authentication import UnverifiedContent
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    PUBLIC_MESSAGE,
    AuthenticatedContent,
    Member,
    NewMemberCommit,
    PublicMessage,
)
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import ProposalOrRef, ProposalRef
from geventim.mls.tree.group_context import GroupContext, check_members
from geventim.mls.tree.treekem import Step, merge_path
from geventim.mls.tree.update_path import UpdatePath

LAST_EPOCH: Final = (1 << 64) - 1

Check = Callable[[PublicState, Effects], None]
"""The application's rules: raises :class:`PeerError` for a commit that it does not allow.

It is given the state before the commit, and must use nothing that not everybody knows.
"""

FindProposal = Callable[[bytes], SentProposal]
"""The verified proposal of a reference. Raises :class:`PeerError` if it is not known."""


def no_check(before: PublicState, effects: Effects) -> None:
    """Allow every commit that RFC 9420 allows."""


class Part(Enum):
    """The part of a commit that is wrong."""

    FORM = "the encoding of a public message with a commit"
    GROUP = "the group"
    EPOCH = "the epoch"
    SIGNATURE = "the sender and its signature"
    TAG = "the size of the confirmation tag"
    REFERENCE = "a proposal that is not there itself"
    PROPOSALS = "the proposals, each and together"
    LEAF = "the committer's new leaf"
    PATH = "the keys of the path, who vouches for them and whom they are sealed to"
    MEMBERS = "the members afterwards, all together"


class InvalidCommitError(PeerError):
    """A commit is wrong for everybody; ``part`` tells where."""

    def __init__(self, part: Part, text: str) -> None:
        super().__init__(text)
        self.part = part


@dataclass(frozen=True, slots=True)
class PublicCommit:
    """A commit in the clear as it came; nothing in it is verified."""

    unverified: UnverifiedContent

    @classmethod
    def read(cls, data: bytes) -> "PublicCommit":
        """The commit in ``data``. Raises :class:`InvalidCommitError`."""
        with _judging(Part.FORM):
            message = decode_message(data)
            if not isinstance(message, PublicMessage):
                raise PeerError("not a public message")
            content = message.content
            if not isinstance(content.content, Commit):
                raise PeerError("not a commit")
        return cls(UnverifiedContent(PUBLIC_MESSAGE, content, message.auth))

    @property
    def group_id(self) -> bytes:
        """The group that it says it is for."""
        return self.unverified.content.group_id

    @property
    def epoch(self) -> int:
        """The epoch that it says it ends."""
        return self.unverified.content.epoch

    @property
    def authenticated_data(self) -> bytes:
        """What its author says beside it."""
        return self.unverified.content.authenticated_data

    @property
    def proposals(self) -> Sequence[ProposalOrRef]:
        """What it would change."""
        commit = self.unverified.content.content
        assert isinstance(commit, Commit)  # noqa: S101 - what read() saw to
        return commit.proposals

    def follow(self, public: PublicState, policy: Policy, check: Check = no_check) -> "Followed":
        """What it makes of ``public``. Raises as :func:`follow`, which says more."""
        return follow_content(public, self.verify(public), _no_proposal, policy, check)

    def verify(self, public: PublicState) -> AuthenticatedContent:
        """The commit, once it is for ``public`` and signed. Raises :class:`InvalidCommitError`."""
        with _judging(Part.GROUP):
            if self.group_id != public.context.group_id:
                raise PeerError("a commit to another group")
        with _judging(Part.EPOCH):
            if self.epoch != public.context.epoch:
                raise PeerError("a commit to another epoch")
        with _judging(Part.SIGNATURE):
            return self.unverified.verify(public.suite, public.tree, public.context)


@dataclass(frozen=True, slots=True)
class Followed:
    """A commit that is right as far as everybody can see, and where it leads.

    The interim transcript hash of ``after`` is that which belongs to the confirmation tag in
    ``message``, right or wrong. The rest is what opening needs: ``change`` has the tree with the
    path, whose parents are in ``steps``, and ``provisional`` is the context that the path secrets
    are sealed in.
    """

    before: PublicState
    after: PublicState
    effects: Effects
    message: AuthenticatedContent
    proposals: ProposalList
    change: Change
    steps: Sequence[Step]
    provisional: GroupContext

    @property
    def commit(self) -> Commit:
        """The commit in ``message``."""
        commit = self.message.content.content
        assert isinstance(commit, Commit)  # noqa: S101 - what follow_content() was given
        return commit


def follow(public: PublicState, data: bytes, policy: Policy, check: Check = no_check) -> Followed:
    """What the public message in ``data`` makes of ``public``, which stays as it is.

    Its proposals must be there by value: references are to messages that not everybody has. Raises
    :class:`PeerError` unless there is a commit in ``data`` that is right: from this function
    :class:`InvalidCommitError`, from ``check`` what it raises.
    """
    return PublicCommit.read(data).follow(public, policy, check)


def follow_content(
    public: PublicState,
    message: AuthenticatedContent,
    find: FindProposal,
    policy: Policy,
    check: Check = no_check,
) -> Followed:
    """What ``message``, a commit whose signature is good, makes of ``public``.

    ``find`` knows the proposals that the commit refers to. Raises as :func:`follow`.
    """
    commit, tag = message.content.content, message.auth.confirmation_tag or b""
    assert isinstance(commit, Commit)  # noqa: S101 - the callers saw to it
    with _judging(Part.EPOCH):
        if public.context.epoch == LAST_EPOCH:
            raise PeerError("there is no epoch after the last")
    with _judging(Part.TAG):
        if len(tag) != HASH_SIZE:
            raise PeerError("a confirmation tag of the wrong size")
    with _judging(Part.PROPOSALS):
        proposals = _resolve(public, commit, find, message, policy)
        change = proposals.apply(public)
        if commit.path is None and proposals.needs_path:
            raise PeerError("a commit that needs a path")
    committer = _committer(message, change)
    steps: list[Step] = []
    if commit.path is not None:
        with _judging(Part.LEAF):
            leaf = _verify_path_leaf(public, commit.path, committer, message, proposals, policy)
        with _judging(Part.PATH):
            steps = merge_path(change.tree, committer, commit.path, leaf, change.newcomers)
    provisional = provisional_context(public.context, change.tree, change.extensions)
    with _judging(Part.MEMBERS):
        check_members(provisional, change.tree)
    effects = describe(public, message, proposals, change, committer)
    check(public, effects)
    context = confirmed_context(public, provisional, message)
    interim = interim_transcript_hash(public.suite, context.confirmed_transcript_hash, tag)
    after = PublicState(context, change.tree, interim)
    return Followed(public, after, effects, message, proposals, change, steps, provisional)


def describe(
    before: PublicState,
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
        {index: before.tree.member(index) for index in proposals.removes},
        proposals.extensions,
        proposals.psks,
        proposals.reinit,
        has_path,
        content.authenticated_data,
    )


@contextmanager
def _judging(part: Part) -> Iterator[None]:
    """Let what is refused within be refused as ``part`` of a commit."""
    try:
        yield
    except InvalidCommitError:
        raise
    except PeerError as error:
        raise InvalidCommitError(part, str(error)) from error


def _no_proposal(reference: bytes) -> SentProposal:  # noqa: ARG001 - as every FindProposal
    raise InvalidCommitError(Part.REFERENCE, "a public commit that refers to a proposal")


def _resolve(
    public: PublicState,
    commit: Commit,
    find: FindProposal,
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
            proposals.append(verify_proposal(public, by_value, policy))
        elif external:
            raise InvalidCommitError(Part.REFERENCE, "an external commit refers to a proposal")
        else:
            proposals.append(find(entry.reference))
    if isinstance(sender, Member):
        return check_list(proposals, sender.leaf_index)
    return check_external_list(proposals)


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
    public: PublicState,
    path: UpdatePath,
    committer: int,
    message: AuthenticatedContent,
    proposals: ProposalList,
    policy: Policy,
) -> LeafNode:
    """The committer's new leaf, once it may stand where its old one did, if it had one."""
    if not isinstance(path.leaf_node.source, FromCommit):
        raise PeerError("a path's leaf node is not made for it")
    leaf = path.leaf_node.verify(public.suite, public.context.group_id, committer)
    policy.check_leaf(leaf)
    if isinstance(message.content.sender, Member):
        policy.check_successor(public.tree.member(committer), leaf)
    for removed in proposals.removes if proposals.external_init else ():
        policy.check_successor(public.tree.member(removed), leaf)
    return leaf
