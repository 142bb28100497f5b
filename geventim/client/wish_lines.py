"""Wishes as lines: how long one may be, and what the line of one that was made would be."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from geventim.client.wishes import AnyWish, BadWishError, Wish, decode

WISH_SIZE: Final = 1024 * 1024
"""Bytes of a wish as a line, without its end."""

_NO_JSON: Final = (bytes, bytearray, date, datetime, time, timedelta, Decimal, UUID)
"""What would be text as JSON, though it is none."""


def check(wish: Wish) -> AnyWish:
    """``wish`` as it is on the other side of a socket: its fields may not be what they should be.

    Raises :class:`BadWishError`, as :func:`.decode` does for the same as a line.
    """
    try:
        fields = msgspec.to_builtins(wish, builtin_types=_NO_JSON)
        line = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadWishError(None, "bad_wish", case="invalid", why=str(error)) from None
    if len(line.encode(errors="surrogatepass")) > WISH_SIZE:
        raise too_large()
    return decode(line)


def too_large() -> BadWishError:
    """What is said of a line that is longer than a wish may be."""
    return BadWishError(None, "too_large", case="wish", size=WISH_SIZE)
