"""Who can be added to a group: what a key package says of itself need not fit the group."""

from collections.abc import Iterable

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.messages.key_package import KeyPackage
from geventim.mls.tree.group_context import check_members


def misfits(public: PublicState, packages: Iterable[KeyPackage]) -> list[KeyPackage]:
    """Those of ``packages``, which are valid, that cannot be added to the group all the same.

    They do not support what it needs, or have a key that is there, or comes with one before them.
    """
    tree, found = public.tree.fork(), []
    for package in packages:
        trial = tree.fork()
        trial.add(package.leaf_node)
        try:
            check_members(public.context, trial)
        except PeerError:
            found.append(package)
        else:
            tree = trial
    return found
