"""Proposals of the current epoch that wait for a commit (RFC 9420 §12.1, §12.4)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError
from geventim.mls.epochs.proposal_list import SentProposal
from geventim.mls.ground.leaf_node import Client
from geventim.mls.messages.framing import Member
from geventim.mls.messages.proposals import Add, PreSharedKey, ProposalRef, ReInit, Remove, Update


@dataclass(frozen=True, slots=True)
class OwnUpdate:
    """What we become once our Update is committed."""

    client: Client
    key: PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class PendingProposals:
    """Verified proposals by their reference, oldest first; and the secrets of our own Updates."""

    proposals: Mapping[bytes, SentProposal] = field(default_factory=dict)
    own_updates: Mapping[bytes, OwnUpdate] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.proposals)

    def adding(
        self, reference: bytes, sent: SentProposal, own_update: OwnUpdate | None = None
    ) -> "PendingProposals":
        """With one more."""
        updates = self.own_updates
        if own_update is not None:
            updates = {**updates, reference: own_update}
        return PendingProposals({**self.proposals, reference: sent}, updates)

    def find(self, reference: bytes) -> SentProposal:
        """The proposal of that name. Raises :class:`PeerError` if we did not receive it."""
        sent = self.proposals.get(reference)
        if sent is None:
            raise PeerError("a commit of a proposal that we did not receive")
        return sent

    def choose(
        self, committer: int, fits: Callable[[Sequence[SentProposal]], bool]
    ) -> "list[Entry]":
        """As many as can be committed together by the member at leaf ``committer``.

        ``fits`` says whether a list is valid. Removes go before Updates of the same leaf, newer
        Updates before older ones, and anything before a ReInit (RFC 9420 §12.2).
        """
        own = Member(committer)
        candidates = [
            (ProposalRef(reference), sent)
            for reference, sent in _by_rank(self.proposals)
            if not (isinstance(sent.proposal, Update) and sent.sender == own)
        ]
        return _fitting([], _without_conflicts(candidates), fits)


Entry = tuple[ProposalRef, SentProposal]


def _by_rank(proposals: Mapping[bytes, SentProposal]) -> list[tuple[bytes, SentProposal]]:
    """Removes, Updates from the newest on, then the rest in their order, ReInits last."""
    entries = list(proposals.items())

    def of(*kinds: type) -> list[tuple[bytes, SentProposal]]:
        return [entry for entry in entries if isinstance(entry[1].proposal, kinds)]

    first, last = (Remove, Update), (ReInit,)
    rest = [entry for entry in entries if not isinstance(entry[1].proposal, first + last)]
    return [*of(Remove), *reversed(of(Update)), *rest, *of(ReInit)]


def _without_conflicts(candidates: Sequence[Entry]) -> list[Entry]:
    """The first of each pair that excludes each other at once, which most conflicts are."""
    kept: dict[Hashable, Entry] = {}
    for entry in candidates:
        kept.setdefault(_subject(entry[1]), entry)
    others = [entry for entry in kept.values() if not isinstance(entry[1].proposal, ReInit)]
    return others or list(kept.values())


def _subject(sent: SentProposal) -> Hashable:
    """What no two proposals of a commit may be about."""
    proposal = sent.proposal
    if isinstance(proposal, Remove):
        return ("leaf", proposal.removed)
    if isinstance(proposal, Update) and isinstance(sent.sender, Member):
        return ("leaf", sent.sender.leaf_index)
    if isinstance(proposal, Add):
        return proposal.key_package.leaf_node.signature_key
    return ("psk", proposal.psk) if isinstance(proposal, PreSharedKey) else ("", type(proposal))


def _fitting(
    chosen: list[Entry], candidates: Sequence[Entry], fits: Callable[[Sequence[SentProposal]], bool]
) -> list[Entry]:
    """``chosen`` and as many candidates as fit, found by halving: few of them are bad."""
    if not candidates or fits([sent for _, sent in (*chosen, *candidates)]):
        return [*chosen, *candidates]
    if len(candidates) == 1:
        return chosen
    middle = len(candidates) // 2
    return _fitting(_fitting(chosen, candidates[:middle], fits), candidates[middle:], fits)
