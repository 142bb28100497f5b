"""What is kept of an epoch that is over: enough to open its late messages (RFC 9420 §15.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import Epoch
from geventim.mls.schedule.secret_tree import SecretTree
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.ratchet_tree import RatchetTree


@dataclass(frozen=True, slots=True)
class SignatureKeys:
    """The members' signature keys by leaf index, where the tree itself is gone."""

    keys: Mapping[int, bytes]

    def signature_key(self, index: int) -> bytes:
        """That of the member at ``index``. Raises :class:`PeerError` if nobody was there."""
        key = self.keys.get(index)
        if key is None:
            raise PeerError("no member at that leaf")
        return key


@dataclass(frozen=True, slots=True)
class MessageEpoch:
    """An epoch, current or past, as far as private messages are concerned."""

    context: GroupContext
    signers: RatchetTree | SignatureKeys
    own_index: int
    sender_data_secret: bytes = field(repr=False)
    resumption_psk: bytes = field(repr=False)
    ratchets: SecretTree = field(repr=False)

    @classmethod
    def of(cls, epoch: Epoch, ratchets: SecretTree) -> "MessageEpoch":
        """What is kept of ``epoch``."""
        return cls(
            epoch.context,
            epoch.tree,
            epoch.own_index,
            epoch.secrets.sender_data_secret,
            epoch.secrets.resumption_psk,
            ratchets,
        )

    def fork(self) -> "MessageEpoch":
        """A copy whose ratchets move by themselves."""
        return MessageEpoch(
            self.context,
            self.signers,
            self.own_index,
            self.sender_data_secret,
            self.resumption_psk,
            self.ratchets.fork(),
        )
