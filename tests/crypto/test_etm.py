import os

import pytest
from Cryptodome.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto import etm
from geventim.errors import AuthenticationError, MisuseError

KEY = etm.A256CBC_HS256.key(bytes(range(64)))
IV = bytes(range(100, 116))

# RFC 7518 appendix B.1 to B.3; text, IV and associated data are the same in all.
RFC_PLAINTEXT = (
    b"A cipher system must not be required to be secret, and it must be able to fall into the hands"
    b" of the enemy without inconvenience"
)
RFC_IV = bytes.fromhex("1af38c2dc2b96ffdd86694092341bc04")
RFC_ASSOCIATED = b"The second principle of Auguste Kerckhoffs"
PUBLISHED = {
    "B.1": (
        etm.Suite("sha256", 16, 16, 16),
        "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9"
        "a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336"
        "09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b"
        "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5"
        "4b8851ffb598f7f80074b9473c82e2db",
        "652c3fa36b0a7c5b3219fab3a30bc1c4",
    ),
    "B.2": (
        etm.Suite("sha384", 24, 24, 24),
        "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb"
        "000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d174621"
        "4bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21"
        "05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927"
        "f280adc91ac0c4e79c7b11efc60054e3",
        "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
    ),
    "B.3": (
        etm.Suite("sha512", 32, 32, 32),
        "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd"
        "822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b"
        "36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3"
        "a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b"
        "be2638d09dd7a4930930806d0703b1f6",
        "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
    ),
}

plaintexts = st.binary(max_size=100)


def authenticated(padded: bytes) -> bytes:
    """A body that is not what sealing makes, with the tag that belongs to it."""
    body = IV + AES.new(KEY.encryption, AES.MODE_CBC, IV).encrypt(padded)
    return body + KEY.tag(KEY.authenticator(), b"", body)


def flip(data: bytes, position: int) -> bytes:
    altered = bytearray(data)
    altered[position] ^= 1
    return bytes(altered)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_case(name):
    suite, ciphertext, tag = PUBLISHED[name]
    key = suite.key(bytes(range(suite.mac_key_size + suite.encryption_key_size)))
    sealed = etm.seal(key, RFC_IV, RFC_PLAINTEXT, RFC_ASSOCIATED)
    assert sealed.hex() == RFC_IV.hex() + ciphertext + tag
    assert etm.open_sealed(key, sealed, RFC_ASSOCIATED) == RFC_PLAINTEXT
    assert etm.Opener(key).open(sealed, RFC_ASSOCIATED) == RFC_PLAINTEXT


