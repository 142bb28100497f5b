"""Which commits count, the rules of RFC 9420, and that all give the same answer."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.departures import Departure
from geventim.chat.values import Kind
from geventim.client.sealing import counting
from geventim.client.sealing.charter import CHARTER, Charter, psk_name
from geventim.client.sealing.counting import LAST_EPOCH, Reason, Void, count
from geventim.client.sealing.engine import LEAF_SIZE
from geventim.errors import PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed, Part
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import NewMemberCommit
from geventim.mls.messages.proposals import (
    GroupContextExtensions,
    Remove,
)
from tests.client.commits import (
    ALICE,
    BOB,
    CAROL,
    DM,
    DORA,
    GATE,
    OTHER_GATE,
    POLICY,
    counts,
    declare,
    entered,
    epoch_of,
    inner,
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
    group_of,
)
from tests.mls.builder import OddClient, forge_commit, forge_message, noise, with_tag


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

    def test_a_group_is_full_at_its_limit(self) -> None:
        group = members_of(Kind.GROUP)[ALICE]
        small = replace(POLICY, max_leaves=4)
        counts(group, made(group, package_of("eve"), Remove(BOB)), small)


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
