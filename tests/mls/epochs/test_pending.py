"""Which of the proposals that wait go into a commit (RFC 9420 §12.2, §12.4)."""

import pytest

from geventim.errors import PeerError
from geventim.mls.epochs.pending import PendingProposals
from geventim.mls.epochs.proposal_list import SentProposal
from geventim.mls.groups.group import Group
from geventim.mls.messages.framing import Member
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID
from tests.mls.builder import (
    NOW,
    agree,
    client,
    commit,
    family,
    package,
    supporting,
)

LEAF = package("alice").key_package.leaf_node
REINIT = ReInit(b"next", 1, 3, ())


def chosen(*proposals: tuple[int, object], bad: object = None) -> list[object]:
    """What the member at leaf 0 takes of ``proposals``, each with its sender's leaf."""
    pending = PendingProposals()
    for number, (sender, proposal) in enumerate(proposals):
        sent = SentProposal(proposal, Member(sender))
        pending = pending.adding(b"%d" % number, sent)
    found = pending.choose(0, lambda sent: all(each.proposal is not bad for each in sent))
    return [sent.proposal for _, sent in found]


def test_what_was_not_received_is_not_found() -> None:
    sent = SentProposal(Remove(1), Member(0))
    pending = PendingProposals().adding(b"name", sent)
    assert pending.find(b"name") is sent
    assert len(pending) == 1
    with pytest.raises(PeerError, match="did not receive"):
        pending.find(b"other")


def test_everything_that_fits_is_taken() -> None:
    proposals = [Remove(1), Update(LEAF), GroupContextExtensions(())]
    assert chosen(*[(2, each) for each in proposals]) == proposals


def test_our_own_update_is_left_to_others() -> None:
    assert chosen((0, Update(LEAF))) == []


def test_a_remove_goes_before_an_update_of_the_same_leaf() -> None:
    assert chosen((2, Update(LEAF)), (1, Remove(2))) == [Remove(2)]


def test_the_newest_update_counts() -> None:
    newer = Update(package("alice").key_package.leaf_node)
    assert chosen((2, Update(LEAF)), (2, newer)) == [newer]


def test_a_reinit_waits_for_everything_else() -> None:
    assert chosen((1, REINIT), (1, Remove(2))) == [Remove(2)]
    assert chosen((1, REINIT)) == [REINIT]
    assert chosen((1, REINIT), (2, REINIT)) == [REINIT]


def test_what_excludes_each_other_is_taken_once() -> None:
    same = Add(package("dave").key_package)
    psk = PreSharedKey(PreSharedKeyID(ExternalPsk(b"x"), bytes(32)))
    assert chosen((1, same), (2, same), (1, psk), (2, psk)) == [same, psk]
    first, second = GroupContextExtensions(()), GroupContextExtensions(())
    assert chosen((1, first), (2, second)) == [first]


@pytest.mark.parametrize("where", range(7))
def test_what_does_not_fit_is_left_out(where: int) -> None:
    proposals = [Remove(leaf) for leaf in range(1, 8)]
    found = chosen(*[(8, each) for each in proposals], bad=proposals[where])
    assert found == proposals[:where] + proposals[where + 1 :]


class TestInAGroup:
    @pytest.fixture
    def groups(self) -> list[Group]:
        return family("alice", "bob", "carol", "dan")

    def tell(self, groups: list[Group], message: bytes, sender: int) -> None:
        for index, group in enumerate(groups):
            if index != sender:
                group.receive(message)

    def test_all_kinds_together(self, groups: list[Group]) -> None:
        self.tell(groups, groups[1].propose_update(), 1)
        self.tell(groups, groups[1].propose(Remove(3), now=NOW), 1)
        self.tell(groups, groups[3].propose_update(public=True), 3)
        own = package("dave")
        self.tell(groups, groups[2].propose(Add(own.key_package), now=NOW), 2)
        self.tell(groups, groups[0].propose(Remove(0), now=NOW, public=True), 0)
        staged = commit(groups[:3], 0)
        assert staged.effects.removed.keys() == {3}
        assert staged.effects.updated.keys() == {0, 1}
        # The new member takes the leaf that becomes free.
        assert staged.effects.added.keys() == {3}
        agree(*groups[:3])

    def test_a_psk_that_we_do_not_have_is_left_to_others(self, groups: list[Group]) -> None:
        psk = PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk"), bytes(32)))
        self.tell(groups, groups[1].propose(psk, now=NOW), 1)
        assert groups[0].pending() != ()
        staged = commit(groups, 0)
        assert staged.effects.psks == ()

    def test_an_add_that_does_not_fit_is_left_out(self) -> None:
        groups = family(client("alice", capabilities=supporting(0xF001)), "bob")
        odd = client("odd", capabilities=supporting(0xF001, versions=(2,)))
        for own in (package(odd), package("dave")):
            groups[0].receive(groups[1].propose(Add(own.key_package), now=NOW))
        staged = commit(groups, 0)
        assert len(staged.effects.added) == 1

    def test_proposals_end_with_their_epoch(self, groups: list[Group]) -> None:
        self.tell(groups, groups[1].propose(Remove(3), now=NOW), 1)
        commit(groups, 0, with_pending=False)
        assert groups[0].pending() == ()
        assert groups[0].member(3) is not None
