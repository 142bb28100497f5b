"""Public and private messages (RFC 9420 §6.2, §6.3)."""

from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, MisuseError, PeerError
from geventim.mls.ground.policy import Policy, pad_to
from geventim.mls.groups.group import Group
from geventim.mls.messages import protection
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.framing import (
    PRIVATE_MESSAGE,
    PUBLIC_MESSAGE,
    ApplicationData,
    External,
    FramedContent,
    Member,
    PrivateMessage,
    SenderData,
)
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Remove
from geventim.mls.schedule.secret_tree import RatchetKind
from tests.mls.builder import SUITE, edit_public, family, refuses, snapshot


@pytest.fixture
def duo() -> list[Group]:
    return family("alice", "bob")


def sealed(group: Group, plaintext: bytes, sender: SenderData, content_type: int = 1) -> bytes:
    """A private message whose inside is ``plaintext``, with every key right."""
    epoch = group.state.epoch
    kind = protection.kind_of(content_type)
    key = group.state.ratchets.seek(0, kind, 0, 0).key
    header = (epoch.context.group_id, epoch.context.epoch, content_type)
    aad = protection.PrivateContentAAD(*header, b"").encode()
    nonce = bytes(a ^ b for a, b in zip(key.nonce, sender.reuse_guard + bytes(8), strict=True))
    ciphertext = SUITE.aead.seal(key.key, nonce, plaintext, aad)
    sender_key = protection.sender_data_key(SUITE, epoch.secrets.sender_data_secret, ciphertext)
    box = SUITE.aead.seal(*sender_key, sender.encode(), protection.SenderDataAAD(*header).encode())
    return encode_message(PrivateMessage(*header, b"", box, ciphertext))


def inside(group: Group, data: bytes) -> bytes:
    """Content and signature as they stand in a private message."""
    framed = FramedContent(group.group_id, group.epoch, Member(0), b"", ApplicationData(data))
    context = group.state.epoch.context
    signed = sign_content(SUITE, group.client.signing_key, PRIVATE_MESSAGE, framed, context)
    out = bytearray()
    ApplicationData(data).write(out)
    signed.auth.write(out)
    return bytes(out)


SENDER = SenderData(0, 0, b"\x01\x02\x03\x04")


class TestPublic:
    def test_the_membership_tag_is_checked(self, duo: list[Group]) -> None:
        message = duo[0].propose(Remove(1), now=0, public=True)
        refuses(duo[1], edit_public(duo[0], message, membership_tag=bytes(32)), "auth")
        refuses(duo[1], edit_public(duo[0], message, membership_tag=b""), "auth")
        duo[1].receive(message)

    def test_the_tag_covers_the_signature(self, duo: list[Group]) -> None:
        """Also where the signature would not tell, the tag does."""
        message = decode_message(duo[0].propose(Remove(1), now=0, public=True))
        odd = replace(message, auth=replace(message.auth, signature=bytes(64)))
        context = duo[1].state.epoch.context
        key = duo[1].state.epoch.secrets.membership_key
        with pytest.raises(AuthenticationError):
            protection.unprotect_public(SUITE, key, odd, context)

    def test_application_data_are_not_made_public(self, duo: list[Group]) -> None:
        framed = FramedContent(b"", 0, Member(0), b"", ApplicationData(b""))
        context = duo[0].state.epoch.context
        key = duo[0].client.signing_key
        signed = sign_content(SUITE, key, PUBLIC_MESSAGE, framed, context)
        with pytest.raises(MisuseError):
            protection.protect_public(SUITE, b"", signed, context)


class TestPrivate:
    def test_the_builder_builds_what_is_received(self, duo: list[Group]) -> None:
        message = sealed(duo[0], inside(duo[0], b"hello") + bytes(5), SENDER)
        assert duo[1].receive(message).data == b"hello"

    @pytest.mark.parametrize("padding", [b"\x01", b"\x00\x01", b"\x80" + bytes(100)])
    def test_padding_is_zero(self, duo: list[Group], padding: bytes) -> None:
        message = sealed(duo[0], inside(duo[0], b"hello") + padding, SENDER)
        refuses(duo[1], message, "padding")

    def test_the_sender_is_a_member(self, duo: list[Group]) -> None:
        for index in (2, 3, 1 << 31):
            odd = replace(SENDER, leaf_index=index)
            refuses(duo[1], sealed(duo[0], inside(duo[0], b""), odd), "no member")

    def test_the_signature_is_checked(self, duo: list[Group]) -> None:
        good = inside(duo[0], b"hello")
        refuses(duo[1], sealed(duo[0], good[:-1] + bytes([good[-1] ^ 1]), SENDER), "auth")

    def test_the_content_is_well_formed(self, duo: list[Group]) -> None:
        for odd in (b"", b"\x05abc", inside(duo[0], b"x")[:-1]):
            with pytest.raises(PeerError):
                duo[1].receive(sealed(duo[0], odd, SENDER))

    def test_sender_data_are_well_formed(self, duo: list[Group]) -> None:
        message = decode_message(duo[0].send(b"hello"))
        assert isinstance(message, PrivateMessage)
        for box in (b"", message.encrypted_sender_data[:-1], bytes(28)):
            refuses(duo[1], encode_message(replace(message, encrypted_sender_data=box)), "auth")

    def test_every_field_is_authenticated(self, duo: list[Group]) -> None:
        message = decode_message(duo[0].send(b"hello", b"header"))
        assert isinstance(message, PrivateMessage)
        for fields in (
            {"authenticated_data": b"other"},
            {"content_type": 2},
            {"ciphertext": bytes(len(message.ciphertext))},
            {"ciphertext": message.ciphertext[:-1]},
        ):
            refuses(duo[1], encode_message(replace(message, **fields)), "auth")
        received = duo[1].receive(encode_message(message))
        assert (received.data, received.authenticated_data) == (b"hello", b"header")

    def test_only_members_seal(self, duo: list[Group]) -> None:
        framed = FramedContent(b"", 0, External(0), b"", Remove(1))
        key = duo[0].client.signing_key
        signed = sign_content(SUITE, key, PRIVATE_MESSAGE, framed, None)
        message_key = duo[0].state.ratchets.seek(0, RatchetKind.HANDSHAKE, 0, 0).key
        with pytest.raises(MisuseError):
            protection.protect_private(
                SUITE, bytes(32), signed, message_key, bytes(4), lambda size: 0
            )

    def test_the_guard_changes_the_nonce(self, duo: list[Group]) -> None:
        good = inside(duo[0], b"hello")
        other = replace(SENDER, reuse_guard=bytes(4))
        assert sealed(duo[0], good, SENDER) != sealed(duo[0], good, other)
        assert duo[1].receive(sealed(duo[0], good, other)).data == b"hello"


def test_padding_hides_the_length() -> None:
    policy = Policy(padding=pad_to(256))
    duo = family("alice", "bob", policy=policy)
    sizes = {len(duo[0].send(bytes(size))) for size in (0, 1, 50, 180)}
    assert len(sizes) == 1
    assert duo[1].receive(duo[0].send(b"padded")).data == b"padded"


def test_a_failure_leaves_the_keys(duo: list[Group]) -> None:
    message = duo[0].send(b"hello")
    before = snapshot(duo[1])
    for at in range(0, len(message), 7):
        broken = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        with pytest.raises(PeerError):
            duo[1].receive(broken)
    assert snapshot(duo[1]) == before
    assert duo[1].receive(message).data == b"hello"
