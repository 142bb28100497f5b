"""Key text: keys as characters that people can read out, type and compare.

Lower-case base32 (RFC 4648 §6) without padding: 128 bits make 26 characters, 256 bits make 52.
Reading ignores case, white space and hyphens.
"""

import base64
import secrets

from geventim.errors import UserError

GROUP = 4
"""Characters in a group of shown key text."""


def encode_key(key: bytes) -> str:
    """Key text of ``key``, without grouping."""
    return base64.b32encode(key).decode("ascii").rstrip("=").lower()


def decode_key(text: str, size: int) -> bytes:
    """The ``size`` bytes that ``text`` stands for, grouped or not.

    Raises :class:`UserError` when the text is not the key text of so many bytes.
    """
    compact = _compact(text)
    try:
        # ASCII first, for some other characters have a base32 digit as their upper or lower case.
        key = base64.b32decode(compact.encode("ascii").upper() + b"=" * (-len(compact) % 8))
    except ValueError:
        key = b""
    # Base32 can spell one key in several ways when spare bits are set; only one of them counts.
    if len(key) != size or encode_key(key) != compact.lower():
        expected = len(encode_key(bytes(size)))
        raise UserError(
            "bad_key",
            "That is not a key.",
            f"A key has {expected} characters, letters and the digits 2 to 7.",
        )
    return key


def generate_key() -> str:
    """Key text of 128 random bits: 26 characters."""
    return encode_key(secrets.token_bytes(16))


def format_key(text: str) -> str:
    """Key text in groups of four, every character kept; the last group may be shorter."""
    compact = _compact(text)
    return " ".join(compact[start : start + GROUP] for start in range(0, len(compact), GROUP))


def _compact(text: str) -> str:
    return "".join(text.split()).replace("-", "")
