"""What a member wants to change about who is in a group."""

from dataclasses import dataclass

from geventim.client.people import roster
from geventim.mls.messages.key_package import KeyPackage
from geventim.mls.messages.proposals import Add, Proposal, Remove
from geventim.mls.tree.ratchet_tree import RatchetTree


@dataclass(frozen=True, slots=True)
class Alteration:
    """Those whose key ``packages`` these are come in, and the accounts in ``removed`` are out."""

    packages: tuple[KeyPackage, ...] = ()
    removed: tuple[bytes, ...] = ()

    @property
    def added(self) -> tuple[bytes, ...]:
        """The accounts that come in."""
        return tuple(roster.people(package.leaf_node for package in self.packages))

    def is_done(self, tree: RatchetTree) -> bool:
        """Whether nothing is left to do in a group with this ``tree``."""
        present = roster.members(tree).keys()
        return present >= set(self.added) and present.isdisjoint(self.removed)

    def proposals(self, tree: RatchetTree) -> list[Proposal]:
        """What is left to do in a group with this ``tree``."""
        leaves = (roster.find(tree, account) for account in self.removed)
        removes = [Remove(index) for index in leaves if index is not None]
        return [*removes, *map(Add, self.missing(tree))]

    def missing(self, tree: RatchetTree) -> list[KeyPackage]:
        """The packages of those who are not in a group with this ``tree``."""
        present = roster.members(tree)
        both = zip(self.packages, self.added, strict=True)
        return [package for package, account in both if account not in present]
