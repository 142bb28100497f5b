"""What a member receives."""

from dataclasses import dataclass

from geventim.errors import PeerError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.messages.framing import Sender
from geventim.mls.messages.proposals import Proposal


@dataclass(frozen=True, slots=True)
class ReceivedApplication:
    """What the member at leaf ``sender`` sent in ``epoch``, as its ``generation``-th message."""

    sender: int
    data: bytes
    authenticated_data: bytes
    epoch: int
    generation: int


@dataclass(frozen=True, slots=True)
class ReceivedProposal:
    """A proposal that now waits for a commit, under its 32-byte ``reference``."""

    sender: Sender
    proposal: Proposal
    reference: bytes
    authenticated_data: bytes


Received = ReceivedApplication | ReceivedProposal | StagedCommit


class OwnMessageError(PeerError):
    """A message from our own leaf: an echo, or sent by a copy of us."""
