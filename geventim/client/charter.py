"""The charter of a conversation: what its members agreed on, fixed in the GroupContext.

An application extension (RFC 9420 §13) says which kind of conversation it is and, for a keyed room,
which gate it has. With it, whether a commit is valid is a function of the group and of the bytes of
the commit alone: all members come to the same answer.
"""

from dataclasses import dataclass
from typing import Final

from geventim.chat.values import Kind, dm_id
from geventim.client.credentials import read_credential
from geventim.errors import PeerError
from geventim.mls.capabilities import Capabilities
from geventim.mls.extensions import Extension, find_extension
from geventim.mls.group import Group
from geventim.mls.leaf_node import LeafNode
from geventim.mls.psk import ExternalPsk, PreSharedKeyID
from geventim.mls.staged_commit import StagedCommit
from geventim.wire.presentation import Opaque, Struct, Uint8

CHARTER: Final = 0xF6E1
"""The type of the extension, from the range for private use (RFC 9420 §17.3)."""

CAPABILITIES: Final = Capabilities(extensions=(CHARTER,))
"""What every member says it supports."""

GATE_SIZE: Final = 32
_KINDS: Final = {Kind.ROOM: 1, Kind.GROUP: 2, Kind.DM: 3}
_NAMES: Final = {number: kind for kind, number in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Charter:
    """Kind and gate; the gate is empty, but for a keyed room an Ed25519 public key."""

    kind: Kind
    gate: bytes = b""

    def extension(self) -> Extension:
        """The extension of a GroupContext that says so."""
        return Extension(CHARTER, _Charter(_KINDS[self.kind], self.gate).encode())

    @classmethod
    def read(cls, extensions: tuple[Extension, ...]) -> "Charter":
        """The charter in ``extensions``, which hold nothing else. Raises :class:`PeerError`."""
        data = find_extension(extensions, CHARTER)
        if data is None or len(extensions) != 1:
            raise PeerError("a group that is not one of ours")
        read = _Charter.decode(data)
        if read.kind not in _NAMES or len(read.gate) not in {0, GATE_SIZE}:
            raise PeerError("a charter that makes no sense")
        kind = _NAMES[read.kind]
        if read.gate and kind is not Kind.ROOM:
            raise PeerError("a gate before a conversation that is not a room")
        return cls(kind, read.gate)


@dataclass(frozen=True, slots=True)
class _Charter(Struct):
    kind: Uint8
    gate: Opaque


def psk_name(gate: bytes) -> ExternalPsk:
    """The name of the PSK that the key behind ``gate`` yields."""
    return ExternalPsk(b"geventim room" + gate)


def check_commit(group: Group, staged: StagedCommit) -> None:
    """Raise :class:`PeerError` unless ``staged`` keeps the charter of ``group``.

    ======== ==================================================================
    always   no reinitialisation; the charter stays, but for a room's gate
    external in a group or between two: replaces a leaf of the same account;
             in a keyed room: includes the PSK of its key, and nothing else
    by a     no PSKs
    member
    two      nobody but the two after whom the conversation is named
    ======== ==================================================================

    That a replaced leaf had the same credential and key is the engine's rule.
    """
    effects = staged.effects
    charter = Charter.read(group.extensions)
    if effects.reinit is not None:
        raise PeerError("a reinitialisation")
    if effects.extensions is not None:
        _check_successor(charter, Charter.read(effects.extensions))
        if effects.external:
            raise PeerError("a newcomer changes the charter")
    if effects.external and charter.kind is not Kind.ROOM and len(effects.removed) != 1:
        raise PeerError("somebody lets themselves in")
    _check_psks(charter, effects.psks, external=effects.external)
    if charter.kind is Kind.DM:
        leaves = [leaf for _, leaf in group.members()]
        check_pair(group.group_id, [*leaves, *effects.added.values()])


def check_pair(group_id: bytes, leaves: list[LeafNode]) -> None:
    """Raise :class:`PeerError` if ``leaves`` are not of the two whom ``group_id`` stands for."""
    accounts = {read_credential(leaf.credential).account for leaf in leaves}
    if len(accounts) > 2 or (len(accounts) == 2 and dm_id(*accounts) != group_id):
        raise PeerError("a third person between two")


def _check_successor(old: Charter, new: Charter) -> None:
    if new.kind is not old.kind or bool(new.gate) != bool(old.gate):
        raise PeerError("another kind of conversation")


def _check_psks(charter: Charter, psks: tuple[PreSharedKeyID, ...], *, external: bool) -> None:
    expected = [psk_name(charter.gate)] if external and charter.gate else []
    if [psk.name for psk in psks] != expected:
        raise PeerError("a commit with other PSKs than it must have")
