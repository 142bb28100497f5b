"""Members that follow one log publicly: whoever is shut out is helped, or gets in anew by itself.

Insiders may send noise, wrong confirmation tags, anything. Whoever has read the log to the same
place has the same public state, also who never knew a secret; and in the end all are in step.
"""

import os
from collections import Counter
from contextlib import suppress
from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from geventim.crypto.signature import SigningKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.epochs.following import follow
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.cipher_suite import CHACHA20_POLY1305
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import ReceivedApplication
from geventim.mls.messages.proposals import Proposal, Remove
from tests.mls.builder import GROUP_ID, LIFETIME, NOW, noise, with_tag

SHARE = float(os.environ.get("EIM_ROUNDS", "0.1"))
EXAMPLES = max(2, round(60 * SHARE))
STEPS = 40
POLICY = Policy(past_epochs=0)
MOST = 12


class Follower:
    """A member: in step while there is a ``group``, outside otherwise; or removed."""

    def __init__(self, group: Group, cursor: int) -> None:
        self.group: Group | None = group
        self.vantage: Vantage | None = group.vantage
        self.cursor = cursor
        self.generation = 0

    def enter(self, secret: bytes, random) -> None:
        self.group = Group.enter(
            self.vantage, secret, generation=self.generation, random=random, policy=POLICY
        )
        FollowingMachine.seldom["helped"] += 1


