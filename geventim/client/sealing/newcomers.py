"""Who can be added to a group: what a key package says of itself need not fit the group."""

from collections.abc import Iterable
from typing import Final

from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.messages.key_package import KeyPackage
from geventim.mls.tree.group_context import check_members

HASTE: Final = 60
"""Seconds for which a key package is good at least when it is used."""


def misfits(public: PublicState, packages: Iterable[KeyPackage], now: int) -> list[KeyPackage]:
    """Those of ``packages``, which are valid, that cannot be added to the group all the same.

    They do not support what it needs, or have a key that is there, or comes with one before them,
    or have expired: since somebody asked for them it may have been a while. ``now`` is in seconds
    since the epoch.
    """
    tree, found = public.tree.fork(), []
    for package in packages:
        trial = tree.fork()
        trial.add(package.leaf_node)
        try:
            check_members(public.context, trial)
        except PeerError:
            found.append(package)
            continue
        if package.lifetime.covers(now) and package.lifetime.covers(now + HASTE):
            tree = trial
        else:
            found.append(package)
    return found
