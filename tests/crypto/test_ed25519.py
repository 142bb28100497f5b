import pytest
from Cryptodome.PublicKey.ECC import EccPoint
from Cryptodome.Signature import eddsa
from hypothesis import example, given
from hypothesis import strategies as st

from geventim.crypto import ed25519
from geventim.errors import AuthenticationError

PRIME = 2**255 - 19
EIGHTH = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
BASE = bytes.fromhex("58" + "66" * 31)

scalars = st.integers(0, ed25519.ORDER - 1)


def point(encoded: bytes) -> EccPoint:
    return EccPoint(*ed25519.decode(encoded), "Ed25519")


def encode(point: EccPoint) -> bytes:
    x, y = map(int, point.xy)
    return (y | (x & 1) << 255).to_bytes(32, "little")


def library_decodes(encoded: bytes) -> tuple[int, int] | None:
    try:
        x, y = eddsa.import_public_key(encoded).pointQ.xy
    except ValueError:
        return None
    return int(x), int(y)


@given(st.binary(min_size=32, max_size=32))
@example(bytes(32))
@example(BASE)
@example(b"\x01" + bytes(31))
@example((PRIME - 1).to_bytes(32, "little"))
@example(PRIME.to_bytes(32, "little"))
@example((PRIME + 1).to_bytes(32, "little"))
@example((2**255 - 1).to_bytes(32, "little"))
@example(b"\xff" * 32)
def test_decoding_agrees_with_the_library(encoded):
    expected = library_decodes(encoded)
    if expected is None:
        with pytest.raises(AuthenticationError):
            ed25519.decode(encoded)
    else:
        assert ed25519.decode(encoded) == expected
        assert encode(point(encoded)) == encoded
        assert ed25519.is_encoded(point(encoded), encoded) == (expected != (0, 1))
        assert not ed25519.is_encoded(point(encoded), encoded[:31] + bytes([encoded[31] ^ 128]))
        assert not ed25519.is_encoded(point(encoded), BASE[:-1])


def test_a_coordinate_of_zero():
    assert ed25519.decode(b"\x01" + bytes(31)) == (0, 1)
    for y, sign in [(1, 1), (PRIME - 1, 0), (PRIME - 1, 1), (0, 0), (0, 1)]:
        with pytest.raises(AuthenticationError):
            ed25519.decode((y | sign << 255).to_bytes(32, "little"))
    neutral = point(b"\x01" + bytes(31))
    assert not ed25519.is_encoded(neutral, encode(neutral))


@pytest.mark.parametrize("size", [0, 31, 33, 57, 64])
def test_other_sizes_are_no_points(size):
    with pytest.raises(AuthenticationError):
        ed25519.decode((b"\x01" + bytes(size))[:size])
    with pytest.raises(AuthenticationError):
        ed25519.decode((BASE + bytes(size))[:size])


def test_the_negative_of_a_point_cancels_it():
    total = point(BASE)
    total += ed25519.negative(BASE)
    assert encode(total) == b"\x01" + bytes(31)


@pytest.mark.parametrize("teeth", [1, 2, 4, 8])
@given(seed=scalars, scalar=scalars, base_scalar=scalars)
@example(seed=1, scalar=0, base_scalar=0)
@example(seed=1, scalar=1, base_scalar=ed25519.ORDER - 1)
@example(seed=3, scalar=2**252, base_scalar=2**252)
@example(seed=0, scalar=7, base_scalar=ed25519.ORDER - 1)
def test_products_agree_with_the_library(teeth, seed, scalar, base_scalar):
    start = point(BASE) * seed
    total = ed25519.add_products(ed25519.Comb(start, teeth), scalar, base_scalar)
    assert total == start * scalar + point(BASE) * base_scalar


def test_a_comb_leaves_its_point_alone():
    start = point(BASE)
    comb = ed25519.Comb(start, 4)
    first = encode(ed25519.add_products(comb, 5, 7))
    assert encode(start) == BASE
    assert encode(ed25519.add_products(comb, 5, 7)) == first


def test_small_order_is_known_by_sight():
    total, encodings = point(EIGHTH), set()
    for _ in range(8):
        encodings.add(encode(total))
        total += point(EIGHTH)
    assert encodings < ed25519.SMALL_ORDER
    for other in ed25519.SMALL_ORDER - encodings:
        with pytest.raises(AuthenticationError):
            ed25519.decode(other)


def test_small_order():
    total, shifted = point(EIGHTH), point(BASE)
    for _ in range(8):
        assert ed25519.has_small_order(EccPoint(0, 1, "Ed25519").set(total))
        assert not ed25519.has_small_order(EccPoint(0, 1, "Ed25519").set(shifted))
        total += point(EIGHTH)
        shifted += point(EIGHTH)
    assert total == point(EIGHTH)
