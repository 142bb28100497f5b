"""Lists of proposals: which ones a commit may have, and what they make of the tree.

RFC 9420 §12.1 to §12.3.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.ground.cipher_suite import MLS_10
from geventim.mls.ground.extensions import Extension, external_senders, required_capabilities
from geventim.mls.ground.leaf_node import FromUpdate, LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.framing import Member, Sender
from geventim.mls.messages.key_package import KeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.proposals import (
    PATHLESS_TYPES,
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.schedule.psk import PreSharedKeyID
from geventim.mls.tree.ratchet_tree import RatchetTree


@dataclass(frozen=True, slots=True)
class SentProposal:
    """A proposal and whose it is."""

    proposal: Proposal
    sender: Sender


@dataclass(frozen=True, slots=True)
class ProposalList:
    """Proposals that may be committed together, sorted by what they do."""

    extensions: tuple[Extension, ...] | None = None
    updates: Mapping[int, LeafNode] = field(default_factory=dict)
    removes: tuple[int, ...] = ()
    adds: tuple[KeyPackage, ...] = ()
    psks: tuple[PreSharedKeyID, ...] = ()
    reinit: ReInit | None = None
    external_init: ExternalInit | None = None
    needs_path: bool = True

    def apply(self, before: PublicState) -> "Change":
        """What the list makes of the group; ``before`` stays as it is (RFC 9420 §12.3)."""
        tree = before.tree.fork()
        extensions = before.context.extensions if self.extensions is None else self.extensions
        for index, leaf in self.updates.items():
            tree.update(index, leaf)
        for index in self.removes:
            tree.remove(index)
        if self.removes:
            tree.truncate()
        newcomers = {}
        for package in self.adds:
            assert isinstance(package.leaf_node, LeafNode)  # noqa: S101 - verified with it
            newcomers[tree.add(package.leaf_node)] = package
        return Change(tree, extensions, newcomers)


@dataclass(frozen=True, slots=True)
class Change:
    """Tree and extensions after a list of proposals; the tree may be changed further."""

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    newcomers: Mapping[int, KeyPackage]


def verify_proposal(
    before: PublicState, sent: SentProposal, policy: Policy, *, linking: bool = False
) -> SentProposal:
    """``sent`` with verified content, once it is valid by itself (RFC 9420 §12.1).

    ``linking`` allows the PSKs that connect a new group with an old one. Raises
    :class:`PeerError`.
    """
    proposal = sent.proposal
    if isinstance(proposal, Add):
        package = _verify_key_package(before, proposal.key_package, policy)
        return SentProposal(Add(package), sent.sender)
    if isinstance(proposal, Update):
        return SentProposal(Update(_verify_update(before, proposal, sent, policy)), sent.sender)
    if isinstance(proposal, Remove):
        before.tree.member(proposal.removed)
    elif isinstance(proposal, PreSharedKey):
        proposal.psk.check()
        if proposal.psk.links_groups and not linking:
            raise PeerError("a PSK for a new group in an old one")
    elif isinstance(proposal, ReInit):
        if proposal.version < before.context.version:
            raise PeerError("a group does not go back to an older version")
    elif isinstance(proposal, GroupContextExtensions):
        required_capabilities(proposal.extensions)
        external_senders(proposal.extensions)
    return sent


def check_list(proposals: Sequence[SentProposal], committer: int) -> ProposalList:
    """The list of a member's commit, once it is valid (RFC 9420 §12.2).

    Each proposal is valid by itself already. What depends on the resulting tree (keys used twice,
    capabilities) shows when the list is applied. Raises :class:`PeerError`.
    """
    kinds = Counter(type(sent.proposal) for sent in proposals)
    if kinds[ExternalInit]:
        raise PeerError("a member does not join")
    if kinds[ReInit] and len(proposals) > 1:
        raise PeerError("a reinitialisation stands alone")
    if kinds[GroupContextExtensions] > 1:
        raise PeerError("the extensions are replaced twice")
    updates: dict[int, LeafNode] = {}
    removes: list[int] = []
    changed: set[int] = set()
    for sent in proposals:
        if isinstance(sent.proposal, Update):
            assert isinstance(sent.sender, Member)  # noqa: S101 - verified with it
            index = sent.sender.leaf_index
            if index == committer:
                raise PeerError("a committer updates itself by its path")
            assert isinstance(sent.proposal.leaf_node, LeafNode)  # noqa: S101 - verified
            updates[index] = sent.proposal.leaf_node
        elif isinstance(sent.proposal, Remove):
            index = sent.proposal.removed
            if index == committer:
                raise PeerError("a committer does not remove itself")
            removes.append(index)
        else:
            continue
        if index in changed:
            raise PeerError("two changes of one leaf")
        changed.add(index)
    return _sort(proposals, updates, tuple(removes))


def check_external_list(proposals: Sequence[SentProposal]) -> ProposalList:
    """The list of an external commit, once it is valid (RFC 9420 §12.2).

    Raises :class:`PeerError`.
    """
    kinds = Counter(type(sent.proposal) for sent in proposals)
    if kinds.keys() - {ExternalInit, Remove, PreSharedKey}:
        raise PeerError("an external commit with a proposal that it may not have")
    if kinds[ExternalInit] != 1:
        raise PeerError("an external commit needs one way in")
    if kinds[Remove] > 1:
        raise PeerError("an external commit removes one leaf at most")
    removes = [s.proposal.removed for s in proposals if isinstance(s.proposal, Remove)]
    return _sort(proposals, {}, tuple(removes))


def _sort(
    proposals: Sequence[SentProposal], updates: Mapping[int, LeafNode], removes: tuple[int, ...]
) -> ProposalList:
    values = [sent.proposal for sent in proposals]
    psks = tuple(value.psk for value in values if isinstance(value, PreSharedKey))
    if len(set(psks)) != len(psks):
        raise PeerError("one PSK twice")
    packages = [value.key_package for value in values if isinstance(value, Add)]
    replaced = [v.extensions for v in values if isinstance(v, GroupContextExtensions)]
    return ProposalList(
        replaced[0] if replaced else None,
        updates,
        removes,
        tuple(package for package in packages if isinstance(package, KeyPackage)),
        psks,
        next((value for value in values if isinstance(value, ReInit)), None),
        next((value for value in values if isinstance(value, ExternalInit)), None),
        not values or not all(isinstance(value, PATHLESS_TYPES) for value in values),
    )


def _verify_key_package(
    before: PublicState, package: UnverifiedKeyPackage, policy: Policy
) -> KeyPackage:
    if package.version != MLS_10 or package.cipher_suite != before.suite.number:
        raise PeerError("a key package for another kind of group")
    verified = package if isinstance(package, KeyPackage) else package.verify(before.suite)
    assert isinstance(verified.leaf_node, LeafNode)  # noqa: S101 - verified with it
    policy.check_leaf(verified.leaf_node)
    return verified


def _verify_update(
    before: PublicState, update: Update, sent: SentProposal, policy: Policy
) -> LeafNode:
    leaf = update.leaf_node
    if not isinstance(sent.sender, Member):
        raise PeerError("only a member updates its leaf")
    if not isinstance(leaf.source, FromUpdate):
        raise PeerError("an update's leaf node is not made for it")
    index = sent.sender.leaf_index
    old = before.tree.member(index)
    verified = (
        leaf
        if isinstance(leaf, LeafNode)
        else leaf.verify(before.suite, before.context.group_id, index)
    )
    policy.check_leaf(verified)
    policy.check_successor(old, verified)
    return verified
