"""Each rule with a commit that breaks it and no other; and that all give the same answer."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.departures import DELETE, KICK, Departure, kick_claim
from geventim.chat.limits import GROUP_LEAVES
from geventim.chat.values import Kind, dm_id
from geventim.client.sealing import counting
from geventim.client.sealing.charter import CHARTER, Charter, psk_name
from geventim.client.sealing.counting import LAST_EPOCH, Reason, Void, count
from geventim.client.sealing.declaration import Declaration, gate_claim
from geventim.client.sealing.departures import kick, sign_leave
from geventim.client.sealing.engine import LEAF_SIZE
from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError, StoreError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed, Part
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import NewMemberCommit, PublicMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
)
from geventim.mls.schedule.psk import ExternalPsk, psk_id
from tests.client.members import (
    INCARNATION,
    NOW,
    PLACE,
    charter_of,
    draw,
    engine,
    group_of,
    server_key,
)
from tests.mls.builder import OddClient, forge_commit, forge_message, noise, with_tag

RANDOM = draw("counting")
GATE, OTHER_GATE = SigningKey(RANDOM(32)), SigningKey(RANDOM(32))
POLICY = engine("alice").policy
DM = dm_id(engine("alice").account, engine("bob").account)
NICKS = ("alice", "bob", "carol", "dora")
ALICE, BOB, CAROL, DORA = range(4)


@cache
def founded(kind: Kind, *, keyed: bool) -> tuple[tuple[bytes, bytes], ...]:
    place, nicks = (DM, NICKS[:2]) if kind is Kind.DM else (PLACE, NICKS)
    charter = charter_of(kind, place, gate=GATE.public if keyed else b"")
    groups = group_of(place, charter, *nicks)
    return tuple(
        (archive.save_fixed(group.state), archive.save_moving(group.state)) for group in groups
    )


def members_of(kind: Kind, *, keyed: bool = False) -> list[Group]:
    """Alice, who has founded it, Bob and, but for two people, Carol and Dora."""
    return [Group(archive.restore(*parts), RANDOM, POLICY) for parts in founded(kind, keyed=keyed)]


def declare(group: Group, **fields: Any) -> bytes:
    history = fields.pop("history", group.vantage.public.interim_transcript_hash)
    return Declaration(history, **fields).encode()


def made(group: Group, *proposals: Proposal, psks: Any = lambda _: None, **fields: Any) -> bytes:
    """A commit of a member with a good declaration, or another one."""
    said = fields.pop("said", None)
    data = declare(group) if said is None else said
    request = CommitRequest(proposals, NOW, authenticated_data=data, **fields)
    return group.commit(request, psks, public=True).message


def entered(
    group: Group,
    nick: str,
    *,
    replaces: int | None = None,
    psks: tuple[ExternalPsk, ...] = (),
    gate: SigningKey | None = None,
    policy: Policy = POLICY,
    **fields: Any,
) -> bytes:
    """A commit from outside, with the signature of ``gate`` if there is one."""
    history = group.vantage.public.interim_transcript_hash

    def say(leaf: LeafNode) -> bytes:
        signature = b"" if gate is None else gate.sign(gate_claim(history, leaf))
        return declare(group, gate_signature=signature, **fields)

    _, message = Group.join_by_commit(
        Entrance.read(group.group_info(), POLICY),
        engine(nick).client,
        random=RANDOM,
        policy=policy,
        psks=psks,
        psk_source=lambda _: b"key",
        replaces=replaces,
        authenticated_data=say,
    )
    return message


def with_charter(charter: Charter) -> GroupContextExtensions:
    return GroupContextExtensions((charter.extension(),))


def package_of(nick: str) -> Add:
    (package,) = engine(nick).generate_key_packages(1, NOW)
    return Add(package.key_package)


def leave_of(group: Group, index: int, nick: str) -> Departure:
    key, history = group.member(index).encryption_key, group.vantage.public.interim_transcript_hash
    return sign_leave(engine(nick).client.signing_key, group.group_id, INCARNATION, key, history)


def kick_of(group: Group, index: int, nick: str) -> Departure:
    account, key = engine(nick).account, group.member(index).encryption_key
    history = group.vantage.public.interim_transcript_hash
    claim = kick_claim(group.group_id, INCARNATION, account, key, history)
    return kick(account, key, history, server_key().sign(claim))


def counts(group: Group, data: bytes, policy: Policy = POLICY) -> Followed:
    followed = count(group.vantage.public, data, policy)
    assert isinstance(followed, Followed), followed
    return followed


def void(group: Group, data: bytes, reason: Reason, policy: Policy = POLICY) -> None:
    assert count(group.vantage.public, data, policy) == Void(reason)


def inner(data: bytes) -> Commit:
    decoded = decode_message(data)
    assert isinstance(decoded, PublicMessage)
    assert isinstance(decoded.content.content, Commit)
    return decoded.content.content


@contextmanager
def epoch_of(group: Group, epoch: int) -> Iterator[None]:
    """Within, ``group`` is in another epoch."""
    kept = group.state
    context = replace(kept.epoch.context, epoch=epoch)
    public = replace(kept.epoch.public, context=context)
    group._state = replace(kept, epoch=replace(kept.epoch, public=public))
    yield
    group._state = kept


class TestWhatCounts:
    @pytest.mark.parametrize("kind", Kind)
    def test_members_renew_their_keys(self, kind: Kind) -> None:
        for group in members_of(kind):
            counts(group, made(group))

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("keyed", [False, True])
    def test_who_is_in_gets_in_anew_and_shows_nothing(self, kind: Kind, keyed: bool) -> None:
        groups = members_of(kind, keyed=keyed and kind is Kind.ROOM)
        followed = counts(groups[ALICE], entered(groups[ALICE], "bob", replaces=BOB))
        assert followed.effects.removed.keys() == {BOB}

    def test_anybody_joins_a_room(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        assert counts(group, entered(group, "eve")).effects.external

    def test_a_keyed_room_is_joined_with_its_key(self) -> None:
        group = members_of(Kind.ROOM, keyed=True)[BOB]
        psks = (psk_name(GATE.public),)
        counts(group, entered(group, "eve", psks=psks, gate=GATE))

    def test_members_of_a_group_add_whom_they_like(self) -> None:
        group = members_of(Kind.GROUP)[CAROL]
        counts(group, made(group, package_of("eve"), package_of("frank")))

    @pytest.mark.parametrize("kind", [Kind.GROUP, Kind.DM])
    def test_the_first_commit_adds_without_a_path(self, kind: Kind) -> None:
        place = DM if kind is Kind.DM else PLACE
        (alone,) = group_of(place, charter_of(kind, place), "alice")[:1]
        fresh = engine("alice").found(place, charter_of(kind, place), NOW)
        assert alone.epoch == 1
        data = made(fresh, package_of("bob"), force_path=False)
        assert not counts(fresh, data).effects.has_path

    @pytest.mark.parametrize("departure", [leave_of, kick_of])
    @pytest.mark.parametrize("kind", [Kind.ROOM, Kind.GROUP])
    def test_who_has_left_or_was_kicked_is_removed_by_anybody(
        self, kind: Kind, departure: Callable[..., Departure]
    ) -> None:
        group = members_of(kind)[BOB]
        said = declare(group, departures=(departure(group, CAROL, "carol"),))
        counts(group, made(group, Remove(CAROL), said=said))

    def test_the_founder_of_a_group_removes_anybody(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        counts(group, made(group, Remove(BOB), Remove(CAROL)))
        said = declare(group, departures=(leave_of(group, DORA, "dora"),))
        counts(group, made(group, Remove(BOB), Remove(DORA), said=said))

    def test_the_founder_of_a_group_gives_it_another_name(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        charter = Charter.read(group.extensions)
        key = engine("alice").client.signing_key
        counts(group, made(group, with_charter(charter.renamed(PLACE, "another", key))))

    def test_any_member_gives_a_keyed_room_another_gate(self) -> None:
        group = members_of(Kind.ROOM, keyed=True)[CAROL]
        charter = Charter.read(group.extensions).with_gate(OTHER_GATE.public)
        followed = counts(group, made(group, with_charter(charter)))
        assert Charter.read(followed.after.context.extensions) == charter

    def test_the_same_charter_again_changes_nothing(self) -> None:
        group = members_of(Kind.GROUP)[BOB]
        counts(group, made(group, GroupContextExtensions(group.extensions)))

    def test_what_does_not_open_counts_all_the_same(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        with noise(BOB, CAROL, DORA):
            data = made(group)
        counts(group, data)
        counts(group, with_tag(data, bytes(32)))
        psks = (psk_name(GATE.public),)
        keyed = members_of(Kind.ROOM, keyed=True)[BOB]
        # Whether the PSK is the right one is between its author and the members.
        counts(keyed, entered(keyed, "eve", psks=psks, gate=GATE))

    def test_the_last_commit_leads_to_the_last_epoch(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        with epoch_of(group, LAST_EPOCH - 1):
            assert counts(group, made(group)).after.context.epoch == LAST_EPOCH == 2**63 - 1

    def test_a_group_is_full_at_its_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        monkeypatch.setattr(counting, "GROUP_LEAVES", 4)
        counts(group, made(group, package_of("eve"), Remove(BOB)))


class TestRFC:
    def test_form(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        data = made(group)
        sealed = group.commit(CommitRequest((), NOW, authenticated_data=declare(group))).message
        for other in (b"", data[:-1], data + b"\0", sealed, group.group_info()):
            void(group, other, Reason.FORM)

    def test_group(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        void(group, made(members_of(Kind.DM)[ALICE]), Reason.GROUP)

    def test_epoch(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        data = made(group)
        group.merge(group.commit(CommitRequest((), NOW), public=True))
        void(group, data, Reason.EPOCH)

    def test_signature(self) -> None:
        groups = members_of(Kind.ROOM)
        commit = inner(made(groups[ALICE]))
        key = groups[BOB].client.signing_key
        said = declare(groups[ALICE])
        data = forge_message(groups[ALICE], commit, key=key, authenticated_data=said)
        void(groups[CAROL], data, Reason.SIGNATURE)

    def test_tag(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        for tag in (b"", bytes(31), bytes(33)):
            void(group, with_tag(made(group), tag), Reason.TAG)

    def test_reference(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        group.propose(Remove(CAROL), now=NOW, public=True)
        void(group, made(group), Reason.REFERENCE)

    def test_proposals(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        for proposals in [(Remove(ALICE),), (Remove(9),), (Remove(BOB), Remove(BOB))]:
            data = forge_message(group, Commit(proposals, None), authenticated_data=declare(group))
            void(group, data, Reason.PROPOSALS)
        data = forge_commit(group, with_path=False, authenticated_data=declare(group))
        void(group, data, Reason.PROPOSALS)

    def test_a_leaf_is_small(self) -> None:
        assert LEAF_SIZE == POLICY.max_leaf_size == 512
        group = members_of(Kind.ROOM)[ALICE]
        group._policy = replace(POLICY, max_leaf_size=None)
        many = Capabilities(extensions=(CHARTER, *range(0xF700, 0xF700 + 150)))
        large = replace(group.client, capabilities=many)
        void(group, made(group, client=large), Reason.LEAF)

    def test_a_leaf_has_a_key_that_can_be_sealed_to(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        odd = OddClient(group.client, lambda leaf: {"encryption_key": bytes(32)})
        data = forge_commit(group, become=odd, authenticated_data=declare(group))
        void(group, data, Reason.LEAF)

    def test_a_leaf_stays_who_it_is(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        renamed = replace(group.client, credential=engine("mallory").client.credential)
        data = forge_commit(group, become=renamed, authenticated_data=declare(group))
        void(group, data, Reason.LEAF)

    def test_nobody_takes_the_place_of_somebody_else(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        liberal = replace(POLICY, accept_successor=lambda old, new: True)
        data = entered(group, "eve", replaces=BOB, policy=liberal)
        void(group, data, Reason.LEAF)

    def test_path(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        commit = inner(made(group))
        assert commit.path is not None
        first, *others = commit.path.nodes
        for bad in (
            replace(first, encryption_key=bytes(32)),
            replace(first, encrypted_path_secret=()),
            replace(first, encrypted_path_secret=2 * first.encrypted_path_secret),
        ):
            path = replace(commit.path, nodes=(bad, *others))
            data = forge_message(
                group, replace(commit, path=path), authenticated_data=declare(group)
            )
            void(group, data, Reason.PATH)

    def test_members(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        ignorant = replace(group.client, capabilities=Capabilities())
        data = forge_commit(group, become=ignorant, authenticated_data=declare(group))
        void(group, data, Reason.MEMBERS)

    def test_nobody_is_there_twice(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        with patch("geventim.mls.groups.commit_creation.check_members"):
            data = entered(group, "bob")
        void(group, data, Reason.MEMBERS)

    def test_every_part_has_its_reason(self) -> None:
        assert {part.name for part in Part} <= {reason.name for reason in Reason}


class TestOurs:
    def test_last_epoch(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        with epoch_of(group, LAST_EPOCH):
            void(group, made(group), Reason.LAST_EPOCH)

    def test_no_path(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        data = made(group, package_of("eve"), force_path=False)
        void(group, data, Reason.NO_PATH)

    def test_reinit(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        void(group, made(group, ReInit(b"next", 1, 3, ())), Reason.REINIT)

    def test_declaration(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        good = declare(group)
        unknown = (Departure(DELETE, b"a" * 16, b"k" * 32, bytes(32), bytes(64)),)
        for said in (b"", good + b"\0", b"\x02" + good[1:], declare(group, departures=unknown)):
            void(group, made(group, said=said), Reason.DECLARATION)

    def test_other_history(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        void(group, made(group, said=declare(group, history=bytes(32))), Reason.OTHER_HISTORY)

    def test_a_newcomer_that_was_given_another_history_changes_nothing(self) -> None:
        """A state that differs in the confirmation tag has the same GroupContext."""
        group = members_of(Kind.ROOM)[ALICE]
        public = replace(group.vantage.public, interim_transcript_hash=bytes(32))
        _, data = Group.join_by_commit(
            Entrance.blind(public, RANDOM),
            engine("eve").client,
            random=RANDOM,
            policy=POLICY,
            authenticated_data=Declaration(bytes(32)).encode(),
        )
        void(group, data, Reason.OTHER_HISTORY)

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": Kind.ROOM},
            {"server": bytes(32)},
            {"incarnation": bytes(16)},
            {"identity": engine("bob").client.signing_key.public, "founder": engine("bob").account},
        ],
        ids=str,
    )
    def test_charter(self, change: dict[str, Any]) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        other = replace(Charter.read(group.extensions), **change)
        void(group, made(group, with_charter(other)), Reason.CHARTER)

    def test_there_is_a_charter_and_nothing_else(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        void(group, made(group, GroupContextExtensions(())), Reason.CHARTER)

    @pytest.mark.parametrize("keyed", [False, True])
    def test_an_open_room_stays_open_and_a_keyed_one_keyed(self, keyed: bool) -> None:
        group = members_of(Kind.ROOM, keyed=keyed)[ALICE]
        other = Charter.read(group.extensions).with_gate(b"" if keyed else GATE.public)
        void(group, made(group, with_charter(other)), Reason.CHARTER)

    def test_a_room_keeps_its_name(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        key = engine("alice").client.signing_key
        other = Charter.read(group.extensions).renamed(PLACE, "another", key)
        void(group, made(group, with_charter(other)), Reason.CHARTER)

    def test_name(self) -> None:
        groups = members_of(Kind.GROUP)
        charter = Charter.read(groups[ALICE].extensions)
        alice, bob = (engine(nick).client.signing_key for nick in ("alice", "bob"))
        for author, other in [
            (ALICE, replace(charter, name="another")),
            (ALICE, charter.renamed(b"d" * 16, "another", alice)),
            (ALICE, charter.renamed(PLACE, "another", bob)),
            (BOB, charter.renamed(PLACE, "another", alice)),
        ]:
            void(groups[author], made(groups[author], with_charter(other)), Reason.NAME)

    def test_psks(self) -> None:
        own, other = psk_name(GATE.public), psk_name(OTHER_GATE.public)
        keyed, room = members_of(Kind.ROOM, keyed=True)[ALICE], members_of(Kind.ROOM)[ALICE]
        for psks in [(), (other,), (own, own), (own, other)]:
            void(keyed, entered(keyed, "eve", psks=psks, gate=GATE), Reason.PSKS)
        void(room, entered(room, "eve", psks=(own,)), Reason.PSKS)
        void(keyed, entered(keyed, "bob", replaces=BOB, psks=(own,)), Reason.PSKS)
        psk = PreSharedKey(psk_id(own, RANDOM))
        for group in (keyed, room):
            void(group, made(group, psk, psks=lambda _: b"key"), Reason.PSKS)

    def test_gate(self) -> None:
        keyed, room = members_of(Kind.ROOM, keyed=True)[ALICE], members_of(Kind.ROOM)[ALICE]
        psks = (psk_name(GATE.public),)
        for gate in (None, OTHER_GATE):
            void(keyed, entered(keyed, "eve", psks=psks, gate=gate), Reason.GATE)
        void(room, entered(room, "eve", gate=GATE), Reason.GATE)
        void(keyed, entered(keyed, "bob", replaces=BOB, gate=GATE), Reason.PSKS)
        void(keyed, entered(keyed, "bob", replaces=BOB, psks=psks, gate=OTHER_GATE), Reason.GATE)
        counts(keyed, entered(keyed, "bob", replaces=BOB, psks=psks, gate=GATE))
        said = declare(keyed, gate_signature=bytes(64))
        void(keyed, made(keyed, said=said), Reason.GATE)

    def test_a_gates_signature_is_for_one_leaf(self) -> None:
        """Who listens to a join cannot join with what it showed."""
        keyed = members_of(Kind.ROOM, keyed=True)[ALICE]
        psks = (psk_name(GATE.public),)
        seen = counts(keyed, entered(keyed, "eve", psks=psks, gate=GATE))
        signature = Declaration.read(seen.effects.authenticated_data).gate_signature
        _, data = Group.join_by_commit(
            Entrance.read(keyed.group_info(), POLICY),
            engine("mallory").client,
            random=RANDOM,
            policy=POLICY,
            psks=psks,
            psk_source=lambda _: b"key",
            authenticated_data=declare(keyed, gate_signature=signature),
        )
        void(keyed, data, Reason.GATE)

    def test_a_newcomer_shows_the_gate_before_its_commit(self) -> None:
        """That of another key, which a member has changed it to, is of no use yet."""
        keyed = members_of(Kind.ROOM, keyed=True)[ALICE]
        psks = (psk_name(OTHER_GATE.public),)
        void(keyed, entered(keyed, "eve", psks=psks, gate=OTHER_GATE), Reason.PSKS)

    def test_add(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        void(group, made(group, package_of("eve")), Reason.ADD)

    def test_a_group_has_at_most_512_members(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert GROUP_LEAVES == 512
        group = members_of(Kind.GROUP)[ALICE]
        monkeypatch.setattr(counting, "GROUP_LEAVES", 4)
        void(group, made(group, package_of("eve")), Reason.FULL)

    def test_who_is_added_is_looked_at_after_they_were_counted(self) -> None:
        """Else one commit would keep everybody busy for seconds."""
        group, room = members_of(Kind.GROUP)[ALICE], members_of(Kind.ROOM)[ALICE]
        many = Commit((GROUP_LEAVES + 1) * (package_of("eve"),), None)
        with patch("geventim.mls.messages.key_package.UnverifiedKeyPackage.verify") as verify:
            for each, reason in [(group, Reason.FULL), (room, Reason.ADD)]:
                data = forge_message(each, many, authenticated_data=declare(each))
                void(each, data, reason)
        assert not verify.called

    def test_a_room_has_as_many_as_a_tree_may_have(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        small = replace(POLICY, max_leaves=4)
        assert POLICY.max_leaves == 65_536
        data = entered(group, "eve")
        counts(group, data)
        void(group, data, Reason.FULL, small)

    def test_pair(self) -> None:
        group = members_of(Kind.DM)[ALICE]
        void(group, made(group, package_of("eve")), Reason.PAIR)

    def test_a_pair_begins_with_the_right_other(self) -> None:
        fresh = engine("alice").found(DM, charter_of(Kind.DM, DM), NOW)
        data = made(fresh, package_of("eve"), force_path=False)
        void(fresh, data, Reason.PAIR)

    @pytest.mark.parametrize("kind", [Kind.GROUP, Kind.DM])
    def test_newcomer(self, kind: Kind) -> None:
        group = members_of(kind)[ALICE]
        void(group, entered(group, "eve"), Reason.NEWCOMER)

    @pytest.mark.parametrize(
        ("kind", "author"), [(Kind.ROOM, ALICE), (Kind.ROOM, BOB), (Kind.GROUP, BOB)]
    )
    def test_removal(self, kind: Kind, author: int) -> None:
        group = members_of(kind)[author]
        void(group, made(group, Remove(CAROL)), Reason.REMOVAL)
        said = declare(group, departures=(leave_of(group, DORA, "dora"),))
        void(group, made(group, Remove(DORA), Remove(CAROL), said=said), Reason.REMOVAL)

    def test_nobody_removes_the_other_of_two(self) -> None:
        """Not even who has left: between two people a commit by the other would end it."""
        group = members_of(Kind.DM)[ALICE]
        for departures in [(), (leave_of(group, BOB, "bob"),)]:
            said = declare(group, departures=departures)
            void(group, made(group, Remove(BOB), said=said), Reason.REMOVAL)

    @pytest.mark.parametrize("author", [ALICE, BOB])
    def test_a_departure_is_true(self, author: int) -> None:
        group = members_of(Kind.GROUP)[author]
        left, kicked = leave_of(group, CAROL, "carol"), kick_of(group, CAROL, "carol")
        key = engine("carol").client.signing_key
        foreign = sign_leave(key, PLACE, bytes(16), left.leaf, left.history)
        for wrong in (
            replace(left, signature=bytes(64)),
            replace(left, kind=KICK),
            replace(kicked, signature=left.signature),
            foreign,
        ):
            said = declare(group, departures=(wrong,))
            void(group, made(group, Remove(CAROL), said=said), Reason.DEPARTURE)

    @pytest.mark.parametrize("author", [ALICE, BOB])
    def test_a_departure_is_for_one_remove_and_none_is_left_over(self, author: int) -> None:
        group = members_of(Kind.GROUP)[author]
        carol, dora = leave_of(group, CAROL, "carol"), leave_of(group, DORA, "dora")
        for departures in [(carol, dora), (carol, carol), (carol, kick_of(group, CAROL, "carol"))]:
            said = declare(group, departures=departures)
            void(group, made(group, Remove(CAROL), said=said), Reason.DEPARTURE)
        said = declare(group, departures=(carol,))
        void(group, made(group, said=said), Reason.DEPARTURE)

    def test_who_gets_in_anew_removes_nobody_else(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]
        left = (leave_of(group, BOB, "bob"),)
        data = entered(group, "bob", replaces=BOB, departures=left)
        void(group, data, Reason.DEPARTURE)
        void(group, entered(group, "eve", departures=left), Reason.DEPARTURE)

    def test_a_departure_of_an_earlier_leaf_is_of_no_use(self) -> None:
        """Who has left and come back is not removed by what it said before."""
        groups = members_of(Kind.ROOM)
        old = leave_of(groups[ALICE], CAROL, "carol")
        staged = groups[CAROL].commit(
            CommitRequest((), NOW, authenticated_data=declare(groups[CAROL])), public=True
        )
        groups[BOB].merge(groups[BOB].open(counts(groups[BOB], staged.message)))
        said = declare(groups[BOB], departures=(old,))
        void(groups[BOB], made(groups[BOB], Remove(CAROL), said=said), Reason.REMOVAL)

    @pytest.mark.parametrize("departure", [leave_of, kick_of])
    def test_one_that_was_signed_in_an_earlier_epoch_is_of_no_use(
        self, departure: Callable[..., Departure]
    ) -> None:
        """Who is out may come back with a leaf whose key was known: that of a key package."""
        groups = members_of(Kind.GROUP)
        old = departure(groups[BOB], CAROL, "carol")
        data = made(groups[ALICE])
        groups[BOB].merge(groups[BOB].open(counts(groups[BOB], data)))
        said = declare(groups[BOB], departures=(old,))
        void(groups[BOB], made(groups[BOB], Remove(CAROL), said=said), Reason.DEPARTURE)

    def test_what_nobody_foresees(self) -> None:
        group = members_of(Kind.ROOM)[ALICE]

        def fail(*_: object) -> bool:
            raise ZeroDivisionError

        void(group, made(group), Reason.UNFORESEEN, replace(POLICY, accept_credential=fail))

    @pytest.mark.parametrize("error", [MemoryError, StoreError])
    def test_what_fails_here_alone_is_no_answer(self, error: type[Exception]) -> None:
        group = members_of(Kind.ROOM)[ALICE]

        def fail(*_: object) -> bool:
            raise error

        with pytest.raises(error):
            count(group.vantage.public, made(group), replace(POLICY, accept_credential=fail))


def onlooker(group: Group) -> PublicState:
    """What somebody knows who has got a GroupInfo and no more."""
    return Entrance.read(group.group_info(), POLICY).public


def outcome(public: PublicState, data: bytes) -> object:
    """What ``data`` comes to, in values that can be compared."""
    result = count(public, data, POLICY)
    if isinstance(result, Void):
        return result
    after = result.after
    return after.context, after.interim_transcript_hash, after.tree.encode(), result.effects


@cache
def good_commits() -> list[tuple[Kind, bool, bytes]]:
    """Commits of every sort that count, with the conversation that they are to."""
    room, group, dm = (members_of(kind) for kind in (Kind.ROOM, Kind.GROUP, Kind.DM))
    keyed = members_of(Kind.ROOM, keyed=True)
    psks = (psk_name(GATE.public),)
    left = declare(room[BOB], departures=(leave_of(room[BOB], CAROL, "carol"),))
    return [
        (Kind.ROOM, False, made(room[BOB])),
        (Kind.ROOM, False, made(room[BOB], Remove(CAROL), said=left)),
        (Kind.ROOM, False, entered(room[BOB], "eve")),
        (Kind.ROOM, True, entered(keyed[BOB], "eve", psks=psks, gate=GATE)),
        (Kind.GROUP, False, made(group[ALICE], package_of("eve"), Remove(BOB))),
        (Kind.DM, False, entered(dm[ALICE], "bob", replaces=BOB)),
    ]


def everybody(kind: Kind, *, keyed: bool) -> list[PublicState]:
    """A member in step, one that follows without the epoch's secrets, and an onlooker."""
    groups = members_of(kind, keyed=keyed)
    vantage = groups[1].vantage
    outside = archive.restore_vantage(archive.save_vantage(vantage), vantage.client)
    return [groups[0].vantage.public, outside.public, onlooker(groups[0])]


