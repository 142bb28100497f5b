"""A group as its server and all of its members see it together.

The server puts commits and proposals into one log; members take what is there in its order, each
at its own pace. Messages are kept aside, to reach whom they like. What must be true of any single
thing that happens is asserted where it happens.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import GeventIMError, PeerError
from geventim.mls.epochs.staged_commit import Effects, StagedCommit
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy, pad_to
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.messages.external_proposals import ask_to_join
from geventim.mls.messages.key_package import KeyPackage, OwnKeyPackage, generate_key_package
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    Remove,
)
from geventim.mls.schedule.psk import ExternalPsk, PskName, psk_id
from tests.mls.builder import GROUP_ID, LIFETIME, NOW, snapshot

MOST_MEMBERS = 20
MOST_GHOSTS = 4
PAST_EPOCHS = 2
POLICY = Policy(
    past_epochs=PAST_EPOCHS, padding=pad_to(32), accept_newcomer=lambda credential, key: True
)
EXTENSION = 0xF0F0
SHARED = ExternalPsk(b"shared")


def shared_psks(name: PskName) -> bytes | None:
    return b"everybody knows it" if name == SHARED else None


@dataclass(eq=False)
class Seat:
    """A client from the moment it joins until it is removed; who resyncs gets another one."""

    group: Group
    cursor: int
    """How much of the log it has taken."""
    joined: int = 0
    missed: bool = False
    """Whether a proposal of its epoch never arrived."""
    stuck: bool = False
    """Whether it could not follow a commit for that reason."""
    read: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.joined = self.group.epoch

    def can_read(self, epoch: int) -> bool:
        last = self.group.epoch
        oldest = last - PAST_EPOCHS + (self.group.status is Status.REMOVED)
        return max(self.joined, oldest) <= epoch <= last


@dataclass(frozen=True)
class Message:
    """What somebody sent, and in which epoch."""

    author: Seat
    epoch: int
    text: bytes
    sealed: bytes


def names(group: Group) -> dict[int, bytes]:
    """The members of a group."""
    return {index: leaf.credential.identity for index, leaf in group.members()}


def refuses(seat: Seat, error: type[GeventIMError], call: Callable[[], object]) -> None:
    """Assert that ``call`` fails and leaves ``seat`` exactly as it is."""
    before = snapshot(seat.group)
    with pytest.raises(error):
        call()
    assert snapshot(seat.group) == before


class World:
    suite: CipherSuite

    def begin(self, seed: int, size: int) -> None:
        self.random = Random(seed).randbytes
        self.log: list[bytes] = []
        self.is_commit: list[bool] = []
        self.messages: list[Message] = []
        self.packages: dict[bytes, OwnKeyPackage] = {}
        self.born = 0
        self.facts: dict[int, object] = {}
        founder = Group.create(
            self.suite, GROUP_ID, self.client(), LIFETIME, random=self.random, policy=POLICY
        )
        self.leaves = {0: Seat(founder, 0)}
        self.ghosts: list[Seat] = []
        if size > 1:
            request = CommitRequest([Add(self.package()) for _ in range(size - 1)], NOW)
            self.accept(self.leaves[0], founder.commit(request))

    def client(self) -> Client:
        self.born += 1
        name = BasicCredential(b"member %d" % self.born)
        capabilities = Capabilities(extensions=(EXTENSION,))
        return Client(SigningKey(self.random(32)), name, capabilities)

    def package(self) -> KeyPackage:
        own = generate_key_package(self.suite, self.client(), LIFETIME, self.random)
        self.packages[own.key_package.leaf_node.signature_key] = own
        return own.key_package

    def append(self, author: Seat | None, data: bytes, *, is_commit: bool) -> None:
        self.log.append(data)
        self.is_commit.append(is_commit)
        if author is not None:
            author.cursor = len(self.log)

    def take_one(self, seat: Seat) -> None:
        """Let ``seat`` take the next entry of the log."""
        data, is_commit = self.log[seat.cursor], self.is_commit[seat.cursor]
        group = seat.group
        if not is_commit:
            assert isinstance(group.receive(data, shared_psks), ReceivedProposal)
            seat.cursor += 1
            return
        before = snapshot(group)
        try:
            staged = group.receive(data, shared_psks)
        except PeerError:
            assert seat.missed
            assert snapshot(group) == before
            seat.stuck = True
            return
        assert isinstance(staged, StagedCommit)
        assert snapshot(group) == before
        assert staged.removes_us == (group.own_index in staged.effects.removed)
        group.merge(staged)
        assert group.status is (Status.REMOVED if staged.removes_us else Status.ACTIVE)
        seat.cursor += 1
        seat.missed = False

    def take_all(self, seat: Seat) -> None:
        while seat.group.status is Status.ACTIVE and seat.cursor < len(self.log) and not seat.stuck:
            self.take_one(seat)

    def present(self, pick: int) -> Seat | None:
        """Some member that has seen everything; none if the one picked cannot."""
        seats = list(self.leaves.values())
        seat = seats[pick % len(seats)]
        self.take_all(seat)
        return None if seat.stuck else seat

    def anybody(self, pick: int) -> Seat:
        """Some member, or somebody who was one."""
        seats = [*self.leaves.values(), *self.ghosts]
        return seats[pick % len(seats)]

    def has_room(self, seat: Seat) -> bool:
        waiting = sum(isinstance(sent.proposal, Add) for _, sent in seat.group.pending())
        return len(self.leaves) + waiting < MOST_MEMBERS

    def accept(self, author: Seat, staged: StagedCommit, *, with_tree: bool = True) -> None:
        """The server takes the commit of a member."""
        self.append(author, staged.message, is_commit=True)
        before = names(author.group)
        author.group.merge(staged)
        author.missed = False
        self.settle(before, author.group, staged.effects)
        assert (staged.welcome is None) == (not staged.effects.added)
        for index, leaf in staged.effects.added.items():
            new = Group.join(
                staged.welcome,
                self.packages.pop(leaf.signature_key),
                random=self.random,
                policy=POLICY,
                psks=shared_psks,
                tree=None if with_tree else author.group.export_tree(),
            )
            assert new.own_index == index
            self.leaves[index] = Seat(new, len(self.log))

    def settle(self, before: dict[int, bytes], group: Group, effects: Effects) -> None:
        """Check that the roster changed as a commit said; retire who was removed."""
        after = {index: name for index, name in before.items() if index not in effects.removed}
        for index, leaf in effects.added.items():
            assert index not in after
            after[index] = leaf.credential.identity
        assert names(group) == after
        for index in effects.removed:
            self.bury(self.leaves.pop(index))

    def enter(self, through: Seat, seat: Seat | None, *, with_psk: bool) -> tuple[Group, bytes]:
        """A commit from outside, by somebody new or by who has ``seat``."""
        group = through.group
        client = self.client() if seat is None else seat.group.client
        return Group.join_by_commit(
            Entrance.read(group.group_info(), POLICY),
            client,
            random=self.random,
            policy=POLICY,
            psks=[SHARED] if with_psk else [],
            psk_source=shared_psks,
            replaces=None if seat is None else seat.group.own_index,
        )

    def bury(self, seat: Seat) -> None:
        self.ghosts.append(seat)
        del self.ghosts[:-MOST_GHOSTS]

    def stage(self, author: Seat, request: CommitRequest, *, public: bool) -> StagedCommit:
        """A commit, which by itself changes nothing."""
        before = snapshot(author.group)
        staged = author.group.commit(request, shared_psks, public=public)
        assert snapshot(author.group) == before
        return staged

    def propose_one(self, author: Seat, kind: str, whom: int, *, public: bool) -> None:
        group, targets = author.group, list(self.leaves)
        if kind == "ask":
            package = self.package()
            own = self.packages[package.leaf_node.signature_key]
            self.append(None, ask_to_join(GROUP_ID, group.epoch, own), is_commit=False)
            return
        if kind == "update":
            message = group.propose_update(public=public)
        else:
            proposals: dict[str, Callable[[], Proposal]] = {
                "add": lambda: Add(self.package()),
                "remove": lambda: Remove(targets[whom % len(targets)]),
                "psk": lambda: PreSharedKey(psk_id(SHARED, self.random)),
                "extensions": lambda: GroupContextExtensions(
                    (Extension(EXTENSION, self.random(3)),)
                ),
            }
            message = group.propose(proposals[kind](), now=NOW, public=public)
        self.append(author, message, is_commit=False)

    def say(self, seat: Seat, text: bytes) -> int:
        sealed = seat.group.send(text, b"header")
        self.messages.append(Message(seat, seat.group.epoch, text, sealed))
        return len(self.messages) - 1

    def open(self, seat: Seat, number: int) -> None:
        message, group = self.messages[number], seat.group
        receive = partial(group.receive, message.sealed, shared_psks)
        if not seat.can_read(message.epoch) or number in seat.read:
            refuses(seat, PeerError, receive)
        elif message.author is seat:
            refuses(seat, OwnMessageError, receive)
        else:
            received = receive()
            assert isinstance(received, ReceivedApplication)
            assert received.data == message.text
            assert received.authenticated_data == b"header"
            assert received.epoch == message.epoch
            seat.read.add(number)
