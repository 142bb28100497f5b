"""The cipher of this project's handshake: AES-256-CBC with HMAC-SHA256, encrypt-then-MAC.

Noise encrypts under a 32-byte key ``k`` and a message number ``n`` that never repeats under it.
One HKDF expansion of ``k``, bound to ``n``, gives keys and IV; since the pair is used once, so is
everything drawn from it. The IV comes from a pseudorandom function of the nonce, hence nobody
could predict it (SP 800-38A appendix C), and the reader derives it too, so it is not sent.
"""

from typing import Final

from geventim.crypto import etm
from geventim.crypto.kdf import hkdf_expand

LABEL: Final = b"geventim v1 handshake"
"""Starts the HKDF info; ``n`` follows as 64-bit big-endian integer."""

_KEY_SIZE: Final = etm.A256CBC_HS256.mac_key_size + etm.A256CBC_HS256.encryption_key_size


class CBCHMAC:
    """``Noise_XX_25519_CBCHMAC_SHA256`` and ``Noise_XXpsk3_25519_CBCHMAC_SHA256`` use this."""

    __slots__ = ()

    name: Final = "CBCHMAC"

    def sealed_size(self, size: int) -> int:
        """Whole blocks of padded plaintext, and the 32-byte tag."""
        return size + etm.BLOCK - size % etm.BLOCK + etm.A256CBC_HS256.tag_size

    def encrypt(self, k: bytes, n: int, ad: bytes, plaintext: bytes) -> bytes:
        """``ciphertext ‖ tag``; the tag also covers ``ad`` and the IV."""
        key, iv = self._derive(k, n)
        return etm.seal(key, iv, plaintext, ad)[etm.BLOCK :]

    def decrypt(self, k: bytes, n: int, ad: bytes, ciphertext: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`."""
        key, iv = self._derive(k, n)
        return etm.open_sealed(key, iv + ciphertext, ad)

    @staticmethod
    def _derive(k: bytes, n: int) -> tuple[etm.Key, bytes]:
        material = hkdf_expand(k, LABEL + n.to_bytes(8, "big"), _KEY_SIZE + etm.BLOCK)
        return etm.A256CBC_HS256.key(material[:_KEY_SIZE]), material[_KEY_SIZE:]
