"""Opening what arrives, and taking what is no commit (RFC 9420 §6 and §12.1).

To open it changes nothing; what is taken uses its key up.
"""

from dataclasses import dataclass

from geventim.errors import PeerError
from geventim.mls.epochs.proposal_list import SentProposal, verify_proposal
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState, Status
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.messages.framing import (
    ApplicationData,
    AuthenticatedContent,
    Member,
    NewMemberProposal,
    PrivateMessage,
    PublicMessage,
)
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import Add, Proposal
from geventim.mls.messages.protection import (
    kind_of,
    open_sender_data,
    unprotect_private,
    unprotect_public,
)
from geventim.mls.schedule.secret_tree import Found, RatchetKind, SecretTree


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified content and, if it was sealed, its key, which is still in ``ratchets``."""

    message: AuthenticatedContent
    found: Found | None = None
    ratchets: SecretTree | None = None

    @property
    def generation(self) -> int | None:
        """The generation of the key, if the message was sealed."""
        return None if self.found is None else self.found.key.generation

    def use_key(self) -> None:
        """Delete the key."""
        if self.found is not None and self.ratchets is not None:
            self.ratchets.take(self.found)


def open_message(state: GroupState, data: bytes, policy: Policy) -> Opened:
    """What is in ``data``.

    Raises :class:`PeerError`; a message from our own leaf is an :class:`OwnMessageError`.
    """
    message = decode_message(data)
    if isinstance(message, PublicMessage):
        return _open_public(state, message)
    if isinstance(message, PrivateMessage):
        return _open_private(state, message, policy)
    raise PeerError("not a message to a group")


def take_application(opened: Opened) -> ReceivedApplication:
    """The application data in ``opened``, whose key is used up."""
    framed = opened.message.content
    assert isinstance(framed.content, ApplicationData)  # noqa: S101 - the caller saw to it
    assert isinstance(framed.sender, Member)  # noqa: S101 - it was sealed
    opened.use_key()
    return ReceivedApplication(
        framed.sender.leaf_index,
        framed.content.data,
        framed.authenticated_data,
        framed.epoch,
        opened.generation or 0,
    )


def take_proposal(
    state: GroupState, opened: Opened, policy: Policy
) -> tuple[GroupState, ReceivedProposal]:
    """The proposal in ``opened``, whose key is used up, and the state in which it waits.

    Raises :class:`PeerError` for one that is not valid, or one too many.
    """
    framed = opened.message.content
    assert isinstance(framed.content, Proposal)  # noqa: S101 - the caller saw to it
    sent = SentProposal(framed.content, framed.sender)
    verified = verify_proposal(state.epoch.public, sent, policy)
    proposal = verified.proposal
    if isinstance(verified.sender, NewMemberProposal):
        assert isinstance(proposal, Add)  # noqa: S101 - see authentication.sender_key
        policy.check_newcomer(proposal.key_package.leaf_node)
    if len(state.pending) >= policy.max_pending:
        raise PeerError("too many proposals")
    reference = opened.message.reference(state.epoch.suite)
    opened.use_key()
    received = ReceivedProposal(framed.sender, proposal, reference, framed.authenticated_data)
    return state.with_pending(reference, verified), received


def _open_public(state: GroupState, message: PublicMessage) -> Opened:
    epoch, content = state.epoch, message.content
    _check_group(state, content.group_id)
    _check_current(state, content.epoch)
    unverified = unprotect_public(epoch.suite, epoch.secrets.membership_key, message, epoch.context)
    verified = unverified.verify(epoch.suite, epoch.tree, epoch.context)
    if content.sender == Member(epoch.own_index):
        raise OwnMessageError("a message of our own")
    return Opened(verified)


def _open_private(state: GroupState, message: PrivateMessage, policy: Policy) -> Opened:
    suite = state.epoch.suite
    _check_group(state, message.group_id)
    if kind_of(message.content_type) is RatchetKind.HANDSHAKE:
        _check_current(state, message.epoch)
    epoch = state.message_epoch(message.epoch)
    if epoch is None:
        raise PeerError("a message of an epoch that we do not know")
    if message.epoch == state.epoch.context.epoch and state.status is Status.CLOSED:
        raise PeerError("a message to a group that is closed")
    sender = open_sender_data(suite, epoch.sender_data_secret, message)
    epoch.signers.signature_key(sender.leaf_index)
    if sender.leaf_index == epoch.own_index:
        raise OwnMessageError("a message of our own")
    unverified, found = unprotect_private(
        suite, sender, epoch.ratchets, message, policy.max_generations_ahead, policy.max_late_keys
    )
    verified = unverified.verify(suite, epoch.signers, epoch.context)
    return Opened(verified, found, epoch.ratchets)


def _check_group(state: GroupState, group_id: bytes) -> None:
    if group_id != state.epoch.context.group_id:
        raise PeerError("a message to another group")


def _check_current(state: GroupState, number: int) -> None:
    if number != state.epoch.context.epoch:
        raise PeerError("a message of another epoch")
    if state.status is not Status.ACTIVE:
        raise PeerError("a message to a group that is closed")
