"""A group that lives through anything: members that agree once must agree ever after."""

import os
from functools import partial

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
from geventim.errors import MisuseError, PeerError
from geventim.mls.ground.cipher_suite import AES_128_GCM, CHACHA20_POLY1305
from geventim.mls.ground.leaf_node import Client
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.proposals import Add, PreSharedKey, Proposal, Remove
from geventim.mls.schedule.psk import APPLICATION, ResumptionPsk, psk_id
from tests.mls.builder import GROUP_ID, NOW, snapshot
from tests.mls.world import (
    MOST_GHOSTS,
    MOST_MEMBERS,
    POLICY,
    SHARED,
    Seat,
    World,
    names,
    refuses,
    shared_psks,
)

SHARE = float(os.environ.get("EIM_ROUNDS", "0.1"))
STEPS = 60
EXAMPLES = max(2, round(20 * SHARE))


class GroupMachine(World, RuleBasedStateMachine):
    steps = 0
    most = 0

    @initialize(seed=st.integers(0, 2**32), size=st.integers(1, MOST_MEMBERS))
    def create(self, seed, size):
        self.begin(seed, size)

    picks = st.integers(0, MOST_MEMBERS + MOST_GHOSTS - 1)
    flags = st.booleans()

    @rule(
        pick=picks,
        kind=st.sampled_from(["add", "remove", "update", "renew", "psk", "resumption"]),
        whom=picks,
        public=flags,
        path=flags,
        tree=flags,
        lost=flags,
    )
    def commit(self, pick, kind, whom, public, path, tree, lost):
        """Somebody commits; the commit may never reach the server."""
        author = self.present(pick)
        if author is None:
            return
        group, client, old = author.group, None, author.group.client
        proposals: list[Proposal] = []
        if kind == "add":
            room = MOST_MEMBERS - len(self.leaves) - len(group.pending())
            proposals = [Add(self.package()) for _ in range(min(1 + whom % 3, room))]
        elif kind == "remove":
            others = [index for index in self.leaves if index != group.own_index]
            proposals = [Remove(others[whom % len(others)])] if others else []
        elif kind == "renew":
            client = Client(SigningKey(self.random(32)), old.credential, old.capabilities)
        elif kind == "psk":
            proposals = [PreSharedKey(psk_id(SHARED, self.random))]
        elif kind == "resumption":
            name = ResumptionPsk(APPLICATION, GROUP_ID, group.epoch)
            proposals = [PreSharedKey(psk_id(name, self.random))]
        request = CommitRequest(
            proposals,
            NOW,
            client=client,
            force_path=path,
            # Newcomers would not have the PSK of an epoch before them.
            with_pending=kind != "resumption",
            welcome=WelcomeOptions(with_tree=tree),
        )
        staged = self.stage(author, request, public=public)
        effects = staged.effects
        assert len(effects.added) >= sum(isinstance(each, Add) for each in proposals)
        assert {p.removed for p in proposals if isinstance(p, Remove)} <= effects.removed.keys()
        assert {p.psk for p in proposals if isinstance(p, PreSharedKey)} <= {*effects.psks}
        if not lost:
            self.accept(author, staged, with_tree=tree)
            assert group.client == (client or old)

    @rule(pick=picks, whom=picks, texts=st.lists(st.binary(max_size=9), min_size=1, max_size=3))
    def remove_and_go_on(self, pick, whom, texts):
        """Who is removed reads what came before, and nothing that comes after."""
        author = self.present(pick)
        victim = self.present(whom)
        if author in (None, victim) or victim is None or author.group.pending():
            return
        before = self.say(author, texts[0])
        request = CommitRequest([Remove(victim.group.own_index)], NOW)
        self.accept(author, self.stage(author, request, public=False))
        self.take_all(victim)
        assert victim.group.status is Status.REMOVED
        self.open(victim, before)
        assert before in victim.read
        for text in texts:
            after = self.say(author, text)
            self.open(victim, after)
            assert after not in victim.read

    @rule(
        pick=picks,
        kinds=st.lists(
            st.sampled_from(["add", "ask", "remove", "update", "psk", "extensions"]),
            min_size=1,
            max_size=3,
        ),
        whom=picks,
        public=flags,
    )
    def propose(self, pick, kinds, whom, public):
        for offset, kind in enumerate(kinds):
            author = self.present(pick + offset)
            if author is not None and (kind not in {"add", "ask"} or self.has_room(author)):
                self.propose_one(author, kind, whom, public=public)

    @rule(through=picks, pick=picks, new=flags, with_psk=flags)
    def join_from_outside(self, through, pick, new, with_psk):
        """Somebody new joins, or a member resyncs: who cannot follow any more, if there is one."""
        guide = self.present(through)
        if guide is None:
            return
        seat = None
        if not new or len(self.leaves) == MOST_MEMBERS:
            seats = list(self.leaves.values())
            stuck = [each for each in seats if each.stuck]
            seat = (stuck or seats)[pick % len(stuck or seats)]
        group, commit = self.enter(guide, seat, with_psk=with_psk)
        self.append(None, commit, is_commit=True)
        if seat is not None:
            self.leaves = {index: each for index, each in self.leaves.items() if each is not seat}
            self.bury(seat)
        assert group.own_index not in self.leaves
        self.leaves[group.own_index] = Seat(group, len(self.log))

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

    @rule(speakers=st.lists(st.tuples(picks, st.binary(max_size=80)), min_size=1, max_size=5))
    def send(self, speakers):
        for pick, text in speakers:
            seat = self.anybody(pick)
            if seat.group.status is not Status.ACTIVE or seat.group.pending():
                refuses(seat, MisuseError, partial(seat.group.send, text))
            else:
                self.say(seat, text)

    ages = st.integers(0, 9)

    @precondition(lambda self: self.messages)
    @rule(pick=picks, some=st.lists(ages, min_size=1, max_size=9))
    def receive(self, pick, some):
        """Messages reach somebody: in any order, late, early, again, or after its removal."""
        seat = self.anybody(pick)
        for age in some:
            self.open(seat, max(0, len(self.messages) - 1 - age))

    @precondition(lambda self: self.messages)
    @rule(age=ages)
    def receive_everywhere(self, age):
        for seat in (*self.leaves.values(), *self.ghosts):
            self.open(seat, max(0, len(self.messages) - 1 - age))

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
        """The next thing that somebody should take is a proposal, and never arrives."""
        seats = [
            seat
            for seat in self.leaves.values()
            if seat.cursor < len(self.log) and not self.is_commit[seat.cursor]
        ]
        if seats:
            seat = seats[pick % len(seats)]
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
