"""Cipher suites: the primitives a group uses, and MLS's labelled use of them (RFC 9420 §5.1, §8).

The suite is a value that is handed around; no code branches on which one it is.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geventim.crypto import aead, hpke, kdf
from geventim.crypto.dh import KEY_SIZE, PrivateKey
from geventim.crypto.signature import SigningKey, Verifier
from geventim.errors import AuthenticationError, PeerError
from geventim.wire.presentation import Opaque, Struct, write_opaque

Random = Callable[[int], bytes]
"""A source of so many uniform random bytes, such as :func:`os.urandom`."""

HASH_SIZE: Final = 32
"""Bytes in a hash, a MAC and a secret (KDF.Nh): SHA-256 in every suite here."""

MLS_10: Final = 1
"""The protocol version of RFC 9420."""

_U_MASK: Final = (1 << 255) - 1
_PRIME: Final = (1 << 255) - 19
# The points of order 1, 2, 4 and 8 of Curve25519 and its twist by their u-coordinates. Sealing to
# one of them fails (RFC 7748 §6.1), so a member that had one would keep others from committing.
_SMALL_ORDER: Final = frozenset(
    (
        0,
        1,
        _PRIME - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    )
)


@dataclass(frozen=True, slots=True)
class HPKECiphertext(Struct):
    """A message to the owner of one public key (RFC 9420 §7.6)."""

    kem_output: Opaque
    ciphertext: Opaque


@dataclass(frozen=True, slots=True)
class CipherSuite:
    """One row of the registry in RFC 9420 §17.1, by its ``number``."""

    number: int
    name: str
    hpke: hpke.Suite

    @property
    def aead(self) -> aead.AEAD:
        """The AEAD of messages and of Welcome."""
        return self.hpke.aead

    def hash(self, data: bytes | bytearray) -> bytes:
        """The 32-byte hash of ``data``."""
        return hashlib.sha256(data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """The 32-byte MAC of ``data``."""
        return hmac.digest(key, data, "sha256")

    def verify_mac(self, key: bytes, data: bytes, mac: bytes) -> None:
        """Raise :class:`AuthenticationError` unless ``mac`` is that of ``data``."""
        if not hmac.compare_digest(self.mac(key, data), mac):
            raise AuthenticationError

    def ref_hash(self, label: str, value: bytes) -> bytes:
        """The 32-byte name of ``value`` (RFC 9420 §5.2)."""
        data = bytearray()
        write_opaque(data, label.encode())
        write_opaque(data, value)
        return self.hash(data)

    def extract(self, salt: bytes, key_material: bytes) -> bytes:
        """``KDF.Extract``."""
        return kdf.hkdf_extract(salt, key_material)

    def expand_with_label(self, secret: bytes, label: str, context: bytes, length: int) -> bytes:
        """``length`` bytes from ``secret``, bound to ``label`` and ``context`` (RFC 9420 §8)."""
        info = bytearray(length.to_bytes(2, "big"))
        info += _label(label)
        write_opaque(info, context)
        return kdf.hkdf_expand(secret, bytes(info), length)

    def derive_secret(self, secret: bytes, label: str) -> bytes:
        """A further 32-byte secret (RFC 9420 §8)."""
        return self.expand_with_label(secret, label, b"", HASH_SIZE)

    def derive_tree_secret(self, secret: bytes, label: str, generation: int, length: int) -> bytes:
        """A value of one step of a ratchet (RFC 9420 §9.1)."""
        return self.expand_with_label(secret, label, generation.to_bytes(4, "big"), length)

    def sign_with_label(self, key: SigningKey, label: str, content: bytes) -> bytes:
        """The signature of ``content`` for the use that ``label`` names (RFC 9420 §5.1.2)."""
        return key.sign(_labelled(label, content))

    def verifier(self, public: bytes) -> Verifier:
        """What verifies signatures of ``public``. Raises :class:`AuthenticationError`."""
        return _verifier(public)

    def verify_with_label(
        self, verifier: Verifier, label: str, content: bytes, signature: bytes
    ) -> None:
        """Raise :class:`AuthenticationError` unless the signature is right (RFC 9420 §5.1.2)."""
        verifier.verify(_labelled(label, content), signature)

    def derive_key_pair(self, secret: bytes) -> PrivateKey:
        """The HPKE key pair that ``secret`` stands for."""
        return hpke.derive_key_pair(secret)

    def check_public_key(self, public: bytes) -> None:
        """Raise :class:`PeerError` for an HPKE public key that nothing can be sealed to."""
        if len(public) != KEY_SIZE:
            raise PeerError("a public key of the wrong size")
        if (int.from_bytes(public, "little") & _U_MASK) % _PRIME in _SMALL_ORDER:
            raise PeerError("a public key of small order")

    def generate_key_pair(self, random: Random) -> PrivateKey:
        """A fresh HPKE key pair."""
        return PrivateKey(random(HASH_SIZE))

    def encrypt_with_label(
        self, public: bytes, label: str, context: bytes, plaintext: bytes, random: Random
    ) -> HPKECiphertext:
        """``plaintext`` for the owner of ``public`` (RFC 9420 §5.1.3)."""
        info = _labelled(label, context)
        return HPKECiphertext(*self.hpke.seal_base(public, info, b"", plaintext, random(HASH_SIZE)))

    def decrypt_with_label(
        self, private: PrivateKey, label: str, context: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """The inverse. Raises :class:`AuthenticationError`."""
        info = _labelled(label, context)
        return self.hpke.open_base(sealed.kem_output, private, info, b"", sealed.ciphertext)


# Preparing a key costs more than a verification, and members sign often. Each takes some 10 KB.
_verifier = lru_cache(maxsize=1024)(Verifier)


@lru_cache(maxsize=256)
def _label(label: str) -> bytes:
    """``opaque label<V>`` with the prefix of the protocol version."""
    out = bytearray()
    write_opaque(out, b"MLS 1.0 " + label.encode())
    return bytes(out)


def _labelled(label: str, content: bytes) -> bytes:
    """``SignContent`` and ``EncryptContext``, which look alike (RFC 9420 §5.1.2, §5.1.3)."""
    out = bytearray(_label(label))
    write_opaque(out, content)
    return bytes(out)


AES_128_GCM: Final = CipherSuite(
    1, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", hpke.AES_128_GCM
)
CHACHA20_POLY1305: Final = CipherSuite(
    3, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", hpke.CHACHA20_POLY1305
)

SUITES: Final = {suite.number: suite for suite in (AES_128_GCM, CHACHA20_POLY1305)}
"""The suites of this package, by their number."""


def suite_of(number: int) -> CipherSuite:
    """The suite with that ``number``. Raises :class:`PeerError` for one we do not have."""
    suite = SUITES.get(number)
    if suite is None:
        raise PeerError("a cipher suite that is not supported")
    return suite