class FollowingMachine(RuleBasedStateMachine):
    picks = st.integers(0, MOST - 1)
    hits = st.sets(st.integers(0, MOST - 1))
    flags = st.booleans()
    seldom: ClassVar[Counter[str]] = Counter()
    """How often happened what a run is about."""

    @initialize(seed=st.integers(0, 2**32), size=st.integers(1, 8))
    def create(self, seed, size):
        self.random = Random(seed).randbytes
        self.log: list[bytes] = []
        self.hit: list[set[int]] = []
        self.born = 0
        first = Group.create(
            CHACHA20_POLY1305,
            GROUP_ID,
            self.client(),
            LIFETIME,
            random=self.random,
            policy=POLICY,
        )
        self.onlooker, self.seen = first.vantage.public, 0
        self.members = [Follower(first, 0)]
        self.states: dict[int, object] = {}
        for _ in range(size - 1):
            self.join(0, blind=False)

    def client(self) -> Client:
        self.born += 1
        return Client(SigningKey(self.random(32)), BasicCredential(b"member %d" % self.born))

    def append(self, message: bytes, hit=()) -> None:
        self.log.append(message)
        self.seldom["entries"] += 1
        self.hit.append(set(hit))

    def at_the_end(self, pick: int) -> Follower | None:
        """Some member that has read everything."""
        if not self.members:
            return None
        member = self.members[pick % len(self.members)]
        while member.vantage is not None and member.cursor < len(self.log):
            self.take(member)
        return member if member in self.members else None

    def take(self, member: Follower) -> None:
        """Let ``member`` take the next entry of the log."""
        data, hit = self.log[member.cursor], self.hit[member.cursor]
        member.cursor += 1
        vantage, group = member.vantage, member.group
        before = archive.save_vantage(vantage)
        try:
            followed = follow(vantage.public, data, POLICY)
        except PeerError:
            assert archive.save_vantage(vantage) == before
            self.seldom["void"] += 1
            return
        member.generation = 0
        if vantage.own_index in followed.effects.removed:
            member.vantage = member.group = None
            self.members.remove(member)
            return
        member.vantage = vantage.after(followed)
        assert archive.save_vantage(vantage) == before
        if group is None:
            return
        whole = vantage.lacking() is None
        try:
            group.merge(group.open(followed))
        except PeerError:
            assert hit or not whole
            member.group = None
            self.seldom["outside"] += 1
            return
        assert archive.save_vantage(group.vantage) == archive.save_vantage(member.vantage)

    @rule(pick=picks, hit=hits, whom=picks, removes=flags)
    def commit(self, pick, hit, whom, removes):
        """A member commits, and its path may be noise to some."""
        author = self.at_the_end(pick)
        if author is None or author.group is None:
            return
        group = author.group
        proposals: list[Proposal] = []
        others = [i for i, _ in group.members() if i != group.own_index]
        if removes and others:
            proposals = [Remove(others[whom % len(others)])]
        with noise(*hit):
            staged = group.commit(CommitRequest(proposals, NOW), public=True)
        group.merge(staged)
        self.append(staged.message, hit)
        author.cursor, author.vantage, author.generation = len(self.log), group.vantage, 0

    @rule(pick=picks, tag=flags, place=st.floats(0, 1), value=st.integers(1, 255))
    def interfere(self, pick, tag, place, value):
        """A commit with a changed byte, which may be void or shut everybody out, its author too."""
        author = self.at_the_end(pick)
        if author is None or author.group is None:
            return
        staged = author.group.commit(CommitRequest([], NOW), public=True)
        if tag:
            data = with_tag(staged.message, self.random(32))
        else:
            position = min(int(place * len(staged.message)), len(staged.message) - 1)
            changed = bytearray(staged.message)
            changed[position] ^= value
            data = bytes(changed)
        self.append(data, range(MOST + 1))

    @rule(data=st.binary(max_size=40))
    def babble(self, data):
        self.append(data)

    @rule(pick=picks, blind=flags)
    def join(self, pick, blind):
        """Somebody comes from outside, by a state that a member gives."""
        if len(self.members) >= MOST:
            return
        giver = self.at_the_end(pick)
        if giver is None or giver.group is None:
            return
        info = giver.group.group_info(with_external_pub=not blind)
        entrance = Entrance.read(info, POLICY, blindly=self.random)
        group, message = Group.join_by_commit(
            entrance, self.client(), random=self.random, policy=POLICY
        )
        self.append(message, range(MOST + 1) if blind else ())
        self.members.append(Follower(group, len(self.log)))

    @rule(pick=picks)
    def reenter(self, pick):
        """Who is outside gets in anew from its own public state."""
        member = self.at_the_end(pick)
        if member is not None and member.group is None:
            self.enter_anew(member)

    def enter_anew(self, member: Follower) -> None:
        vantage = member.vantage
        self.seldom["entered anew"] += 1
        group, message = Group.join_by_commit(
            Entrance.blind(vantage.public, self.random),
            vantage.client,
            random=self.random,
            policy=POLICY,
            replaces=vantage.own_index,
        )
        self.append(message, range(MOST + 1))
        self.members.remove(member)
        self.members.append(Follower(group, len(self.log)))

    @rule(pick=picks)
    def read(self, pick):
        if self.members:
            member = self.members[pick % len(self.members)]
            if member.cursor < len(self.log):
                self.take(member)

    @rule(pick=picks, other=picks)
    def help(self, pick, other):
        """Somebody tells its secret to who is outside; it is of use in that epoch only."""
        if not self.members:
            return
        asker = self.members[pick % len(self.members)]
        helper = self.members[other % len(self.members)]
        if asker.group is not None or helper.group is None:
            return
        secret = helper.group.member_secret
        if secret is None:
            return
        # The same place in the log is the same history; another history needs another secret.
        same = asker.vantage.public.context == helper.vantage.public.context
        if same and (
            asker.vantage.public.interim_transcript_hash
            == helper.vantage.public.interim_transcript_hash
        ):
            asker.enter(secret, self.random)
        else:
            with pytest.raises(AuthenticationError):
                asker.enter(secret, self.random)

    @rule(pick=picks, other=picks)
    def talk(self, pick, other):
        """Who is in step reads what others in step say, helped or not, each message once."""
        one, two = self.at_the_end(pick), self.at_the_end(other)
        if one is None or two is None or one is two or None in (one.group, two.group):
            return
        said = one.group.send(b"hello")
        one.generation = one.group.generation
        received = two.group.receive(said)
        assert isinstance(received, ReceivedApplication)
        assert received.generation == one.generation - 1

    @rule(pick=picks)
    def restart(self, pick):
        """Everything is read from the disk again."""
        if not self.members:
            return
        member = self.members[pick % len(self.members)]
        saved = archive.save_vantage(member.vantage)
        member.vantage = archive.restore_vantage(saved, member.vantage.client)
        if member.group is not None:
            state = member.group.state
            kept = archive.save_fixed(state), archive.save_moving(state)
            member.group = Group(archive.restore(*kept), self.random, POLICY)
            member.vantage = member.group.vantage

    @rule(pick=picks, other=picks, back=flags)
    def lose(self, pick, other, back):
        """The secrets are gone, but not the place: as when a vault was damaged."""
        if not self.members:
            return
        member = self.members[pick % len(self.members)]
        member.group = None
        if back:
            self.help(pick, other)
            self.talk(pick, other)

    @rule(pick=picks, secret=st.binary(min_size=32, max_size=32))
    def lie(self, pick, secret):
        if not self.members:
            return
        member = self.members[pick % len(self.members)]
        if member.group is None:
            with pytest.raises(AuthenticationError):
                member.enter(secret, self.random)

    @invariant()
    def those_at_one_place_agree(self):
        if not hasattr(self, "members"):
            return
        while self.seen < len(self.log):
            with suppress(PeerError):
                self.onlooker = follow(self.onlooker, self.log[self.seen], POLICY).after
            self.seen += 1
            self.states[self.seen] = self.facts(self.onlooker)
        secrets: dict[int, bytes] = {}
        for member in self.members:
            if member.cursor in self.states:
                assert self.facts(member.vantage.public) == self.states[member.cursor]
            if member.group is not None:
                authenticator = member.group.epoch_authenticator
                assert secrets.setdefault(member.vantage.public.context.epoch, authenticator) == (
                    authenticator
                )
                assert member.group.vantage.public.context == member.vantage.public.context

    @staticmethod
    def facts(public):
        return public.context, public.interim_transcript_hash, public.tree.tree_hash()

    def teardown(self):
        """Everybody comes into step again: one gets in anew if nobody is, and helps the others."""
        if not hasattr(self, "members"):
            return
        for _ in range(2):
            self.read_all()
            if self.members and all(member.group is None for member in self.members):
                self.enter_anew(self.members[0])
                self.read_all()
            for member in self.members:
                if member.group is None:
                    known = [m.group.member_secret for m in self.members if m.group is not None]
                    secret = next((each for each in known if each is not None), None)
                    if secret is not None:
                        member.enter(secret, self.random)
            knowing = [m for m in self.members if m.group is not None]
            if knowing:
                # A commit makes a secret that can be told.
                self.commit(self.members.index(knowing[0]), set(), 0, removes=False)
        self.read_all()
        secret = next((m.group.member_secret for m in self.members if m.group), None)
        for member in self.members:
            if member.group is None:
                member.enter(secret, self.random)
        for _ in self.members:
            # Each commit of one's own heals what one lacks; the others are helped if they must.
            self.heal()
        assert all(member.vantage.lacking() is None for member in self.members)
        assert len({m.group.epoch_authenticator for m in self.members}) <= 1

    def read_all(self):
        for member in list(self.members):
            while member in self.members and member.cursor < len(self.log):
                self.take(member)

    def heal(self):
        sick = [m for m in self.members if m.vantage.lacking() is not None]
        if not sick:
            return
        author = sick[0]
        self.commit(self.members.index(author), set(), 0, removes=False)
        secret = author.group.member_secret
        self.read_all()
        for member in self.members:
            if member.group is None:
                member.enter(secret, self.random)


@pytest.mark.timeout(600)
def test_followers_agree_and_come_into_step_again():
    FollowingMachine.seldom.clear()
    machine = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(FollowingMachine, settings=machine)
    print(dict(FollowingMachine.seldom))
