"""Proposals of the current epoch that wait for a commit (RFC 9420 §12.1, §12.4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError
from geventim.mls.framing import Member
from geventim.mls.leaf_node import Client
from geventim.mls.proposal_list import SentProposal
from geventim.mls.proposals import ProposalRef, ReInit, Remove, Update


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
    ) -> list[tuple[ProposalRef, SentProposal]]:
        """As many as can be committed together by the member at leaf ``committer``.

        ``fits`` says whether a list is valid. Removes go before Updates of the same leaf, newer
        Updates before older ones, and anything before a ReInit (RFC 9420 §12.2).
        """
        own = Member(committer)
        ordered = [
            (ProposalRef(reference), sent)
            for reference, sent in _by_rank(self.proposals)
            if not (isinstance(sent.proposal, Update) and sent.sender == own)
        ]
        if fits([sent for _, sent in ordered]):
            return ordered
        chosen: list[tuple[ProposalRef, SentProposal]] = []
        for entry in ordered:
            if fits([sent for _, sent in (*chosen, entry)]):
                chosen.append(entry)
        return chosen


def _by_rank(proposals: Mapping[bytes, SentProposal]) -> list[tuple[bytes, SentProposal]]:
    """Removes, Updates from the newest on, then the rest in their order, ReInits last."""
    entries = list(proposals.items())

    def of(*kinds: type) -> list[tuple[bytes, SentProposal]]:
        return [entry for entry in entries if isinstance(entry[1].proposal, kinds)]

    rest = [entry for entry in entries if entry not in of(Remove, Update, ReInit)]
    return [*of(Remove), *reversed(of(Update)), *rest, *of(ReInit)]
