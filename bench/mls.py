"""What a group costs: milliseconds of CPU time, and bytes, for groups of growing size.

Usage: bench/mls.py [options]

Groups grow by external commits, as rooms do. `join` is what a newcomer spends from the bytes of a
GroupInfo to a commit, in a process that has seen none of the members' keys before. `of join`, `of
update` and `of remove` are what another member spends on such a commit, received and merged;
`update` and `remove` are what their author spends. The last line compares the verification of a
signature with that of the library's public interface.

Options:
  --members LIST  Sizes of the groups, separated by commas. [default: 2,10,50,100,500]
  --suite N       Number of the cipher suite: 1 or 3. [default: 3]
  --rounds N      Each figure is the median of so many. [default: 9]
  --json          Print one JSON object instead of tables.
"""

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import ParamSpec, TypeVar

import kit.checkout  # noqa: F401 - has to come before what is measured
from docopt import docopt

from geventim.crypto.signature import SigningKey, Verifier
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import SUITES, CipherSuite
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import DEFAULT_POLICY
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import ReceivedApplication
from geventim.mls.messages.proposals import Remove

# isort: split
# Importing this project's package first settles which code the library uses.
from Cryptodome.Signature import eddsa

P = ParamSpec("P")
T = TypeVar("T")

NOW = 1_000_000_000
TEXT = bytes(100)


class Clock:
    """Collects the milliseconds of CPU time of calls by the name of what they do."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    def measure(self, name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of ``call``."""
        started = time.process_time()
        result = call(*args, **kwargs)
        self.taken.setdefault(name, []).append(1e3 * (time.process_time() - started))
        return result


def newcomer() -> Client:
    """Somebody whose name is of a usual length."""
    return Client(SigningKey(os.urandom(32)), BasicCredential(os.urandom(48)))


def join(info: bytes) -> tuple[Group, bytes]:
    """Somebody's new group, and the commit."""
    entrance = Entrance.read(info, DEFAULT_POLICY)
    return Group.join_by_commit(entrance, newcomer(), random=os.urandom)


def time_join(info: bytes) -> float:
    """Milliseconds of CPU time that joining takes; runs in a process of its own."""
    key = SigningKey(os.urandom(32))
    Verifier(key.public).verify(b"", key.sign(b""))  # prepares what is prepared once
    clock = Clock()
    clock.measure("join", join, info)
    return clock.taken["join"][0]


def enter(member: Group) -> tuple[Group, bytes]:
    """A newcomer's group and commit, at no cost for reading: ``member`` vouches for its group."""
    epoch = member.state.epoch
    external_pub = epoch.secrets.external_key_pair(epoch.suite).public
    return Group.join_by_commit(
        Entrance(epoch.public, external_pub, 0), newcomer(), random=os.urandom
    )


def take(group: Group, commit: bytes) -> None:
    """Receive and merge a commit."""
    staged = group.receive(commit)
    assert isinstance(staged, StagedCommit)
    group.merge(staged)


def measure_group(
    founder: Group, size: int, rounds: int, pool: "multiprocessing.pool.Pool"
) -> dict[str, float]:
    """Grow the group of ``founder``, who sees every commit, to ``size`` members; measure there."""
    clock = Clock()
    while founder.state.epoch.tree.census.members < size - 1:
        take(founder, enter(founder)[1])
    other, commit = enter(founder)
    take(founder, commit)
    info = founder.group_info()
    sizes = {"GroupInfo": len(info)}
    clock.taken["join"] = pool.map(time_join, [info] * min(rounds, 3), chunksize=1)

    def commit_and_take(name: str, request: CommitRequest) -> None:
        staged = clock.measure(name, other.commit, request, public=True)
        sizes[f"{name} commit"] = len(staged.message)
        other.merge(staged)
        clock.measure(f"of {name}", take, founder, staged.message)

    for _ in range(rounds):
        stranger, commit = enter(founder)
        sizes["join commit"] = len(commit)
        clock.measure("of join", take, founder, commit)
        take(other, commit)
        commit_and_take("remove", CommitRequest([Remove(stranger.own_index)], NOW))
        commit_and_take("update", CommitRequest([], NOW))
    for _ in range(10 * rounds):
        message = clock.measure("send", other.send, TEXT)
        received = clock.measure("receive", founder.receive, message)
        assert isinstance(received, ReceivedApplication)
    milliseconds = {name: median(taken) for name, taken in clock.taken.items()}
    return {"members": size, **milliseconds, **sizes}


def measure_verifier(rounds: int) -> dict[str, float]:
    """Milliseconds of a verification, ours and the library's."""
    clock = Clock()
    key = SigningKey(os.urandom(32))
    signed = key.sign(TEXT)
    ours = Verifier(key.public)
    public = eddsa.new(eddsa.import_public_key(key.public), "rfc8032")
    for _ in range(10 * rounds):
        clock.measure("ours", ours.verify, TEXT, signed)
        clock.measure("library", public.verify, TEXT, signed)
    taken = {name: median(values) for name, values in clock.taken.items()}
    return {**taken, "ratio": taken["library"] / taken["ours"]}


def measure_groups(suite: CipherSuite, sizes: Iterable[int], rounds: int) -> list[dict[str, float]]:
    """One row for each size."""
    founder = Group.create(suite, b"bench", newcomer(), Lifetime(NOW, NOW + 1), random=os.urandom)
    # A process each, and none that inherits what this one has prepared for the members' keys.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return [measure_group(founder, size, rounds, pool) for size in sizes]


def print_table(title: str, columns: list[str], rows: list[dict[str, float]], digits: int) -> None:
    """Print the ``columns`` of all rows."""
    print(title)
    print("members" + "".join(f"{name:>15}" for name in columns))
    for row in rows:
        print(f"{row['members']:7}" + "".join(f"{row[name]:15,.{digits}f}" for name in columns))


def main() -> None:
    """Measure everything and print it."""
    options = docopt(__doc__)
    rounds = int(options["--rounds"])
    suite = SUITES[int(options["--suite"])]
    sizes = sorted(int(size) for size in options["--members"].split(","))
    rows = measure_groups(suite, sizes, rounds)
    verifier = measure_verifier(rounds)
    if options["--json"]:
        print(json.dumps({"suite": suite.number, "groups": rows, "verifier": verifier}))
        return
    costs = "join,of join,update,of update,remove,of remove,send,receive".split(",")
    print_table(f"{suite.name}: milliseconds of CPU time", costs, rows, 2)
    print_table("bytes", ["GroupInfo", "join commit", "update commit", "remove commit"], rows, 0)
    print(
        f"a signature is verified in {verifier['ours']:.2f} ms, by the library's public interface "
        f"in {verifier['library']:.2f} ms: {verifier['ratio']:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
