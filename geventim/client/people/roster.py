"""Who is in a group, and what a commit changes about that: what members have signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from geventim.client.people.credentials import Somebody, read_credential
from geventim.mls.epochs.staged_commit import Effects
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.tree.ratchet_tree import RatchetTree


@dataclass(frozen=True, slots=True)
class Difference:
    """Who came and who went. Somebody who got in anew did neither."""

    added: tuple[Somebody, ...] = ()
    removed: tuple[Somebody, ...] = ()


def people(leaves: Iterable[LeafNode]) -> dict[bytes, Somebody]:
    """Who ``leaves`` are, by account id, in their order."""
    found = (read_credential(leaf.credential) for leaf in leaves)
    return {somebody.account: somebody for somebody in found}


def members(tree: RatchetTree) -> dict[bytes, Somebody]:
    """Everybody in a group, as its ``tree`` says."""
    return people(leaf for _, leaf in tree.members())


def find(tree: RatchetTree, account: bytes) -> int | None:
    """The leaf index of ``account``."""
    for index, leaf in tree.members():
        if read_credential(leaf.credential).account == account:
            return index
    return None


def changed_by(effects: Effects) -> Difference:
    """What a commit changes."""
    return between(people(effects.removed.values()), people(effects.added.values()))


def between(before: dict[bytes, Somebody], after: dict[bytes, Somebody]) -> Difference:
    """What changed from one roster to another."""
    return Difference(
        tuple(somebody for account, somebody in after.items() if account not in before),
        tuple(somebody for account, somebody in before.items() if account not in after),
    )
