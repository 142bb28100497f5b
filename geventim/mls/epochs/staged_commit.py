"""Staged commits: a commit that was verified, or made, but is not in force yet (RFC 9420 §14)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geventim.mls.epochs.epoch import Epoch, Transition
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client, LeafNode
from geventim.mls.messages.framing import Sender
from geventim.mls.messages.proposals import ReInit
from geventim.mls.schedule.psk import PreSharedKeyID
from geventim.mls.schedule.secret_tree import SecretTree


@dataclass(frozen=True, slots=True)
class Effects:
    """What a commit changes, for the application to judge before it merges.

    ``committer`` is a leaf index in the new epoch. ``removed`` has the leaf nodes that were there
    before, the others those that are there afterwards, each by leaf index. ``external`` is true
    when the committer joined by this commit; then at most one leaf is removed, its own old one.
    """

    sender: Sender
    committer: int
    external: bool
    added: Mapping[int, LeafNode]
    updated: Mapping[int, LeafNode]
    removed: Mapping[int, LeafNode]
    extensions: tuple[Extension, ...] | None
    psks: tuple[PreSharedKeyID, ...]
    reinit: ReInit | None
    has_path: bool
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class NextEpoch:
    """Where a commit leads those who stay."""

    epoch: Epoch
    ratchets: SecretTree = field(repr=False)
    client: Client

    @classmethod
    def of(cls, transition: Transition, epoch: Epoch, client: Client) -> "NextEpoch":
        """The epoch with fresh message keys."""
        return cls(epoch, transition.ratchets(epoch.tree), client)


@dataclass(frozen=True, slots=True)
class StagedCommit:
    """A commit on top of the epoch ``base``; ``after`` is None for a member that it removes.

    ``message`` and ``welcome`` are to be sent, if the commit is our own.
    """

    base: Epoch
    effects: Effects
    after: NextEpoch | None
    sender_generation: int | None = None
    message: bytes = b""
    welcome: bytes | None = None

    @property
    def removes_us(self) -> bool:
        """Whether we are not in the group any more once it is merged."""
        return self.after is None
