"""A group from its beginning to its end, through the interface alone."""

from contextlib import suppress
from typing import Any

import pytest

from geventim.errors import MisuseError
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import AES_128_GCM, CHACHA20_POLY1305
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.messages.proposals import Add, PreSharedKey, ReInit, Remove, Update
from geventim.mls.schedule.psk import APPLICATION, ResumptionPsk, psk_id
from tests.mls.builder import (
    GROUP_ID,
    NOW,
    SUITE,
    add,
    agree,
    client,
    commit,
    create,
    family,
    package,
    random,
    refuses,
    snapshot,
)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


@pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])
def test_a_life(suite: object) -> None:
    groups = family("alice", "bob", "carol", suite=suite)
    agree(*groups)
    assert groups[0].suite is suite
    assert groups[1].receive(groups[0].send(b"hello", b"header")) == ReceivedApplication(
        0, b"hello", b"header", 1, 0
    )
    add(groups, "dan")
    commit(groups, 3)
    commit([groups[0], groups[2], groups[3]], 0, Remove(1))
    rest = [groups[0], groups[2], groups[3]]
    agree(*rest)
    assert len({group.export("label", b"context", 20) for group in rest}) == 1
    assert [index for index, _ in rest[0].members()] == [0, 2, 3]


class TestCreate:
    def test_the_first_epoch(self) -> None:
        group = create(extensions=())
        assert (group.group_id, group.epoch, group.own_index) == (GROUP_ID, 0, 0)
        assert group.status is Status.ACTIVE
        assert group.extensions == ()
        assert group.confirmed_transcript_hash == b""
        assert len(group.tree_hash) == 32

    def test_two_groups_share_no_secret(self) -> None:
        assert create().epoch_authenticator != create().epoch_authenticator

    def test_what_its_creator_does_not_support_is_refused(self) -> None:
        with pytest.raises(MisuseError, match="cannot be"):
            create(extensions=(Extension(0xF001, b""),))

    def test_a_lifetime_that_is_too_long_is_refused(self) -> None:
        with pytest.raises(MisuseError, match="cannot be"):
            Group.create(SUITE, b"", client("alice"), Lifetime(0, 1 << 40), random=random)
        patient = Policy(max_lifetime=None)
        Group.create(
            SUITE, b"", client("alice"), Lifetime(0, 1 << 40), random=random, policy=patient
        )


class TestMessages:
    def test_everybody_reads_everybody(self, trio: list[Group]) -> None:
        for sender in trio:
            message = sender.send(b"hello")
            for group in trio:
                if group is not sender:
                    assert group.receive(message).sender == sender.own_index

    def test_the_order_does_not_matter(self, trio: list[Group]) -> None:
        messages = [trio[0].send(b"%d" % number) for number in range(20)]
        received = [trio[1].receive(messages[index]) for index in (7, 3, 19, 0, 4, 18)]
        assert [(each.data, each.generation) for each in received] == [
            (b"7", 7), (b"3", 3), (b"19", 19), (b"0", 0), (b"4", 4), (b"18", 18),
        ]  # fmt: skip

    def test_a_message_is_received_once(self, trio: list[Group]) -> None:
        message = trio[0].send(b"hello")
        trio[1].receive(message)
        refuses(trio[1], message, "received before")

    def test_a_message_too_far_ahead_is_refused(self) -> None:
        duo = family("alice", "bob", policy=Policy(max_generations_ahead=5))
        messages = [duo[0].send(b"") for _ in range(7)]
        refuses(duo[1], messages[6], "too far")
        duo[1].receive(messages[5])
        duo[1].receive(messages[6])

    def test_our_own_message_is_told_apart(self, trio: list[Group]) -> None:
        own = [
            trio[0].send(b"hello"),
            trio[0].propose(Remove(1), now=NOW),
            trio[0].propose(Remove(1), now=NOW, public=True),
        ]
        trio[0].discard_proposals()
        own += [trio[0].commit(CommitRequest((), NOW), public=way).message for way in (0, 1)]
        for message in own:
            before = snapshot(trio[0])
            with pytest.raises(OwnMessageError):
                trio[0].receive(message)
            assert snapshot(trio[0]) == before

    def test_another_groups_message_is_refused(self, trio: list[Group]) -> None:
        other = family("alice", "bob", group_id=b"other")
        for message in (other[0].send(b""), other[0].propose(Remove(1), now=NOW, public=True)):
            refuses(trio[1], message, "another group")

    def test_what_is_not_to_a_group_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], trio[0].group_info(), "not a message to a group")

    def test_nothing_is_sent_while_proposals_wait(self, trio: list[Group]) -> None:
        trio[1].receive(trio[0].propose(Remove(2), now=NOW))
        for group in trio[:2]:
            with pytest.raises(MisuseError, match="committed first"):
                group.send(b"")
        commit(trio[:2], 1)
        trio[1].send(b"")
        trio[0].propose(Remove(1), now=NOW)
        trio[0].discard_proposals()
        trio[0].send(b"")


