from geventim.errors import PeerError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.received import OwnMessageError, ReceivedApplication, ReceivedProposal
from geventim.mls.messages.framing import Member
from geventim.mls.messages.proposals import Remove
from tests.mls.builder import NOW, family


def test_there_are_three_kinds_of_messages() -> None:
    duo = family("alice", "bob")
    kinds = [
        duo[1].receive(message)
        for message in (
            duo[0].send(b"hello", b"header"),
            duo[0].propose(Remove(1), now=NOW, authenticated_data=b"header"),
            duo[0].commit(CommitRequest((), NOW, authenticated_data=b"header")).message,
        )
    ]
    assert [type(kind) for kind in kinds] == [ReceivedApplication, ReceivedProposal, StagedCommit]
    application, proposal, commit = kinds
    assert application.authenticated_data == b"header"
    assert (proposal.sender, proposal.proposal) == (Member(0), Remove(1))
    assert proposal.authenticated_data == b"header"
    assert commit.effects.authenticated_data == b"header"


def test_an_echo_is_the_peers_error() -> None:
    assert issubclass(OwnMessageError, PeerError)
