from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    ApplicationData,
    AuthenticatedContent,
    External,
    FramedContent,
    FramedContentAuthData,
    Member,
    NewMemberCommit,
    NewMemberProposal,
    PublicMessage,
    SenderData,
    content_to_sign,
)
from geventim.mls.messages.proposals import Remove
from geventim.mls.tree.group_context import GroupContext
from tests.mls.builder import SUITE

HEAD = "0269640000000000000007"
CONTEXT = GroupContext(1, 3, b"id", 7, b"", b"", ())


def framed(content: object, sender: object = Member(2)) -> FramedContent:
    return FramedContent(b"id", 7, sender, b"ad", content)


@pytest.mark.parametrize(
    ("sender", "encoded"),
    [
        (Member(2), "0100000002"),
        (External(3), "0200000003"),
        (NewMemberProposal(), "03"),
        (NewMemberCommit(), "04"),
    ],
)
def test_every_sender(sender: object, encoded: str) -> None:
    content = framed(Remove(5), sender)
    assert content.encode().hex() == HEAD + encoded + "02616402000300000005"
    assert FramedContent.decode(content.encode()) == content


@pytest.mark.parametrize(
    ("content", "encoded"),
    [
        (ApplicationData(b"hi"), "01026869"),
        (Remove(5), "02000300000005"),
        (Commit((Remove(5),), None), "03070100030000000500"),
    ],
)
def test_every_content(content: object, encoded: str) -> None:
    assert framed(content).encode().hex().endswith("026164" + encoded)
    assert FramedContent.decode(framed(content).encode()) == framed(content)


@pytest.mark.parametrize("odd", ["00", "05", "ff"])
def test_unknown_types_are_malformed(odd: str) -> None:
    with pytest.raises(PeerError, match="unknown type"):
        FramedContent.decode(bytes.fromhex(HEAD + odd + "00" * 9))
    with pytest.raises(PeerError, match="unknown type"):
        FramedContent.decode(bytes.fromhex(HEAD + "010000000200" + odd + "00" * 9))


def test_only_a_commit_has_a_confirmation_tag() -> None:
    commit = Commit((), None)
    for content, tag in ((commit, b"tag"), (Remove(1), None), (ApplicationData(b""), None)):
        message = AuthenticatedContent(1, framed(content), FramedContentAuthData(b"sig", tag))
        assert AuthenticatedContent.decode(message.encode()) == message
        with pytest.raises(PeerError):
            AuthenticatedContent.decode(message.encode()[:-1])


def test_only_a_members_public_message_has_a_membership_tag() -> None:
    auth = FramedContentAuthData(b"sig", None)
    for sender, tag in ((Member(1), b"tag"), (External(0), None), (NewMemberProposal(), None)):
        message = PublicMessage(framed(Remove(1), sender), auth, tag)
        assert PublicMessage.decode(message.encode()) == message


def test_who_knows_the_group_signs_its_context() -> None:
    with_context = content_to_sign(1, framed(Remove(1)), CONTEXT)
    assert with_context.endswith(CONTEXT.encode())
    external = content_to_sign(1, framed(Remove(1), External(0)), CONTEXT)
    assert not external.endswith(CONTEXT.encode())
    commit = framed(Commit((), None), NewMemberCommit())
    assert content_to_sign(1, commit, CONTEXT).endswith(CONTEXT.encode())
    assert content_to_sign(2, framed(Remove(1)), CONTEXT) != with_context


def test_a_reference_names_one_message() -> None:
    message = AuthenticatedContent(1, framed(Remove(1)), FramedContentAuthData(b"sig", None))
    assert len(message.reference(SUITE)) == 32
    other = replace(message, auth=FramedContentAuthData(b"other", None))
    assert message.reference(SUITE) != other.reference(SUITE)


def test_sender_data() -> None:
    data = SenderData(1, 2, b"four")
    assert data.encode().hex() == "0000000100000002" + b"four".hex()
    assert SenderData.decode(data.encode()) == data
