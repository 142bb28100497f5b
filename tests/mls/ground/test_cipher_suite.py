import os

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.cipher_suite import (
    AES_128_GCM,
    CHACHA20_POLY1305,
    HPKECiphertext,
    suite_of,
)

SUITES = pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])


def test_a_suite_by_its_number() -> None:
    assert suite_of(1) is AES_128_GCM
    assert suite_of(3) is CHACHA20_POLY1305
    for number in (0, 2, 0x0A0A):
        with pytest.raises(PeerError):
            suite_of(number)


@SUITES
def test_labels_keep_uses_apart(suite) -> None:
    secret = bytes(32)
    assert suite.derive_secret(secret, "a") != suite.derive_secret(secret, "b")
    assert suite.ref_hash("a", b"") != suite.ref_hash("b", b"")
    assert len(suite.expand_with_label(secret, "a", b"", 12)) == 12


@SUITES
def test_a_signature_is_for_one_label_and_content(suite) -> None:
    key = SigningKey(os.urandom(32))
    verifier = suite.verifier(key.public)
    signature = suite.sign_with_label(key, "label", b"content")
    suite.verify_with_label(verifier, "label", b"content", signature)
    for label, content in (("other", b"content"), ("label", b"other")):
        with pytest.raises(AuthenticationError):
            suite.verify_with_label(verifier, label, content, signature)


def test_what_is_no_key_verifies_nothing() -> None:
    with pytest.raises(AuthenticationError):
        CHACHA20_POLY1305.verifier(b"short")


@SUITES
def test_what_is_sealed_opens_for_one_key_label_and_context(suite) -> None:
    private = suite.generate_key_pair(os.urandom)
    sealed = suite.encrypt_with_label(private.public, "label", b"context", b"text", os.urandom)
    assert suite.decrypt_with_label(private, "label", b"context", sealed) == b"text"
    other = suite.generate_key_pair(os.urandom)
    for key, label, context in (
        (other, "label", b"context"),
        (private, "other", b"context"),
        (private, "label", b"other"),
    ):
        with pytest.raises(AuthenticationError):
            suite.decrypt_with_label(key, label, context, sealed)
    for bad in (HPKECiphertext(b"", sealed.ciphertext), HPKECiphertext(sealed.kem_output, b"")):
        with pytest.raises(AuthenticationError):
            suite.decrypt_with_label(private, "label", b"context", bad)


def test_a_mac_verifies() -> None:
    suite = CHACHA20_POLY1305
    suite.verify_mac(b"key", b"data", suite.mac(b"key", b"data"))
    for mac in (bytes(32), b"", suite.mac(b"key", b"other")):
        with pytest.raises(AuthenticationError):
            suite.verify_mac(b"key", b"data", mac)


PRIME = (1 << 255) - 19


@pytest.mark.parametrize(
    "number",
    [0, 1, PRIME - 1, PRIME, PRIME + 1, 2**255 | 1,
     39382357235489614581723060781553021112529911719440698176882885853963445705823],
)  # fmt: skip
def test_a_public_key_of_small_order_is_refused(number: int) -> None:
    suite, public = CHACHA20_POLY1305, number.to_bytes(32, "little")
    with pytest.raises(PeerError, match="small order"):
        suite.check_public_key(public)
    # The check agrees with what sealing would say.
    with pytest.raises(AuthenticationError):
        suite.encrypt_with_label(public, "label", b"", b"", os.urandom)


def test_a_public_key_of_another_size_is_refused() -> None:
    for size in (0, 31, 33):
        with pytest.raises(PeerError, match="size"):
            CHACHA20_POLY1305.check_public_key(bytes(range(size)))
    CHACHA20_POLY1305.check_public_key(SigningKey(bytes(32)).public)
