"""AES-256 in CBC mode (SP 800-38A) with PKCS#7 padding, and nothing that authenticates.

For protocols that verify a tag of their own over IV and ciphertext before they decrypt; everything
else uses ``etm``.
"""

from geventim.crypto.aes import cbc
from geventim.crypto.etm import BLOCK, pad, unpad
from geventim.errors import MisuseError


class Encryptor:
    """Encrypts many messages under the 32-byte ``key``.

    One CBC object serves all of them, as in :class:`geventim.crypto.etm.Sealer`: each message
    starts by encrypting a random block, and what comes out of that is its IV.
    """

    __slots__ = ("_cbc",)

    def __init__(self, key: bytes) -> None:
        self._cbc = cbc(key, bytes(BLOCK))

    def encrypt(self, random_block: bytes, plaintext: bytes) -> bytes:
        """``iv ‖ ciphertext``; ``random_block`` is 16 fresh random bytes."""
        if len(random_block) != BLOCK:
            raise MisuseError("an IV is made from 16 random bytes")
        return self._cbc.encrypt(random_block + pad(plaintext))


class Decryptor:
    """Decrypts many messages under the 32-byte ``key``, in any order."""

    __slots__ = ("_cbc",)

    def __init__(self, key: bytes) -> None:
        self._cbc = cbc(key, bytes(BLOCK))

    def decrypt(self, body: bytes) -> bytes:
        """The plaintext of ``body`` (IV and ciphertext, whole blocks of both), once that verified.

        Raises :class:`AuthenticationError` where the padding is none.
        """
        # The IV goes through too, which puts CBC into the right state; its own plaintext is noise.
        return unpad(self._cbc.decrypt(body)[BLOCK:])
