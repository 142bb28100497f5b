"""Commits as they are sent (RFC 9420 §12.4)."""

from dataclasses import dataclass

from geventim.mls.messages.proposals import ProposalOrRef
from geventim.mls.tree.update_path import UpdatePath
from geventim.wire.presentation import Struct


@dataclass(frozen=True, slots=True)
class Commit(Struct):
    """The proposals that take effect, by value or by reference, and the committer's new keys."""

    proposals: tuple[ProposalOrRef, ...]
    path: UpdatePath | None
