"""Arithmetic on the curve of Ed25519 (RFC 8032 §5.1), for verifying signatures quickly.

Nothing secret may come here: the time that these functions take depends on their arguments. The
library's own multiplication hides a secret scalar at the price of an addition for every doubling,
and starts anew for every product; here each point has a table of sums, and two products share
their doublings. Only the library's public point operations are used.
"""

from collections.abc import Iterator
from copy import copy
from functools import cache
from itertools import islice
from typing import Final

from Cryptodome.Math.Numbers import Integer
from Cryptodome.PublicKey.ECC import EccPoint

from geventim.errors import AuthenticationError

ENCODED_SIZE: Final = 32
"""Bytes in an encoded point, and in an encoded scalar."""

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""The order of the base point, L in RFC 8032."""

_PRIME: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _PRIME) % _PRIME
_ROOT_OF_MINUS_ONE: Final = pow(2, (_PRIME - 1) // 4, _PRIME)
_NEUTRAL: Final = 1
_SCALAR_BITS: Final = 256


def decode(encoded: bytes) -> tuple[int, int]:
    """The affine x and y that ``encoded`` stands for (RFC 8032 §5.1.3).

    Raises :class:`AuthenticationError` for anything but the one encoding of a point on the curve,
    and for the three points of order 2 and 4, which the library does not count among those. They
    are the points with a coordinate of zero, but for the neutral one.
    """
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if len(encoded) != ENCODED_SIZE or y >= _PRIME:
        raise AuthenticationError
    u, v = (y * y - 1) % _PRIME, (_D * y * y + 1) % _PRIME
    # In the library's arithmetic this takes half the time that it takes in Python's.
    root = int(pow(Integer(u * v**7 % _PRIME), (_PRIME - 5) // 8, _PRIME))
    x = u * v**3 * root % _PRIME
    if v * x * x % _PRIME != u:
        x = x * _ROOT_OF_MINUS_ONE % _PRIME
    if v * x * x % _PRIME != u or (x * y == 0 and number != _NEUTRAL):
        raise AuthenticationError
    return (_PRIME - x if x & 1 != sign else x), y


def is_encoded(point: EccPoint, encoded: bytes) -> bool:
    """Whether ``encoded`` is the encoding of ``point`` (RFC 8032 §5.1.2).

    Always false for points with a coordinate of zero, which :func:`decode` has to judge.
    """
    x, y = map(int, point.xy)
    return x * y != 0 and encoded == (y | (x & 1) << 255).to_bytes(ENCODED_SIZE, "little")


SMALL_ORDER: Final = frozenset(
    bytes.fromhex(y) + bytes([last | sign])
    for y, last in (
        ("01" + 30 * "00", 0x00),
        ("ec" + 30 * "ff", 0x7F),
        (31 * "00", 0x00),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc", 0x05),
        ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03", 0x7A),
    )
    for sign in (0x00, 0x80)
)
"""The encodings of the points whose order divides 8, and what would be one with another sign.

As a key, each has signatures that anybody can make.
"""


def negative(encoded: bytes) -> EccPoint:
    """The point opposite to the ``encoded`` one. Raises :class:`AuthenticationError`."""
    x, y = decode(encoded)
    return _point(-x % _PRIME, y)


class Comb:
    """Sums of multiples of one point, from which any other multiple is soon computed.

    The bits of a scalar are written into as many rows as the comb has ``teeth``; each of the
    ``width`` columns then picks one of 2^teeth prepared sums (Lim and Lee, CRYPTO '94). ``teeth``
    is a power of two.
    """

    __slots__ = ("_sums", "width")

    def __init__(self, point: EccPoint, teeth: int) -> None:
        self.width = _SCALAR_BITS // teeth
        power = _sum(point)
        sums: dict[tuple[str, ...], EccPoint] = {(): _sum()}
        # The row of the lowest bits, which is the last one of each column, comes first here.
        for row in range(teeth):
            for _ in range(self.width if row else 0):
                power.double()
            without = {("0", *bits): chosen for bits, chosen in sums.items()}
            sums = without | {("1", *bits): _sum(power, chosen) for bits, chosen in sums.items()}
        self._sums = sums

    def columns(self, scalar: int) -> Iterator[EccPoint]:
        """The sums to add up, with a doubling before each, to get ``scalar`` times the point."""
        bits = format(scalar, f"0{_SCALAR_BITS}b")
        rows = (bits[start : start + self.width] for start in range(0, _SCALAR_BITS, self.width))
        return map(self._sums.__getitem__, zip(*rows, strict=True))


@cache
def base_comb() -> Comb:
    """The comb of the base point."""
    x, y = decode((4 * pow(5, -1, _PRIME) % _PRIME).to_bytes(ENCODED_SIZE, "little"))
    return Comb(_point(x, y), teeth=8)


def add_products(wide: Comb, scalar: int, base_scalar: int) -> EccPoint:
    """The point of ``wide`` times ``scalar`` plus the base point times ``base_scalar``.

    Both scalars are below 2^256; ``wide`` has no more teeth than :func:`base_comb`.
    """
    base = base_comb()
    terms = wide.columns(scalar)
    total = _sum()
    for term in islice(terms, wide.width - base.width):
        total.double()
        total += term
    for term, base_term in zip(terms, base.columns(base_scalar), strict=True):
        total.double()
        total += term
        total += base_term
    return total


def has_small_order(point: EccPoint) -> bool:
    """Whether eight times ``point`` is the neutral element. Changes ``point``."""
    for _ in range(3):
        point.double()
    return point == _sum()


def _point(x: int, y: int) -> EccPoint:
    return EccPoint(x, y, "Ed25519")


def _sum(*points: EccPoint) -> EccPoint:
    """A point of its own, which later additions and doublings may change."""
    # Making a point from coordinates takes as long as many additions, cloning one does not.
    total = copy(_ZERO).set(_ZERO)
    for point in points:
        total += point
    return total


_ZERO: Final = _point(0, 1)