class TestPastEpochs:
    def test_late_messages_open_for_so_many_epochs(self) -> None:
        duo = family("alice", "bob", policy=Policy(past_epochs=2))
        late = [duo[0].send(b"late") for _ in range(3)]
        for message in late[:2]:
            commit(duo, 0)
            received = duo[1].receive(message)
            assert (received.data, received.epoch) == (b"late", 1)
        commit(duo, 0)
        refuses(duo[1], late[2], "do not know")

    def test_none_are_kept_where_none_should_be(self) -> None:
        duo = family("alice", "bob", policy=Policy(past_epochs=0))
        late = duo[0].send(b"late")
        commit(duo, 0)
        refuses(duo[1], late, "do not know")
        assert duo[1].state.past == ()

    def test_a_late_message_is_received_once(self, trio: list[Group]) -> None:
        late = trio[0].send(b"late")
        commit(trio, 1)
        trio[2].receive(late)
        refuses(trio[2], late, "received before")

    def test_who_was_removed_is_still_understood(self, trio: list[Group]) -> None:
        late = trio[2].send(b"goodbye")
        commit(trio[:2], 0, Remove(2))
        assert trio[0].receive(late).sender == 2

    def test_late_handshakes_are_refused(self, trio: list[Group]) -> None:
        late = trio[2].propose(Remove(1), now=NOW)
        commit(trio[:2], 0)
        refuses(trio[1], late, "another epoch")

    def test_a_resumption_psk_of_a_past_epoch(self, trio: list[Group]) -> None:
        number = trio[0].epoch
        commit(trio, 0)
        name = ResumptionPsk(APPLICATION, GROUP_ID, number)
        commit(trio, 1, PreSharedKey(psk_id(name, random)))
        agree(*trio)
        unknown = ResumptionPsk(APPLICATION, GROUP_ID, 99)
        with pytest.raises(MisuseError, match="do not have"):
            commit(trio, 1, PreSharedKey(psk_id(unknown, random)))


class TestProposals:
    def test_one_of_each_kind_arrives(self, trio: list[Group]) -> None:
        for message in (
            trio[0].propose(Remove(1), now=NOW),
            trio[0].propose(Add(package("dave").key_package), now=NOW, public=True),
            trio[0].propose_update(),
        ):
            received = trio[1].receive(message)
            assert isinstance(received, ReceivedProposal)
            assert received.reference in dict(trio[1].pending())
            assert received.reference in dict(trio[0].pending())

    def test_an_update_has_its_own_call(self, trio: list[Group]) -> None:
        with pytest.raises(MisuseError, match="propose_update"):
            trio[0].propose(Update(trio[0].member(0)), now=NOW)

    def test_what_others_would_refuse_is_not_made(self, trio: list[Group]) -> None:
        before = snapshot(trio[0])
        for proposal in (Remove(5), ReInit(b"", 0, 3, ())):
            with pytest.raises(MisuseError, match="cannot be proposed"):
                trio[0].propose(proposal, now=NOW)
        late = package("late", lifetime=Lifetime(1, 2)).key_package
        with pytest.raises(MisuseError, match="not good"):
            trio[0].propose(Add(late), now=NOW)
        assert snapshot(trio[0]) == before

    def test_the_same_one_twice_is_kept_once(self, trio: list[Group]) -> None:
        message = trio[0].propose(Remove(1), now=NOW, public=True)
        trio[1].receive(message)
        trio[1].receive(message)
        assert len(trio[1].pending()) == 1


class TestMerge:
    def test_a_commit_is_merged_once(self, trio: list[Group]) -> None:
        staged = trio[0].commit(CommitRequest((), NOW))
        trio[0].merge(staged)
        with pytest.raises(MisuseError, match="another epoch"):
            trio[0].merge(staged)

    def test_of_two_commits_one_is_merged(self, trio: list[Group]) -> None:
        mine = trio[1].commit(CommitRequest((), NOW))
        theirs = trio[1].receive(trio[0].commit(CommitRequest((Remove(2),), NOW)).message)
        trio[1].merge(theirs)
        with pytest.raises(MisuseError, match="another epoch"):
            trio[1].merge(mine)

    def test_a_commit_of_another_group_is_not_merged(self, trio: list[Group]) -> None:
        staged = trio[0].commit(CommitRequest((), NOW))
        with pytest.raises(MisuseError, match="another epoch"):
            trio[1].merge(staged)

    def test_a_merged_copy_leaves_the_original(self, trio: list[Group]) -> None:
        staged = trio[0].commit(CommitRequest((), NOW))
        before = snapshot(trio[0])
        copy = trio[0].merged(staged)
        assert snapshot(trio[0]) == before
        assert copy.epoch == trio[0].epoch + 1
        trio[0].merge(staged)
        agree(copy, trio[0])

    def test_the_key_of_a_merged_commit_is_gone(self, trio: list[Group]) -> None:
        staged = trio[0].commit(CommitRequest((), NOW))
        trio[1].merge(trio[1].receive(staged.message))
        generation = trio[1].state.past[0].ratchets.generation
        assert generation(0, 0) == 1


@pytest.mark.parametrize("left", [0, 1, 2])
@pytest.mark.parametrize(
    "act",
    [
        lambda group: group.send(b"hello"),
        lambda group: group.propose(Remove(1), now=NOW),
        lambda group: group.propose_update(),
        lambda group: group.commit(CommitRequest([Add(package("dave").key_package)], NOW)),
    ],
)
def test_whatever_is_raised_changes_nothing(trio: list[Group], act: Any, left: int) -> None:
    """Here it is the random source that fails, at any of its uses."""

    class BrokenError(Exception):
        pass

    uses = []

    def broken(size: int) -> bytes:
        uses.append(size)
        if len(uses) > left:
            raise BrokenError
        return random(size)

    before = snapshot(trio[0])
    trio[0]._random = broken
    with suppress(BrokenError):
        act(trio[0])
    if len(uses) > left:
        assert snapshot(trio[0]) == before
    trio[0]._random = random
    trio[0].discard_proposals()
    assert trio[1].receive(trio[0].send(b"still here")).data == b"still here"


def test_secrets_are_not_shown(trio: list[Group]) -> None:
    shown = repr(trio[0].state)
    secrets = trio[0].state.epoch.secrets
    for secret in (secrets.init_secret, secrets.exporter_secret, secrets.membership_key):
        assert repr(secret) not in shown
