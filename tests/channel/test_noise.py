"""The Noise state machine: published vectors, and what the specification forbids."""

import json
import os
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from geventim.channel.cipher import CBCHMAC
from geventim.channel.noise import MAX_NONCE, CipherState, HandshakeState, Pattern
from geventim.crypto.aead import AESGCM, TAG_SIZE, ChaCha20Poly1305
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError, PeerError

VECTORS = Path(os.environ.get("EIM_VECTORS") or Path(__file__).parents[3] / "shared" / "vectors")
FOLDER = VECTORS / "noise"


class ChaChaPoly:
    """Noise §12.3."""

    name = "ChaChaPoly"

    def sealed_size(self, size: int) -> int:
        return size + TAG_SIZE

    def encrypt(self, k: bytes, n: int, ad: bytes, plaintext: bytes) -> bytes:
        return ChaCha20Poly1305().seal(k, bytes(4) + n.to_bytes(8, "little"), plaintext, ad)

    def decrypt(self, k: bytes, n: int, ad: bytes, ciphertext: bytes) -> bytes:
        return ChaCha20Poly1305().open(k, bytes(4) + n.to_bytes(8, "little"), ciphertext, ad)


class AESGCM256:
    """Noise §12.4."""

    name = "AESGCM"

    def sealed_size(self, size: int) -> int:
        return size + TAG_SIZE

    def encrypt(self, k: bytes, n: int, ad: bytes, plaintext: bytes) -> bytes:
        return AESGCM(32).seal(k, bytes(4) + n.to_bytes(8, "big"), plaintext, ad)

    def decrypt(self, k: bytes, n: int, ad: bytes, ciphertext: bytes) -> bytes:
        return AESGCM(32).open(k, bytes(4) + n.to_bytes(8, "big"), ciphertext, ad)


CIPHERS = {cipher.name: cipher for cipher in (ChaChaPoly(), AESGCM256(), CBCHMAC())}


def read_cases() -> list[Any]:
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            name = f"{path.stem}-{number}-{case['protocol_name']}"
            cases.append(pytest.param(case, id=name))
    return cases or [pytest.param(None, id="missing")]


def unhex(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case[name])


def make_side(case: dict[str, Any], side: str) -> HandshakeState:
    _, pattern, dh, cipher, hash_name = case["protocol_name"].split("_")
    assert (dh, hash_name) == ("25519", "SHA256")
    psks = [bytes.fromhex(psk) for psk in case.get(f"{side}_psks", [])]
    return HandshakeState(
        CIPHERS[cipher],
        Pattern(pattern),
        initiator=side == "init",
        prologue=unhex(case, f"{side}_prologue"),
        random=lambda size: unhex(case, f"{side}_ephemeral")[:size],
        s=PrivateKey(unhex(case, f"{side}_static")),
        psk=psks[0] if psks else None,
    )


@pytest.mark.vectors
@pytest.mark.parametrize("case", read_cases())
def test_vectors(case: dict[str, Any] | None) -> None:
    if case is None:
        pytest.skip(f"no test vectors at {FOLDER}; set EIM_VECTORS to their folder")
    initiator, responder = make_side(case, "init"), make_side(case, "resp")
    messages = [(unhex(entry, "payload"), unhex(entry, "ciphertext")) for entry in case["messages"]]
    turns = cycle([(initiator, responder), (responder, initiator)])
    for (payload, ciphertext), (writer, reader) in zip(messages[:3], turns, strict=False):
        assert writer.write_message(payload) == ciphertext
        assert reader.read_message(ciphertext) == payload
    assert initiator.get_handshake_hash() == unhex(case, "handshake_hash")
    assert responder.get_handshake_hash() == unhex(case, "handshake_hash")
    # The fourth message is the responder's, as XX has an odd number of messages.
    sending, receiving = list(initiator.split()), list(responder.split())
    for number, (payload, ciphertext) in enumerate(messages[3:]):
        way = (number + 1) % 2
        assert sending[way].encrypt_with_ad(b"", payload) == ciphertext
        assert receiving[way].decrypt_with_ad(b"", ciphertext) == payload
    assert len(messages) > 3


def make_pair(
    cipher: str = "CBCHMAC", psk: bytes | None = None, **changes: Any
) -> tuple[HandshakeState, HandshakeState]:
    pattern = Pattern.XX if psk is None else Pattern.XXPSK3
    common: dict[str, Any] = {"prologue": b"p", "psk": psk}
    initiator = HandshakeState(
        CIPHERS[cipher],
        pattern,
        initiator=True,
        random=lambda size: b"\x01" * size,
        s=PrivateKey(b"\x02" * 32),
        **common,
    )
    responder = HandshakeState(
        CIPHERS[cipher],
        pattern,
        initiator=False,
        random=lambda size: b"\x03" * size,
        s=PrivateKey(b"\x04" * 32),
        **common | changes,
    )
    return initiator, responder


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("psk", [None, b"\x05" * 32], ids=["XX", "XXpsk3"])
def test_both_sides_agree(cipher: str, psk: bytes | None) -> None:
    initiator, responder = make_pair(cipher, psk)
    assert responder.read_message(initiator.write_message(b"one")) == b"one"
    assert initiator.read_message(responder.write_message(b"two")) == b"two"
    assert responder.read_message(initiator.write_message(b"three")) == b"three"
    assert initiator.get_handshake_hash() == responder.get_handshake_hash()
    assert responder.remote_static() == PrivateKey(b"\x02" * 32).public
    assert initiator.remote_static() == PrivateKey(b"\x04" * 32).public
    ours, theirs = initiator.split(), responder.split()
    assert [state.export_key() for state in ours] == [state.export_key() for state in theirs]
    assert ours[0].export_key() != ours[1].export_key()


