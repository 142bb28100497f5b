import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.aead import AESGCM, NONCE_SIZE, TAG_SIZE, ChaCha20Poly1305
from geventim.errors import AuthenticationError, MisuseError

ALGORITHMS = [AESGCM(16), AESGCM(32), ChaCha20Poly1305()]
NONCE = bytes(range(NONCE_SIZE))

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)

# McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
GCM_PLAINTEXT = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
)
GCM_KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308")
GCM_NONCE = bytes.fromhex("cafebabefacedbaddecaf888")
GCM_ASSOCIATED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            GCM_KEY,
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
            "5bc94fbc3221a5db94fae95ae7121a47",
        ),
        (
            2 * GCM_KEY,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ),
    ],
    ids=["case 4", "case 16"],
)
def test_published_gcm(key, expected):
    algorithm = AESGCM(len(key))
    sealed = algorithm.seal(key, GCM_NONCE, GCM_PLAINTEXT, GCM_ASSOCIATED)
    assert sealed.hex() == expected
    assert algorithm.open(key, GCM_NONCE, sealed, GCM_ASSOCIATED) == GCM_PLAINTEXT


def test_published_chacha20_poly1305():
    # RFC 8439 §2.8.2.
    key, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
    associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    plaintext = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        b"future, sunscreen would be it."
    )
    sealed = ChaCha20Poly1305().seal(key, nonce, plaintext, associated)
    assert sealed.hex() == (
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b6116"
        "1ae10b594f09e26a7e902ecbd0600691"
    )
    assert ChaCha20Poly1305().open(key, nonce, sealed, associated) == plaintext


@every_algorithm
@given(plaintext=st.binary(max_size=100), associated=st.binary(max_size=40))
def test_opening_undoes_sealing(algorithm, plaintext, associated):
    key = bytes(algorithm.key_size)
    sealed = algorithm.seal(key, NONCE, plaintext, associated)
    assert len(sealed) == len(plaintext) + TAG_SIZE
    assert algorithm.open(key, NONCE, sealed, associated) == plaintext


@every_algorithm
def test_anything_altered_is_refused(algorithm):
    key, associated = bytes(range(algorithm.key_size)), b"associated"
    sealed = algorithm.seal(key, NONCE, b"plaintext", associated)

    def refuses(*, key=key, nonce=NONCE, sealed=sealed, associated=associated):
        with pytest.raises(AuthenticationError):
            algorithm.open(key, nonce, sealed, associated)

    for position in range(len(sealed)):
        refuses(sealed=flip(sealed, position))
    for size in range(len(sealed)):
        refuses(sealed=sealed[:size])
        refuses(sealed=sealed[len(sealed) - size :])
    refuses(sealed=sealed + b"\0")
    refuses(sealed=b"\0" + sealed)
    refuses(associated=b"")
    refuses(associated=associated + b"\0")
    refuses(nonce=flip(NONCE, 0))
    refuses(nonce=flip(NONCE, 11))
    refuses(key=flip(key, 0))
    refuses(key=flip(key, -1))


@every_algorithm
def test_other_sizes_of_keys_and_nonces_are_misuse(algorithm):
    for key_size in {0, 15, 16, 24, 31, 32, 33} - {algorithm.key_size}:
        with pytest.raises(MisuseError):
            algorithm.seal(bytes(key_size), NONCE, b"", b"")
        with pytest.raises(MisuseError):
            algorithm.open(bytes(key_size), NONCE, bytes(TAG_SIZE), b"")
    for nonce_size in (0, 8, 11, 13, 16, 24):
        with pytest.raises(MisuseError):
            algorithm.seal(bytes(algorithm.key_size), bytes(nonce_size), b"", b"")
        with pytest.raises(MisuseError):
            algorithm.open(bytes(algorithm.key_size), bytes(nonce_size), bytes(TAG_SIZE), b"")


def flip(data: bytes, position: int) -> bytes:
    altered = bytearray(data)
    altered[position] ^= 1
    return bytes(altered)
