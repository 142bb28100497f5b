"""AES-256 in CBC mode (SP 800-38A), as the library makes it behind its front door.

Its front door is for all ciphers and all modes, and takes as long as the key schedule. Nothing here
pads or authenticates.
"""

from Cryptodome.Cipher import AES
from Cryptodome.Cipher._mode_cbc import CbcMode


def cbc(key: bytes, iv: bytes) -> CbcMode:
    """An object that encrypts, or decrypts, whole blocks under the 32-byte ``key``."""
    # The library's stubs do not name what is behind its front door.
    block_cipher = AES._create_base_cipher({"key": key})  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return CbcMode(block_cipher, iv)
