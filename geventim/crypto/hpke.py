"""Hybrid public-key encryption (RFC 9180) in base mode, with DHKEM(X25519) and HKDF-SHA256.

Whoever knows a public key sets up a context with its owner by sending one *KEM output* of 32
bytes. The sender's context seals messages in order, the receiver's opens them in that order, and
both can export secrets from it.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from geventim.crypto.aead import AEAD, AESGCM, NONCE_SIZE, ChaCha20Poly1305
from geventim.crypto.dh import KEY_SIZE, PrivateKey
from geventim.crypto.kdf import HASH_SIZE, LONGEST, hkdf_expand, hkdf_extract
from geventim.errors import MisuseError

KEM_OUTPUT_SIZE: Final = KEY_SIZE
"""Bytes in a KEM output: the sender's ephemeral public key."""

_BASE_MODE: Final = b"\x00"
_LAST_SEQUENCE: Final = (1 << 8 * NONCE_SIZE) - 1


@dataclass(frozen=True, slots=True)
class _LabeledKDF:
    """HKDF whose every use is bound to a label and to what it derives for (RFC 9180 §4)."""

    scope: bytes

    def extract(self, salt: bytes, label: bytes, key_material: bytes) -> bytes:
        return hkdf_extract(salt, b"HPKE-v1" + self.scope + label + key_material)

    def expand(self, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
        prefix = length.to_bytes(2, "big") + b"HPKE-v1"
        return hkdf_expand(key, prefix + self.scope + label + info, length)


_KEM: Final = _LabeledKDF(b"KEM\x00\x20")


class _Context:
    """What sender and receiver share; the nonces of a context count up (RFC 9180 §5.2)."""

    __slots__ = ("_aead", "_base_nonce", "_exporter_secret", "_kdf", "_key", "_sequence")

    def __init__(self, suite: "Suite", shared_secret: bytes, info: bytes) -> None:
        kdf = suite.kdf
        # Base mode has neither a pre-shared key nor a name for one (RFC 9180 §5.1).
        psk_id_hash = kdf.extract(b"", b"psk_id_hash", b"")
        bound = _BASE_MODE + psk_id_hash + kdf.extract(b"", b"info_hash", info)
        secret = kdf.extract(shared_secret, b"secret", b"")
        self._kdf = kdf
        self._aead = suite.aead
        self._key = kdf.expand(secret, b"key", bound, suite.aead.key_size)
        self._base_nonce = kdf.expand(secret, b"base_nonce", bound, NONCE_SIZE)
        self._exporter_secret = kdf.expand(secret, b"exp", bound, HASH_SIZE)
        self._sequence = 0

    def export(self, exporter_context: bytes, length: int) -> bytes:
        """A secret of ``length`` bytes that the other side can export too (RFC 9180 §5.3).

        Raises :class:`MisuseError` above 8,160 bytes.
        """
        if not 0 <= length <= LONGEST:
            raise MisuseError("an export has at most 8,160 bytes")
        return self._kdf.expand(self._exporter_secret, b"sec", exporter_context, length)

    def _nonce(self) -> bytes:
        if self._sequence == _LAST_SEQUENCE:
            raise MisuseError("the nonces of this context are used up")
        mask = int.from_bytes(self._base_nonce, "big") ^ self._sequence
        return mask.to_bytes(NONCE_SIZE, "big")


class SenderContext(_Context):
    """Seals; made by :meth:`Suite.setup_base_sender`."""

    __slots__ = ()

    def seal(self, associated: bytes, plaintext: bytes) -> bytes:
        """The next message: ``ciphertext ‖ tag``, 16 bytes longer than ``plaintext``."""
        sealed = self._aead.seal(self._key, self._nonce(), plaintext, associated)
        self._sequence += 1
        return sealed


class ReceiverContext(_Context):
    """Opens; made by :meth:`Suite.setup_base_receiver`."""

    __slots__ = ()

    def open(self, associated: bytes, ciphertext: bytes) -> bytes:
        """The next message's plaintext.

        Raises :class:`AuthenticationError`, and then the context still waits for that message.
        """
        plaintext = self._aead.open(self._key, self._nonce(), ciphertext, associated)
        self._sequence += 1
        return plaintext


@dataclass(frozen=True, slots=True)
class Suite:
    """One choice of AEAD, with its number in RFC 9180 §7.3; KEM and KDF are the same in all."""

    aead_id: int
    aead: AEAD

    KEM_ID: ClassVar[int] = 0x0020
    KDF_ID: ClassVar[int] = 0x0001

    @property
    def kdf(self) -> _LabeledKDF:
        """The key derivation bound to this suite (RFC 9180 §5.1)."""
        numbers = (self.KEM_ID, self.KDF_ID, self.aead_id)
        return _LabeledKDF(b"HPKE" + b"".join(number.to_bytes(2, "big") for number in numbers))

    def setup_base_sender(
        self, public: bytes, info: bytes, randomness: bytes
    ) -> tuple[bytes, SenderContext]:
        """The KEM output to send, and a context with the owner of ``public``.

        ``randomness`` is 32 fresh random bytes, which the ephemeral key is derived from. Raises
        :class:`AuthenticationError` for an unusable ``public`` key.
        """
        ephemeral = derive_key_pair(randomness)
        shared_secret = _share(ephemeral, public, ephemeral.public + public)
        return ephemeral.public, SenderContext(self, shared_secret, info)

    def setup_base_receiver(
        self, kem_output: bytes, private: PrivateKey, info: bytes
    ) -> ReceiverContext:
        """The context that ``kem_output`` was made for.

        Raises :class:`AuthenticationError` for an unusable ``kem_output``. A wrong key shows only
        when something is opened.
        """
        shared_secret = _share(private, kem_output, kem_output + private.public)
        return ReceiverContext(self, shared_secret, info)

    def seal_base(
        self, public: bytes, info: bytes, associated: bytes, plaintext: bytes, randomness: bytes
    ) -> tuple[bytes, bytes]:
        """KEM output and ciphertext of one message to the owner of ``public`` (RFC 9180 §6.1)."""
        kem_output, context = self.setup_base_sender(public, info, randomness)
        return kem_output, context.seal(associated, plaintext)

    def open_base(
        self, kem_output: bytes, private: PrivateKey, info: bytes, associated: bytes, sealed: bytes
    ) -> bytes:
        """The plaintext of what :meth:`seal_base` sealed. Raises :class:`AuthenticationError`."""
        return self.setup_base_receiver(kem_output, private, info).open(associated, sealed)


AES_128_GCM: Final = Suite(0x0001, AESGCM(16))
"""The HPKE of MLS cipher suite 1."""

CHACHA20_POLY1305: Final = Suite(0x0003, ChaCha20Poly1305())
"""The HPKE of MLS cipher suite 3."""


def derive_key_pair(key_material: bytes) -> PrivateKey:
    """The key pair that 32 or more uniform bytes stand for (RFC 9180 §7.1.3); same in all suites.

    Raises :class:`MisuseError` when there are fewer.
    """
    if len(key_material) < KEY_SIZE:
        raise MisuseError("a key pair is derived from at least 32 bytes")
    secret = _KEM.extract(b"", b"dkp_prk", key_material)
    return PrivateKey(_KEM.expand(secret, b"sk", b"", KEY_SIZE))


def _share(private: PrivateKey, public: bytes, kem_context: bytes) -> bytes:
    """The shared secret of encapsulation and decapsulation (RFC 9180 §4.1)."""
    secret = _KEM.extract(b"", b"eae_prk", private.exchange(public))
    return _KEM.expand(secret, b"shared_secret", kem_context, HASH_SIZE)