def test_a_different_prologue_fails() -> None:
    initiator, responder = make_pair(prologue=b"q")
    responder.read_message(initiator.write_message())
    with pytest.raises(AuthenticationError):
        initiator.read_message(responder.write_message())


def test_a_different_psk_fails() -> None:
    initiator, responder = make_pair(psk=b"\x05" * 32)
    _, other = make_pair(psk=b"\x06" * 32)
    first = initiator.write_message()
    responder.read_message(first)
    other.read_message(first)
    second = responder.write_message()
    assert other.write_message() == second
    initiator.read_message(second)
    third = initiator.write_message()
    with pytest.raises(AuthenticationError):
        other.read_message(third)
    responder.read_message(third)


def test_a_shared_secret_of_zeros_fails() -> None:
    initiator, _ = make_pair()
    initiator.write_message()
    with pytest.raises(AuthenticationError):
        initiator.read_message(bytes(200))


@pytest.mark.parametrize("size", [0, 31])
def test_a_short_ephemeral_key_fails(size: int) -> None:
    _, responder = make_pair()
    with pytest.raises(PeerError):
        responder.read_message(bytes(size))


def test_a_short_static_key_fails() -> None:
    initiator, responder = make_pair()
    responder.read_message(initiator.write_message())
    with pytest.raises(PeerError, match="too short"):
        initiator.read_message(responder.write_message()[: 32 + 79])


def test_messages_are_written_in_turn() -> None:
    initiator, responder = make_pair()
    with pytest.raises(MisuseError):
        responder.write_message()
    with pytest.raises(MisuseError):
        initiator.read_message(bytes(32))
    initiator.write_message()
    with pytest.raises(MisuseError):
        initiator.write_message()
    with pytest.raises(MisuseError):
        initiator.split()


def test_nothing_follows_the_last_message() -> None:
    initiator, responder = make_pair()
    responder.read_message(initiator.write_message())
    initiator.read_message(responder.write_message())
    responder.read_message(initiator.write_message())
    with pytest.raises(MisuseError):
        responder.write_message()
    with pytest.raises(MisuseError):
        initiator.read_message(bytes(200))


def test_a_static_key_may_come_late_but_must_come() -> None:
    initiator, responder = make_pair()
    initiator.s = None
    responder.read_message(initiator.write_message())
    initiator.read_message(responder.write_message())
    with pytest.raises(MisuseError):
        initiator.write_message()


@pytest.mark.parametrize(
    ("pattern", "psk"),
    [(Pattern.XX, bytes(32)), (Pattern.XXPSK3, None), (Pattern.XXPSK3, bytes(31))],
)
def test_a_psk_goes_with_its_pattern_and_has_32_bytes(pattern: Pattern, psk: bytes | None) -> None:
    with pytest.raises(MisuseError):
        HandshakeState(CBCHMAC(), pattern, initiator=True, prologue=b"", random=bytes, psk=psk)


def test_a_nonce_moves_only_after_success() -> None:
    writer, reader = CipherState(CBCHMAC()), CipherState(CBCHMAC())
    writer.initialize_key(bytes(32))
    reader.initialize_key(bytes(32))
    first = writer.encrypt_with_ad(b"", b"first")
    second = writer.encrypt_with_ad(b"", b"second")
    for wrong in (second, first[:-1], b""):
        with pytest.raises(AuthenticationError):
            reader.decrypt_with_ad(b"", wrong)
        assert reader.n == 0
    assert reader.decrypt_with_ad(b"", first) == b"first"
    assert reader.decrypt_with_ad(b"", second) == b"second"
    assert (writer.n, reader.n) == (2, 2)


def test_the_last_nonce_is_never_used() -> None:
    state = CipherState(CBCHMAC())
    state.initialize_key(bytes(32))
    state.n = MAX_NONCE - 1
    ciphertext = state.encrypt_with_ad(b"", b"last")
    with pytest.raises(MisuseError):
        state.encrypt_with_ad(b"", b"one more")
    with pytest.raises(MisuseError):
        state.decrypt_with_ad(b"", ciphertext)


def test_without_a_key_nothing_is_encrypted() -> None:
    state = CipherState(CBCHMAC())
    assert not state.has_key()
    assert state.sealed_size(5) == 5
    assert state.encrypt_with_ad(b"ad", b"plain") == b"plain"
    assert state.decrypt_with_ad(b"ad", b"plain") == b"plain"
    assert state.n == 0
    with pytest.raises(MisuseError):
        state.export_key()
    state.initialize_key(bytes(32))
    assert state.has_key()
    assert state.export_key() == bytes(32)
