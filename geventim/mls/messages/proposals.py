"""Proposals: changes that somebody wants and a commit makes (RFC 9420 §12.1)."""

from dataclasses import dataclass
from typing import Annotated, Final

from geventim.mls.ground.extensions import Extensions
from geventim.mls.ground.leaf_node import UnverifiedLeafNode
from geventim.mls.messages.key_package import UnverifiedKeyPackage
from geventim.mls.schedule.psk import PreSharedKeyID
from geventim.wire.presentation import Opaque, Select, Struct, Uint16, Uint32


@dataclass(frozen=True, slots=True)
class Add(Struct):
    """Let the owner of a key package in (RFC 9420 §12.1.1)."""

    key_package: UnverifiedKeyPackage


@dataclass(frozen=True, slots=True)
class Update(Struct):
    """Replace the sender's leaf (RFC 9420 §12.1.2)."""

    leaf_node: UnverifiedLeafNode


@dataclass(frozen=True, slots=True)
class Remove(Struct):
    """Take the member at a leaf out (RFC 9420 §12.1.3)."""

    removed: Uint32


@dataclass(frozen=True, slots=True)
class PreSharedKey(Struct):
    """Mix a PSK into the next epoch (RFC 9420 §12.1.4)."""

    psk: PreSharedKeyID


@dataclass(frozen=True, slots=True)
class ReInit(Struct):
    """Close the group and continue in a new one (RFC 9420 §12.1.5)."""

    group_id: Opaque
    version: Uint16
    cipher_suite: Uint16
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class ExternalInit(Struct):
    """Start the next epoch from a secret that a newcomer chose (RFC 9420 §12.1.6)."""

    kem_output: Opaque


@dataclass(frozen=True, slots=True)
class GroupContextExtensions(Struct):
    """Replace the group's extensions (RFC 9420 §12.1.7)."""

    extensions: Extensions


Proposal = Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions

PROPOSAL: Final = Select(
    2,
    {
        1: Add,
        2: Update,
        3: Remove,
        4: PreSharedKey,
        5: ReInit,
        6: ExternalInit,
        7: GroupContextExtensions,
    },
)
"""A proposal behind its type. A commit with a type that is not here cannot be read at all, which
is what RFC 9420 §12.2 asks of a member that does not support it."""

AnyProposal = Annotated[Proposal, PROPOSAL]

EXTERNAL_TYPES: Final = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)
"""What an external sender may propose (RFC 9420 §12.1.8)."""

PATHLESS_TYPES: Final = (Add, PreSharedKey, ReInit)
"""What a commit may do without a path (RFC 9420 §12.4)."""


@dataclass(frozen=True, slots=True)
class ProposalRef(Struct):
    """The name of a proposal that was sent before: the hash of its message (RFC 9420 §5.2)."""

    reference: Opaque


PROPOSAL_OR_REF: Final = Select(1, {1: PROPOSAL, 2: ProposalRef})

ProposalOrRef = Annotated[Proposal | ProposalRef, PROPOSAL_OR_REF]
