"""RFC 9420 §12.1.8."""

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import ExternalSender, external_senders_extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.external_proposals import ask_to_join, propose_from_outside
from geventim.mls.messages.framing import External, NewMemberProposal
from geventim.mls.messages.proposals import Remove, Update
from tests.mls.builder import (
    GROUP_ID,
    NOW,
    SUITE,
    agree,
    commit,
    family,
    package,
    random,
    refuses,
)

SERVER = SigningKey(random(32))
SENDERS = external_senders_extension((ExternalSender(SERVER.public, BasicCredential(b"server")),))
OPEN = Policy(accept_newcomer=lambda credential, key: True)


def test_a_newcomer_asks_and_is_added() -> None:
    groups, dave = family("alice", "bob", policy=OPEN), package("dave")
    message = ask_to_join(GROUP_ID, groups[0].epoch, dave)
    for group in groups:
        assert group.receive(message).sender == NewMemberProposal()
    staged = commit(groups, 0)
    groups.append(Group.join(staged.welcome or b"", dave, random=random))
    agree(*groups)


def test_an_external_sender_proposes_and_a_member_commits() -> None:
    groups = family("alice", "bob", "carol", extensions=(SENDERS,))
    message = propose_from_outside(SUITE, GROUP_ID, groups[0].epoch, 0, SERVER, Remove(2))
    for group in groups:
        assert group.receive(message).sender == External(0)
    commit(groups[:2], 1)
    agree(*groups[:2])
    assert groups[0].member(2) is None


def test_an_external_sender_proposes_only_what_it_may() -> None:
    leaf = package("dave").key_package.leaf_node
    with pytest.raises(MisuseError):
        propose_from_outside(SUITE, GROUP_ID, 0, 0, SERVER, Update(leaf))


def test_a_proposal_is_for_one_epoch_and_group() -> None:
    groups = family("alice", "bob", extensions=(SENDERS,))
    for group_id, epoch in ((GROUP_ID, 0), (GROUP_ID, 2), (b"other", 1)):
        message = propose_from_outside(SUITE, group_id, epoch, 0, SERVER, Remove(1))
        refuses(groups[0], message, "another")


def test_what_waits_is_bounded() -> None:
    groups = family("alice", "bob", extensions=(SENDERS,), policy=Policy(max_pending=1))
    for index, accepted in ((1, True), (0, False)):
        message = propose_from_outside(SUITE, GROUP_ID, 1, 0, SERVER, Remove(index))
        if accepted:
            groups[0].receive(message)
        else:
            refuses(groups[0], message, "too many")


def test_nobody_is_removed_by_a_proposal_alone() -> None:
    groups = family("alice", "bob", extensions=(SENDERS,))
    groups[0].receive(propose_from_outside(SUITE, GROUP_ID, 1, 0, SERVER, Remove(1)))
    assert groups[0].member(1) is not None
    request = CommitRequest((), NOW, with_pending=False)
    assert not groups[0].commit(request).effects.removed
