import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto import hpke
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError
from tests.crypto.published import each_case, numbered

SUITES = [hpke.AES_128_GCM, hpke.CHACHA20_POLY1305]

both_suites = pytest.mark.parametrize("suite", SUITES, ids=["aes", "chacha"])

# A u-coordinate of order 8 on Curve25519 (RFC 7748 §6.1 asks for its rejection).
SMALL_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


@pytest.fixture
def owner() -> PrivateKey:
    return hpke.derive_key_pair(bytes(range(32)))


@pytest.mark.vectors
@each_case("hpke", "*.json", numbered)
def test_published_case(case):
    (suite,) = (suite for suite in SUITES if suite.aead_id == case["aead_id"])
    assert (case["mode"], case["kem_id"], case["kdf_id"]) == (0, suite.KEM_ID, suite.KDF_ID)
    text = {name: bytes.fromhex(value) for name, value in case.items() if isinstance(value, str)}

    private = hpke.derive_key_pair(text["ikmR"])
    assert private.secret == text["skRm"]
    assert private.public == text["pkRm"]
    assert hpke.derive_key_pair(text["ikmE"]).secret == text["skEm"]

    kem_output, sender = suite.setup_base_sender(private.public, text["info"], text["ikmE"])
    receiver = suite.setup_base_receiver(kem_output, private, text["info"])
    assert kem_output == text["enc"] == text["pkEm"]

    published = {
        message["sequence_number"]: [bytes.fromhex(message[name]) for name in ("aad", "pt", "ct")]
        for message in case["enc_vecs"]
    }
    for sequence in range(max(published) + 1):
        associated, plaintext, expected = published.get(sequence, (b"", b"between", None))
        ciphertext = sender.seal(associated, plaintext)
        assert expected in (None, ciphertext)
        assert receiver.open(associated, ciphertext) == plaintext

    for export in case["exports"]:
        for context in (sender, receiver):
            exported = context.export(bytes.fromhex(export["exporter_context"]), export["L"])
            assert exported == bytes.fromhex(export["exported_value"])


@given(st.sampled_from(SUITES), st.binary(min_size=32, max_size=40), st.binary(), st.binary())
def test_opening_undoes_sealing(suite, seed, info, plaintext):
    private = hpke.derive_key_pair(seed)
    associated = info[::-1]
    kem_output, sealed = suite.seal_base(
        private.public, info, associated, plaintext, os.urandom(32)
    )
    assert len(kem_output) == hpke.KEM_OUTPUT_SIZE
    assert len(sealed) == len(plaintext) + 16
    assert suite.open_base(kem_output, private, info, associated, sealed) == plaintext


@both_suites
def test_everything_is_bound(suite, owner):
    kem_output, sealed = suite.seal_base(owner.public, b"info", b"data", b"text", os.urandom(32))
    other = hpke.derive_key_pair(os.urandom(32))
    other_output, _ = suite.setup_base_sender(owner.public, b"info", os.urandom(32))
    for attempt in (
        (other_output, owner, b"info", b"data", sealed),
        (kem_output, other, b"info", b"data", sealed),
        (kem_output, PrivateKey(owner.secret, other.public), b"info", b"data", sealed),
        (kem_output, owner, b"inf0", b"data", sealed),
        (kem_output, owner, b"info", b"dat4", sealed),
        (kem_output, owner, b"info", b"data", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (kem_output, owner, b"info", b"data", sealed[:15]),
        (kem_output, owner, b"info", b"data", b""),
        (kem_output[:-1], owner, b"info", b"data", sealed),
        (kem_output + b"\0", owner, b"info", b"data", sealed),
        (SMALL_ORDER, owner, b"info", b"data", sealed),
    ):
        with pytest.raises(AuthenticationError):
            suite.open_base(*attempt)


def test_suites_do_not_understand_each_other(owner):
    kem_output, aes = hpke.AES_128_GCM.setup_base_sender(owner.public, b"", bytes(32))
    chacha = hpke.CHACHA20_POLY1305.setup_base_receiver(kem_output, owner, b"")
    assert aes.export(b"", 32) != chacha.export(b"", 32)


@both_suites
def test_a_context_goes_on_after_a_refused_message(suite, owner):
    kem_output, sender = suite.setup_base_sender(owner.public, b"", os.urandom(32))
    receiver = suite.setup_base_receiver(kem_output, owner, b"")
    first, second = sender.seal(b"", b"same"), sender.seal(b"", b"same")
    assert first != second
    with pytest.raises(AuthenticationError):
        receiver.open(b"", second)
    assert receiver.open(b"", first) == b"same"
    with pytest.raises(AuthenticationError):
        receiver.open(b"", first)
    assert receiver.open(b"", second) == b"same"


@both_suites
def test_used_up_nonces_end_a_context(suite, owner):
    kem_output, sender = suite.setup_base_sender(owner.public, b"", os.urandom(32))
    receiver = suite.setup_base_receiver(kem_output, owner, b"")
    sender._sequence = receiver._sequence = 2**96 - 2
    last = sender.seal(b"", b"the last")
    assert receiver.open(b"", last) == b"the last"
    with pytest.raises(MisuseError):
        sender.seal(b"", b"one too many")
    with pytest.raises(MisuseError):
        receiver.open(b"", last)


@both_suites
def test_exports_depend_on_context_and_length(suite, owner):
    _, context = suite.setup_base_sender(owner.public, b"", bytes(32))
    exports = {context.export(label, size)[:16] for label in (b"", b"a") for size in (16, 32, 8160)}
    assert len(exports) == 6
    for length in (8161, 65536, -1):
        with pytest.raises(MisuseError):
            context.export(b"", length)


def test_a_key_of_small_order_gets_nothing():
    with pytest.raises(AuthenticationError):
        hpke.AES_128_GCM.setup_base_sender(SMALL_ORDER, b"", bytes(32))


def test_too_little_randomness_is_refused(owner):
    with pytest.raises(MisuseError):
        hpke.derive_key_pair(bytes(31))
    with pytest.raises(MisuseError):
        hpke.CHACHA20_POLY1305.setup_base_sender(owner.public, b"", b"")


@both_suites
def test_nothing_secret_is_shown(suite, owner):
    kem_output, sender = suite.setup_base_sender(owner.public, b"", bytes(32))
    receiver = suite.setup_base_receiver(kem_output, owner, b"")
    for context in (sender, receiver):
        for secret in (context._key, context._base_nonce, context._exporter_secret):
            assert str(secret)[2:-1] not in repr(context)
            assert secret.hex() not in repr(context)