@given(st.binary(min_size=16, max_size=16), plaintexts, st.binary(max_size=40))
def test_opening_undoes_sealing(iv, plaintext, associated):
    sealed = etm.seal(KEY, iv, plaintext, associated)
    assert sealed.startswith(iv)
    assert len(sealed) == 16 + (len(plaintext) // 16 + 1) * 16 + 32
    assert etm.open_sealed(KEY, sealed, associated) == plaintext


@given(st.lists(st.tuples(plaintexts, st.binary(max_size=20)), max_size=6), st.randoms())
def test_sealer_and_opener_agree_with_the_functions(messages, random):
    sealer, opener = etm.Sealer(KEY), etm.Opener(KEY)
    sealed = []
    for plaintext, associated in messages:
        record = sealer.seal(random.randbytes(16), plaintext, associated)
        assert record == etm.seal(KEY, record[:16], plaintext, associated)
        assert etm.open_sealed(KEY, record, associated) == plaintext
        sealed.append((record, plaintext, associated))
    random.shuffle(sealed)
    for record, plaintext, associated in sealed:
        assert opener.open(record, associated) == plaintext


PIECE = 32 * 1024


@pytest.mark.parametrize(
    "size", [PIECE - 1, PIECE, PIECE + 1, PIECE + 15, 2 * PIECE, 3 * PIECE - 16, 8 * PIECE + 7]
)
def test_what_is_large_is_sealed_and_opened_as_what_is_small(size):
    plaintext, sealer, opener = os.urandom(size), etm.Sealer(KEY), etm.Opener(KEY)
    for _ in range(2):
        sealed = sealer.seal(os.urandom(16), plaintext, b"there")
        assert sealed == etm.seal(KEY, sealed[:16], plaintext, b"there")
        assert opener.open(sealed, b"there") == plaintext
        with pytest.raises(AuthenticationError):
            opener.open(flip(sealed, size), b"there")


def test_a_sealer_never_repeats_an_iv():
    sealer = etm.Sealer(KEY)
    assert len({sealer.seal(bytes(16), b"the same", b"") for _ in range(100)}) == 100
    assert sealer.seal(IV, b"", b"")[:16] != IV


def test_anything_altered_is_refused_and_changes_nothing():
    opener = etm.Opener(KEY)
    sealed = etm.seal(KEY, IV, b"twenty bytes of text", b"associated")
    longer = etm.seal(KEY, IV, b"twenty bytes of text" * 2, b"associated")

    def refuses(sealed, associated=b"associated"):
        with pytest.raises(AuthenticationError):
            opener.open(sealed, associated)
        with pytest.raises(AuthenticationError):
            etm.open_sealed(KEY, sealed, associated)

    for position in range(len(sealed)):
        refuses(flip(sealed, position))
    for size in range(len(sealed)):
        refuses(sealed[:size])
        refuses(sealed[len(sealed) - size :])
    for more in (1, 16, 32, 48):
        refuses(sealed + bytes(more))
        refuses(bytes(more) + sealed)
    refuses(sealed[:48] + longer[48:])
    refuses(sealed, b"")
    refuses(sealed, b"associateD")
    refuses(sealed[16:], b"associated" + sealed[:16])
    assert opener.open(sealed, b"associated") == b"twenty bytes of text"
    assert opener.open(longer, b"associated") == b"twenty bytes of text" * 2


def test_where_associated_data_ends_is_authenticated():
    # Without their length, the same bytes would be under the tag in both cases.
    sealed = etm.seal(KEY, IV, b"text", b"")
    with pytest.raises(AuthenticationError):
        etm.open_sealed(KEY, sealed[16:], sealed[:16])
    mac = KEY.authenticator()
    assert KEY.tag(mac, b"ab", b"c") != KEY.tag(mac, b"a", b"bc")


@pytest.mark.parametrize("half", ["encryption", "mac"])
def test_each_half_of_the_key_matters(half):
    material = bytearray(range(64))
    material[0 if half == "mac" else 32] ^= 1
    other = etm.A256CBC_HS256.key(bytes(material))
    assert getattr(other, half) != getattr(KEY, half)
    assert etm.seal(other, IV, b"text", b"") != etm.seal(KEY, IV, b"text", b"")


@pytest.mark.parametrize(
    "padded",
    [
        bytes(16),
        b"x" * 15 + b"\x11",
        b"x" * 15 + b"\xff",
        b"x" * 14 + b"\x03\x02",
        b"x" * 13 + b"\x02\x03\x03",
        b"x" * 16 + b"\x0f" + b"\x10" * 15,
        b"\x11" * 32,
    ],
)
def test_bad_padding_is_refused_even_with_a_right_tag(padded):
    with pytest.raises(AuthenticationError):
        etm.open_sealed(KEY, authenticated(padded), b"")
    opener = etm.Opener(KEY)
    with pytest.raises(AuthenticationError):
        opener.open(authenticated(padded), b"")
    assert opener.open(etm.seal(KEY, IV, b"next", b""), b"") == b"next"


def test_good_padding_that_sealing_would_make_is_accepted():
    assert etm.open_sealed(KEY, authenticated(b"x" * 15 + b"\x01"), b"") == b"x" * 15
    assert etm.open_sealed(KEY, authenticated(b"\x10" * 16), b"") == b""


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_body_without_ciphertext_is_refused_even_with_a_right_tag(blocks):
    body = IV * blocks
    with pytest.raises(AuthenticationError):
        etm.open_sealed(KEY, body + KEY.tag(KEY.authenticator(), b"", body), b"")


def test_a_broken_block_is_refused_even_with_a_right_tag():
    body = IV * 2 + b"x"
    with pytest.raises(AuthenticationError):
        etm.open_sealed(KEY, body + KEY.tag(KEY.authenticator(), b"", body), b"")


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_any_bytes_are_refused(sealed, associated):
    with pytest.raises(AuthenticationError):
        etm.open_sealed(KEY, sealed, associated)


@given(plaintexts)
def test_unpadding_undoes_padding(plaintext):
    padded = etm.pad(plaintext)
    assert len(padded) % 16 == 0
    assert 1 <= len(padded) - len(plaintext) <= 16
    assert etm.unpad(padded) == plaintext


def test_wrong_sizes_are_misuse():
    for size in (0, 32, 63, 65):
        with pytest.raises(MisuseError):
            etm.A256CBC_HS256.key(bytes(size))
    for size in (0, 8, 15, 17, 32):
        with pytest.raises(MisuseError):
            etm.seal(KEY, bytes(size), b"", b"")
        with pytest.raises(MisuseError):
            etm.Sealer(KEY).seal(bytes(size), b"", b"")


def test_nothing_secret_is_shown():
    key = etm.A256CBC_HS256.key(os.urandom(64))
    for shown in (key, etm.Sealer(key), etm.Opener(key)):
        for secret in (key.encryption, key.mac):
            assert repr(secret)[2:-1] not in repr(shown)
            assert secret.hex() not in repr(shown)
