"""Who may send what, and which key signs it (RFC 9420 §6.1)."""

from dataclasses import replace

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import ExternalSender, external_senders_extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import ReceivedProposal
from geventim.mls.messages.authentication import UnverifiedContent
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    ApplicationData,
    External,
    FramedContent,
    Member,
    NewMemberCommit,
    NewMemberProposal,
    PublicMessage,
)
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID
from tests.mls.builder import (
    SUITE,
    edit_public,
    family,
    forge_message,
    package,
    random,
    refuses,
)

SERVER = SigningKey(random(32))
SENDERS = external_senders_extension((ExternalSender(SERVER.public, BasicCredential(b"server")),))
OPEN = Policy(accept_newcomer=lambda credential, key: True)


@pytest.fixture
def duo() -> list[Group]:
    return family("alice", "bob", extensions=(SENDERS,), policy=OPEN)


class TestMember:
    def test_its_leafs_key_signs(self, duo: list[Group]) -> None:
        assert isinstance(duo[1].receive(forge_message(duo[0], Remove(1))), ReceivedProposal)
        refuses(duo[1], forge_message(duo[0], Remove(1), key=SERVER), "authentication")

    def test_a_blank_leaf_signs_nothing(self, duo: list[Group]) -> None:
        for index in (3, 9):
            refuses(duo[1], forge_message(duo[0], Remove(1), Member(index)), "no member")

    def test_everything_is_signed(self, duo: list[Group]) -> None:
        message = duo[0].propose(Remove(1), now=0, public=True)
        decoded = decode_message(message)
        assert isinstance(decoded, PublicMessage)
        content = decoded.content
        for fields in (
            {"authenticated_data": b"x"},
            {"content": Remove(0)},
        ):
            odd = replace(decoded, content=replace(content, **fields))
            tagged = edit_public(duo[0], message, content=odd.content, membership_tag=bytes(32))
            refuses(duo[1], tagged, "authentication")


class TestExternalSender:
    def send(self, group: Group, content: object, **fields: object) -> bytes:
        fields = {"sender": External(0), "key": SERVER} | fields
        return forge_message(group, content, **fields)

    @pytest.mark.parametrize(
        "proposal",
        [
            Add(package("dave").key_package),
            Remove(1),
            PreSharedKey(PreSharedKeyID(ExternalPsk(b""), bytes(32))),
            ReInit(b"", 1, 1, ()),
            GroupContextExtensions(()),
        ],
    )
    def test_what_it_may_propose(self, duo: list[Group], proposal: object) -> None:
        received = duo[1].receive(self.send(duo[0], proposal))
        assert isinstance(received, ReceivedProposal)
        assert received.sender == External(0)

    def test_what_it_may_not_send(self, duo: list[Group]) -> None:
        leaf = duo[0].member(0)
        for content in (Update(leaf), ExternalInit(bytes(32)), Commit((), None)):
            refuses(duo[1], self.send(duo[0], content), "may not send")

    def test_it_is_known(self, duo: list[Group]) -> None:
        bad = self.send(duo[0], Remove(1), sender=External(1))
        refuses(duo[1], bad, "unknown external sender")
        plain = family("alice", "bob")
        refuses(plain[1], self.send(plain[0], Remove(1)), "unknown external sender")

    def test_its_key_signs(self, duo: list[Group]) -> None:
        bad = self.send(duo[0], Remove(1), key=duo[0].client.signing_key)
        refuses(duo[1], bad, "authentication")


class TestNewMemberProposal:
    def test_it_is_an_add_signed_by_its_client(self, duo: list[Group]) -> None:
        own = package("dave")
        sender, add = NewMemberProposal(), Add(own.key_package)
        good = forge_message(duo[0], add, sender, own.client.signing_key)
        assert isinstance(duo[1].receive(good), ReceivedProposal)
        bad = forge_message(duo[0], add, sender, SERVER)
        refuses(duo[1], bad, "authentication")

    def test_it_is_nothing_else(self, duo: list[Group]) -> None:
        for content in (Remove(1), Commit((), None), GroupContextExtensions(())):
            refuses(duo[1], forge_message(duo[0], content, NewMemberProposal()), "nothing else")

    def test_it_is_authorised_by_the_application(self) -> None:
        duo, own = family("alice", "bob"), package("dave")
        sender = NewMemberProposal()
        message = forge_message(duo[0], Add(own.key_package), sender, own.client.signing_key)
        refuses(duo[1], message, "authentication")


class TestNewMemberCommit:
    def test_it_is_a_commit_with_a_path(self, duo: list[Group]) -> None:
        sender = NewMemberCommit()
        refuses(duo[1], forge_message(duo[0], Remove(1), sender), "nothing else")
        refuses(duo[1], forge_message(duo[0], Commit((), None), sender), "without a path")


def test_application_data_are_never_public(duo: list[Group]) -> None:
    content = FramedContent(duo[0].group_id, duo[0].epoch, Member(0), b"", ApplicationData(b""))
    message = duo[0].propose(Remove(1), now=0, public=True)
    refuses(duo[1], edit_public(duo[0], message, content=content), "not sealed")


def test_a_signature_is_for_one_epoch(duo: list[Group]) -> None:
    decoded = decode_message(forge_message(duo[0], Remove(1)))
    assert isinstance(decoded, PublicMessage)
    epoch = duo[1].state.epoch
    unverified = UnverifiedContent(1, decoded.content, decoded.auth)
    unverified.verify(SUITE, epoch.tree, epoch.context)
    with pytest.raises(AuthenticationError):
        unverified.verify(SUITE, epoch.tree, replace(epoch.context, tree_hash=b""))
    with pytest.raises(AuthenticationError):
        replace(unverified, wire_format=2).verify(SUITE, epoch.tree, epoch.context)
    nobody = replace(unverified, content=replace(decoded.content, sender=Member(7)))
    with pytest.raises(PeerError, match="no member"):
        nobody.verify(SUITE, epoch.tree, epoch.context)