@cache
def observers(kind: Kind, *, keyed: bool) -> list[PublicState]:
    return everybody(kind, keyed=keyed)


class TestEverybody:
    @given(st.binary(max_size=200))
    def test_any_bytes_are_judged(self, data: bytes) -> None:
        for public in observers(Kind.ROOM, keyed=False):
            assert isinstance(count(public, data, POLICY), Void)

    @given(
        number=st.integers(0, 5),
        edits=st.lists(
            st.tuples(st.integers(min_value=0), st.integers(0, 255)), min_size=1, max_size=3
        ),
        cut=st.none() | st.integers(min_value=0),
    )
    def test_all_come_to_one_answer_about_any_change_of_a_good_commit(
        self, number: int, edits: list[tuple[int, int]], cut: int | None
    ) -> None:
        kind, keyed, data = good_commits()[number]
        changed = bytearray(data)
        for place, value in edits:
            changed[place % len(changed)] = value
        if cut is not None:
            del changed[cut % len(changed) :]
        answers = [outcome(public, bytes(changed)) for public in observers(kind, keyed=keyed)]
        assert answers[0] == answers[1] == answers[2]

    @pytest.mark.parametrize("number", range(6))
    def test_all_come_to_one_answer_about_a_good_commit(self, number: int) -> None:
        kind, keyed, data = good_commits()[number]
        answers = [outcome(public, data) for public in everybody(kind, keyed=keyed)]
        assert answers[0] == answers[1] == answers[2]
        assert not isinstance(answers[0], Void)

    @pytest.mark.parametrize("number", range(6))
    def test_no_part_that_is_signed_can_be_changed(self, number: int) -> None:
        """But for the tags, which prove something to members only, and seals that open nowhere."""
        kind, keyed, data = good_commits()[number]
        public = observers(kind, keyed=keyed)[0]
        size = 33 if number in (2, 3, 5) else 66
        for place in range(0, len(data) - size, 7):
            changed = bytearray(data)
            changed[place] ^= 1
            assert isinstance(count(public, bytes(changed), POLICY), Void)
        assert isinstance(count(public, data[:-1] + bytes([data[-1] ^ 1]), POLICY), Followed)


def test_what_is_refused_is_a_peers_fault() -> None:
    assert issubclass(counting._BrokenRuleError, PeerError)


def test_no_newcomer_speaks_for_a_member() -> None:
    groups = members_of(Kind.GROUP)
    commit = inner(entered(groups[ALICE], "bob", replaces=BOB))
    data = forge_message(
        groups[ALICE],
        commit,
        NewMemberCommit(),
        groups[CAROL].client.signing_key,
        authenticated_data=declare(groups[ALICE]),
    )
    void(groups[ALICE], data, Reason.SIGNATURE)


def test_the_reasons_are_those_of_the_protocol() -> None:
    text = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
    chapter = text.partition("### Which commits count")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", chapter, flags=re.MULTILINE)
    assert rows == [(reason.name.lower(), reason.value) for reason in Reason]
