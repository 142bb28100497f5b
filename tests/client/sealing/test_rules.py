"""The rules of ours that a void commit breaks: each reason, and what just keeps the rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from geventim.chat.departures import DELETE, KICK, Departure
from geventim.chat.limits import GROUP_LEAVES
from geventim.chat.values import Kind
from geventim.client.sealing.charter import Charter, psk_name
from geventim.client.sealing.counting import LAST_EPOCH, Reason, count
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.departures import sign_leave
from geventim.errors import StoreError
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.proposals import (
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from geventim.mls.schedule.psk import psk_id
from tests.client.commits import (
    ALICE,
    BOB,
    CAROL,
    DM,
    DORA,
    GATE,
    OTHER_GATE,
    POLICY,
    RANDOM,
    counts,
    declare,
    entered,
    epoch_of,
    kick_of,
    leave_of,
    made,
    members_of,
    package_of,
    void,
    with_charter,
)
from tests.client.members import (
    NOW,
    PLACE,
    charter_of,
    engine,
)
from tests.mls.builder import forge_message


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

    def test_a_group_has_at_most_512_members(self) -> None:
        assert GROUP_LEAVES == 512
        group = members_of(Kind.GROUP)[ALICE]
        small = replace(POLICY, max_leaves=4)
        void(group, made(group, package_of("eve")), Reason.FULL, small)

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
