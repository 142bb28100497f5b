"""All that a member knows about its group at one time, and how a commit changes it."""

from dataclasses import dataclass, field, replace
from enum import Enum

from geventim.crypto.dh import PrivateKey
from geventim.mls.epochs.epoch import Epoch
from geventim.mls.epochs.message_epoch import MessageEpoch
from geventim.mls.epochs.pending import OwnUpdate, PendingProposals
from geventim.mls.epochs.proposal_list import SentProposal
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.cipher_suite import HASH_SIZE
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.framing import Member
from geventim.mls.messages.proposals import ReInit
from geventim.mls.schedule.key_schedule import EpochSecrets
from geventim.mls.schedule.psk import PskName, PskSource, ResumptionPsk
from geventim.mls.schedule.secret_tree import RatchetKind, SecretTree
from geventim.mls.tree.treekem import PrivateKeys


class Status(Enum):
    """What we can still do in a group."""

    ACTIVE = 1
    CLOSED = 2
    """A ReInit was committed: the group goes on as another one (RFC 9420 §11.2)."""
    REMOVED = 3
    """We are not in it any more."""


@dataclass(frozen=True, slots=True)
class GroupState:
    """A state; only its ratchets move within. ``past`` has the newest epoch first."""

    epoch: Epoch
    ratchets: SecretTree = field(repr=False)
    client: Client
    pending: PendingProposals = PendingProposals()  # noqa: RUF009 - the value is immutable
    past: tuple[MessageEpoch, ...] = ()
    status: Status = Status.ACTIVE
    reinit: ReInit | None = None

    def fork(self) -> "GroupState":
        """A copy whose ratchets move by themselves."""
        past = tuple(epoch.fork() for epoch in self.past)
        return replace(self, ratchets=self.ratchets.fork(), past=past)

    def with_pending(
        self, reference: bytes, sent: SentProposal, own_update: OwnUpdate | None = None
    ) -> "GroupState":
        """With one more proposal."""
        return replace(self, pending=self.pending.adding(reference, sent, own_update))

    def without_pending(self) -> "GroupState":
        """Without proposals."""
        return replace(self, pending=PendingProposals())

    def message_epoch(self, number: int) -> MessageEpoch | None:
        """The epoch of that number, if its messages can still be opened."""
        if number == self.epoch.context.epoch and self.status is not Status.REMOVED:
            return MessageEpoch.of(self.epoch, self.ratchets)
        return next((past for past in self.past if past.context.epoch == number), None)

    def psk_source(self, others: PskSource) -> PskSource:
        """The resumption PSKs of this group that we have, and ``others``."""
        group_id = self.epoch.context.group_id

        def look_up(name: PskName) -> bytes | None:
            if isinstance(name, ResumptionPsk) and name.psk_group_id == group_id:
                epoch = self.message_epoch(name.psk_epoch)
                if epoch is not None:
                    return epoch.resumption_psk
            return others(name)

        return look_up

    def after(self, staged: StagedCommit, policy: Policy) -> "GroupState":
        """The state that ``staged`` leads to; this one's ratchets become part of it."""
        past: tuple[MessageEpoch, ...] = ()
        if policy.past_epochs:
            self._use_key_of(staged, policy)
            past = (MessageEpoch.of(self.epoch, self.ratchets), *self.past)
            past = past[: policy.past_epochs]
        if staged.after is None:
            return GroupState(
                _without_secrets(self.epoch),
                SecretTree(self.epoch.suite, 1, b""),
                self.client,
                past=past,
                status=Status.REMOVED,
            )
        reinit = staged.effects.reinit
        return GroupState(
            staged.after.epoch,
            staged.after.ratchets,
            staged.after.client,
            past=past,
            status=Status.ACTIVE if reinit is None else Status.CLOSED,
            reinit=reinit,
        )

    def _use_key_of(self, staged: StagedCommit, policy: Policy) -> None:
        """Delete the key that the commit itself was sealed with, if it was."""
        sender, generation = staged.effects.sender, staged.sender_generation
        if generation is not None and isinstance(sender, Member):
            kind = RatchetKind.HANDSHAKE
            ahead, late = policy.max_generations_ahead, policy.max_late_keys
            if generation >= self.ratchets.generation(sender.leaf_index, kind):
                found = self.ratchets.seek(sender.leaf_index, kind, generation, ahead, late)
                self.ratchets.take(found)


def _without_secrets(epoch: Epoch) -> Epoch:
    nothing = EpochSecrets(*[b""] * 8)
    keys = PrivateKeys(PrivateKey(bytes(HASH_SIZE)))
    return replace(epoch, secrets=nothing, keys=keys, member_secret=None)
