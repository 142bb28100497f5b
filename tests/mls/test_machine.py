"""A group that lives through anything: members that agree once must agree ever after.

The machine plays the part of the server, which puts commits and proposals into one log, and of all
members, who take what is in the log in its order but each at its own pace. Messages reach whom
they like, when they like, as often as they like.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from geventim.crypto.signature import SigningKey
from geventim.errors import GeventIMError, MisuseError, PeerError
from geventim.mls import archive
from geventim.mls.capabilities import Capabilities
from geventim.mls.cipher_suite import AES_128_GCM, CHACHA20_POLY1305, CipherSuite
from geventim.mls.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.credentials import BasicCredential
from geventim.mls.extensions import Extension
from geventim.mls.external_join import Entrance
from geventim.mls.external_proposals import ask_to_join
from geventim.mls.group import Group
from geventim.mls.group_state import Status
from geventim.mls.key_package import KeyPackage, OwnKeyPackage, generate_key_package
from geventim.mls.leaf_node import Client
from geventim.mls.policy import Policy, pad_to
from geventim.mls.proposals import Add, GroupContextExtensions, PreSharedKey, Proposal, Remove
from geventim.mls.psk import APPLICATION, ExternalPsk, PskName, ResumptionPsk, psk_id
from geventim.mls.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.staged_commit import Effects, StagedCommit
from tests.mls.builder import GROUP_ID, LIFETIME, NOW, snapshot

SHARE = float(os.environ.get("EIM_ROUNDS", "0.1"))
STEPS = 60
EXAMPLES = max(2, round(30 * SHARE))
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


class GroupMachine(RuleBasedStateMachine):
    suite: CipherSuite
    steps = 0
    most = 0

    # Beginning

    @initialize(seed=st.integers(0, 2**32), size=st.integers(1, 16))
    def create(self, seed, size):
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
            self.let_in(self.leaves[0], size - 1)

    def client(self) -> Client:
        self.born += 1
        name = BasicCredential(b"member %d" % self.born)
        capabilities = Capabilities(extensions=(EXTENSION,))
        return Client(SigningKey(self.random(32)), name, capabilities)

    def package(self) -> KeyPackage:
        own = generate_key_package(self.suite, self.client(), LIFETIME, self.random)
        self.packages[own.key_package.leaf_node.signature_key] = own
        return own.key_package

    # What the server and the network do

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
            self.ghosts.append(self.leaves.pop(index))
        del self.ghosts[:-MOST_GHOSTS]

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

    def admit(self, new: Group, commit: bytes, old: Seat | None) -> None:
        """The server takes a commit from outside."""
        self.append(None, commit, is_commit=True)
        if old is not None:
            self.leaves = {i: seat for i, seat in self.leaves.items() if seat is not old}
            self.ghosts.append(old)
            del self.ghosts[:-MOST_GHOSTS]
        assert new.own_index not in self.leaves
        self.leaves[new.own_index] = Seat(new, len(self.log))

    # Steps

    picks = st.integers(0, MOST_MEMBERS + MOST_GHOSTS - 1)
    flags = st.booleans()

    @rule(pick=picks, count=st.integers(1, 3), public=flags, path=flags, tree=flags, lost=flags)
    def add(self, pick, count, public, path, tree, lost):
        author = self.present(pick)
        if author is not None and self.has_room(author):
            room = MOST_MEMBERS - len(self.leaves) - len(author.group.pending())
            count = max(1, min(count, room))
            self.let_in(author, count, public=public, path=path, tree=tree, lost=lost)

    def let_in(
        self,
        author: Seat,
        count: int,
        *,
        public: bool = False,
        path: bool = True,
        tree: bool = True,
        lost: bool = False,
    ) -> None:
        request = CommitRequest(
            [Add(self.package()) for _ in range(count)],
            NOW,
            force_path=path,
            welcome=WelcomeOptions(with_tree=tree),
        )
        staged = self.stage(author, request, public=public)
        if not lost:
            self.accept(author, staged, with_tree=tree)

    @rule(pick=picks, victim=picks, public=flags, lost=flags)
    def remove(self, pick, victim, public, lost):
        author = self.present(pick)
        if author is not None and len(self.leaves) > 1:
            others = [index for index in self.leaves if index != author.group.own_index]
            target = others[victim % len(others)]
            removed = self.leaves[target]
            request = CommitRequest([Remove(target)], NOW)
            staged = self.stage(author, request, public=public)
            assert target in staged.effects.removed
            if not lost:
                self.accept(author, staged)
                assert removed not in self.leaves.values()

    @rule(pick=picks, public=flags, lost=flags, renew=flags)
    def update_path(self, pick, public, lost, renew):
        author = self.present(pick)
        if author is not None:
            client = author.group.client
            fresh = Client(SigningKey(self.random(32)), client.credential, client.capabilities)
            request = CommitRequest([], NOW, client=fresh if renew else None)
            staged = self.stage(author, request, public=public)
            assert staged.effects.has_path
            if not lost:
                self.accept(author, staged)
                assert author.group.client == (fresh if renew else client)

    @rule(pick=picks, resumption=flags, lost=flags)
    def mix_psk(self, pick, resumption, lost):
        author = self.present(pick)
        if author is not None:
            name: PskName = SHARED
            if resumption:
                name = ResumptionPsk(APPLICATION, GROUP_ID, author.group.epoch)
            proposal = PreSharedKey(psk_id(name, self.random))
            # Newcomers would not have the PSK of an epoch before them.
            request = CommitRequest([proposal], NOW, with_pending=not resumption, force_path=False)
            staged = self.stage(author, request, public=False)
            assert proposal.psk in staged.effects.psks
            if not lost:
                self.accept(author, staged)

    def stage(self, author: Seat, request: CommitRequest, *, public: bool) -> StagedCommit:
        """A commit, which by itself changes nothing."""
        before = snapshot(author.group)
        staged = author.group.commit(request, shared_psks, public=public)
        assert snapshot(author.group) == before
        return staged

    @rule(
        pick=picks,
        kind=st.sampled_from(["add", "ask", "remove", "update", "psk", "extensions"]),
        whom=picks,
        public=flags,
    )
    def propose(self, pick, kind, whom, public):
        author = self.present(pick)
        if author is None:
            return
        group = author.group
        if kind in {"add", "ask"} and not self.has_room(author):
            return
        if kind == "ask":
            package = self.package()
            own = self.packages[package.leaf_node.signature_key]
            self.append(None, ask_to_join(GROUP_ID, group.epoch, own), is_commit=False)
            return
        if kind == "update":
            message = group.propose_update(public=public)
        else:
            targets = list(self.leaves)
            make: dict[str, Callable[[], Proposal]] = {
                "add": lambda: Add(self.package()),
                "remove": lambda: Remove(targets[whom % len(targets)]),
                "psk": lambda: PreSharedKey(psk_id(SHARED, self.random)),
                "extensions": lambda: GroupContextExtensions(
                    (Extension(EXTENSION, self.random(3)),)
                ),
            }
            message = group.propose(make[kind](), now=NOW, public=public)
        self.append(author, message, is_commit=False)

    @rule(pick=picks, through=picks, with_psk=flags)
    def join_from_outside(self, pick, through, with_psk):
        del pick
        guide = self.present(through)
        if guide is not None and len(self.leaves) < MOST_MEMBERS:
            new, commit = self.enter(guide, None, with_psk=with_psk)
            self.admit(new, commit, None)

    @rule(pick=picks, through=picks, with_psk=flags)
    def resync(self, pick, through, with_psk):
        seats = list(self.leaves.values())
        stuck = [seat for seat in seats if seat.stuck]
        seat = (stuck or seats)[pick % len(stuck or seats)]
        guide = self.present(through)
        if guide is not None and not guide.stuck:
            new, commit = self.enter(guide, seat, with_psk=with_psk)
            self.admit(new, commit, seat)

    @precondition(lambda self: len(self.leaves) > 1)
    @rule(one=picks, other=picks, third=picks, outsider=flags, resend=flags)
    def race(self, one, other, third, outsider, resend):
        """Two commit at once; the server takes the first, and nobody takes the second."""
        winner, loser, witness = map(self.present, (one, other, third))
        if winner is None or loser is None or witness is None:
            return
        request = CommitRequest([], NOW)
        first = self.stage(winner, request, public=False)
        if outsider:
            _, second = self.enter(loser, None, with_psk=False)
        else:
            second = self.stage(loser, request, public=False).message
        staged = None
        if witness not in (winner, loser) and not witness.missed:
            staged = witness.group.receive(second, shared_psks)
        self.accept(winner, first)
        refuses(winner, PeerError, partial(winner.group.receive, second, shared_psks))
        self.take_all(witness)
        if staged is not None and witness.group.status is Status.ACTIVE and not witness.stuck:
            refuses(witness, MisuseError, partial(witness.group.merge, staged))
        if not outsider and loser is not winner:
            self.take_all(loser)
        if resend and not winner.stuck:
            refuses(winner, PeerError, partial(winner.group.receive, first.message, shared_psks))

    @rule(pick=picks, text=st.binary(max_size=80))
    def send(self, pick, text):
        seat = self.anybody(pick)
        group = seat.group
        if group.status is not Status.ACTIVE or group.pending():
            refuses(seat, MisuseError, partial(group.send, text))
        else:
            self.messages.append(Message(seat, group.epoch, text, group.send(text, b"header")))

    @precondition(lambda self: self.messages)
    @rule(pick=picks, age=st.integers(0, 30))
    def receive(self, pick, age):
        """Some message reaches somebody: late, early, again, or after its removal."""
        number = max(0, len(self.messages) - 1 - age)
        self.open(self.anybody(pick), number)

    @precondition(lambda self: self.messages)
    @rule(age=st.integers(0, 30))
    def receive_everywhere(self, age):
        number = max(0, len(self.messages) - 1 - age)
        for seat in (*self.leaves.values(), *self.ghosts):
            self.open(seat, number)

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

    @rule(pick=picks)
    def take_next(self, pick):
        seat = self.anybody(pick)
        if seat.group.status is Status.ACTIVE and seat.cursor < len(self.log) and not seat.stuck:
            self.take_one(seat)

    @rule(pick=picks)
    def catch_up(self, pick):
        self.take_all(self.anybody(pick))

    @rule()
    def catch_up_everybody(self):
        for seat in (*self.leaves.values(), *self.ghosts):
            self.take_all(seat)

    @rule(pick=picks)
    def lose_proposal(self, pick):
        """The next entry never arrives, if it is a proposal."""
        seat = self.anybody(pick)
        if seat.cursor < len(self.log) and not self.is_commit[seat.cursor]:
            seat.cursor += 1
            seat.missed = True

    @rule(pick=picks)
    def restart(self, pick):
        seat = self.anybody(pick)
        saved = snapshot(seat.group)
        state = archive.restore(*saved)
        seat.group = Group(state, self.random, POLICY)
        assert snapshot(seat.group) == saved

    @rule(pick=picks)
    def commit_too_late(self, pick):
        """Who has not seen everything commits to an epoch that is over."""
        seat = self.anybody(pick)
        group = seat.group
        if group.status is not Status.ACTIVE:
            refuses(seat, MisuseError, partial(group.commit, CommitRequest([], NOW)))
            return
        staged = self.stage(seat, CommitRequest([], NOW), public=False)
        for other in self.leaves.values():
            if other.group.epoch > group.epoch:
                refuses(other, PeerError, partial(other.group.receive, staged.message))

    @rule(pick=picks)
    def commit_nonsense(self, pick):
        seat = self.anybody(pick)
        group = seat.group
        if group.status is Status.ACTIVE:
            for proposal in (Remove(group.own_index), Remove(4 * MOST_MEMBERS)):
                request = CommitRequest([proposal], NOW)
                refuses(seat, MisuseError, partial(group.commit, request))

    # What must hold after each step

    @invariant()
    def members_agree(self):
        kind = type(self)
        kind.steps += 1
        kind.most = max(kind.most, len(self.leaves))
        for seat in (*self.leaves.values(), *self.ghosts):
            group = seat.group
            if group.status is Status.ACTIVE:
                facts = (
                    group.epoch_authenticator,
                    group.tree_hash,
                    group.confirmed_transcript_hash,
                    group.export("test", b"context", 32),
                    group.extensions,
                    names(group),
                )
                assert self.facts.setdefault(group.epoch, facts) == facts

    @invariant()
    def everybody_sits_in_its_place(self):
        for index, seat in self.leaves.items():
            assert seat.group.own_index == index


@pytest.mark.timeout(600)
@pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["suite 1", "suite 3"])
def test_members_agree_whatever_happens(suite):
    machine = type("SuiteMachine", (GroupMachine,), {"suite": suite, "steps": 0, "most": 0})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # The first invariant of each example comes before its first step.
    assert machine.steps - EXAMPLES >= 1_000 * SHARE
    print(f"{machine.steps} steps, up to {machine.most} members")
