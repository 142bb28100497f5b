"""The Noise Protocol Framework, revision 34, under the specification's own names.

Two patterns, ``XX`` and ``XXpsk3``, with X25519 and SHA-256; the cipher is a parameter. Section
numbers below are those of the specification.
"""

import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from geventim.crypto.dh import KEY_SIZE, PrivateKey
from geventim.crypto.kdf import HASH_SIZE, hkdf_expand, hkdf_extract
from geventim.errors import MisuseError, PeerError

MAX_NONCE: Final = 2**64 - 1
"""Reserved by §5.1; no message is encrypted under it."""

PSK_SIZE: Final = 32
"""Bytes in a pre-shared key (§9.1)."""


_T = TypeVar("_T")


class Cipher(Protocol):
    """A cipher for Noise (§4.2): authenticated encryption under a 32-byte key and a number."""

    @property
    def name(self) -> str:
        """Its name inside a protocol name."""

    def sealed_size(self, size: int) -> int:
        """Bytes in the ciphertext of ``size`` bytes of plaintext."""

    def encrypt(self, k: bytes, n: int, ad: bytes, plaintext: bytes) -> bytes:
        """The ciphertext, authenticated together with ``ad``."""

    def decrypt(self, k: bytes, n: int, ad: bytes, ciphertext: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`."""


class Pattern(StrEnum):
    """The handshake patterns; the value is the name inside a protocol name."""

    XX = "XX"
    XXPSK3 = "XXpsk3"


class Token(StrEnum):
    """What a message pattern is made of (§5.3, §9.2)."""

    E = "e"
    S = "s"
    EE = "ee"
    ES = "es"
    SE = "se"
    PSK = "psk"


_XX: Final = (
    (Token.E,),
    (Token.E, Token.EE, Token.S, Token.ES),
    (Token.S, Token.SE),
)

MESSAGES: Final[Mapping[Pattern, tuple[tuple[Token, ...], ...]]] = {
    Pattern.XX: _XX,
    Pattern.XXPSK3: (*_XX[:2], (*_XX[2], Token.PSK)),
}
"""The message patterns (§7.5, §9.4); the initiator writes the first and the third."""


class CipherState:
    """A key and the nonce of its next message (§5.1)."""

    __slots__ = ("_cipher", "k", "n")

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self.initialize_key(None)

    def initialize_key(self, key: bytes | None) -> None:
        """Start anew under ``key``, or without one."""
        self.k = key
        self.n = 0

    def has_key(self) -> bool:
        """Whether messages are encrypted yet."""
        return self.k is not None

    def sealed_size(self, size: int) -> int:
        """Bytes that :meth:`encrypt_with_ad` makes of ``size`` bytes."""
        return size if self.k is None else self._cipher.sealed_size(size)

    def encrypt_with_ad(self, ad: bytes, plaintext: bytes) -> bytes:
        """The ciphertext; ``plaintext`` itself as long as there is no key."""
        if self.k is None:
            return plaintext
        ciphertext = self._cipher.encrypt(self.k, self._nonce(), ad, plaintext)
        self.n += 1
        return ciphertext

    def decrypt_with_ad(self, ad: bytes, ciphertext: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`, and then ``n`` has not moved."""
        if self.k is None:
            return ciphertext
        plaintext = self._cipher.decrypt(self.k, self._nonce(), ad, ciphertext)
        self.n += 1
        return plaintext

    def export_key(self) -> bytes:
        """The 32 bytes of ``k``, for a transport that is not Noise's own."""
        return _present(self.k)

    def _nonce(self) -> int:
        if self.n >= MAX_NONCE:
            raise MisuseError("no nonce is left under this key")
        return self.n


class SymmetricState:
    """The chaining key ``ck``, the handshake hash ``h`` and a :class:`CipherState` (§5.2)."""

    __slots__ = ("_cipher", "_cipher_state", "_ck", "_h")

    def __init__(self, cipher: Cipher, protocol_name: bytes) -> None:
        self._cipher = cipher
        self._cipher_state = CipherState(cipher)
        if len(protocol_name) <= HASH_SIZE:
            self._h = protocol_name.ljust(HASH_SIZE, b"\0")
        else:
            self._h = hashlib.sha256(protocol_name).digest()
        self._ck = self._h

    def mix_key(self, key_material: bytes) -> None:
        """Take ``key_material`` into the chaining key; a new cipher key comes out."""
        self._ck, temp_k = self._hkdf(key_material, 2)
        self._cipher_state.initialize_key(temp_k)

    def mix_hash(self, data: bytes) -> None:
        """Take ``data`` into the handshake hash."""
        self._h = hashlib.sha256(self._h + data).digest()

    def mix_key_and_hash(self, key_material: bytes) -> None:
        """Take ``key_material`` into both, as a pre-shared key needs it."""
        self._ck, temp_h, temp_k = self._hkdf(key_material, 3)
        self.mix_hash(temp_h)
        self._cipher_state.initialize_key(temp_k)

    def get_handshake_hash(self) -> bytes:
        """The 32 bytes that name this handshake, for channel binding (§11.2)."""
        return self._h

    def sealed_size(self, size: int) -> int:
        """Bytes that :meth:`encrypt_and_hash` makes of ``size`` bytes."""
        return self._cipher_state.sealed_size(size)

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        """The ciphertext, which has gone into the handshake hash."""
        ciphertext = self._cipher_state.encrypt_with_ad(self._h, plaintext)
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`, and then nothing has changed."""
        plaintext = self._cipher_state.decrypt_with_ad(self._h, ciphertext)
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """The states for transport messages: from the initiator, then from the responder."""
        first, second = CipherState(self._cipher), CipherState(self._cipher)
        key, other = self._hkdf(b"", 2)
        first.initialize_key(key)
        second.initialize_key(other)
        return first, second

    def _hkdf(self, key_material: bytes, outputs: int) -> list[bytes]:
        # The HKDF of §4.3 is that of RFC 5869 with the chaining key as salt and empty info.
        stream = hkdf_expand(hkdf_extract(self._ck, key_material), b"", outputs * HASH_SIZE)
        return [stream[start : start + HASH_SIZE] for start in range(0, len(stream), HASH_SIZE)]


class HandshakeState:
    """One side of one handshake (§5.3).

    ``s`` is our static key pair; it may be set later, just before the message that carries it is
    written. ``rs`` and ``re`` are the other side's static and ephemeral public keys, 32 bytes
    each, once its messages have brought them. ``psk`` (32 bytes) belongs to ``XXpsk3`` and to
    nothing else. ``random`` returns so many uniform bytes.

    A state that has raised must be thrown away.
    """

    __slots__ = (
        "_e",
        "_messages",
        "_position",
        "_psk",
        "_random",
        "_symmetric",
        "initiator",
        "pattern",
        "re",
        "rs",
        "s",
    )

    def __init__(
        self,
        cipher: Cipher,
        pattern: Pattern,
        *,
        initiator: bool,
        prologue: bytes,
        random: Callable[[int], bytes],
        s: PrivateKey | None = None,
        psk: bytes | None = None,
    ) -> None:
        if (psk is None) is (pattern is Pattern.XXPSK3):
            raise MisuseError("a pre-shared key goes with XXpsk3, and only with it")
        if psk is not None and len(psk) != PSK_SIZE:
            raise MisuseError("a pre-shared key has 32 bytes")
        name = f"Noise_{pattern}_25519_{cipher.name}_SHA256"
        self._symmetric = SymmetricState(cipher, name.encode("ascii"))
        self._symmetric.mix_hash(prologue)
        self.pattern = pattern
        self._messages = MESSAGES[pattern]
        self._position = 0
        self.initiator = initiator
        self._random = random
        self._psk = psk
        self._e: PrivateKey | None = None
        self.s = s
        self.re: bytes | None = None
        self.rs: bytes | None = None

    def write_message(self, payload: bytes = b"") -> bytes:
        """The next message of the pattern. Raises :class:`MisuseError` out of turn."""
        symmetric = self._symmetric
        parts = []
        for token in self._next(writing=True):
            match token:
                case Token.E:
                    self._e = PrivateKey(self._random(KEY_SIZE))
                    self._mix_ephemeral(self._e.public)
                    parts.append(self._e.public)
                case Token.S:
                    parts.append(symmetric.encrypt_and_hash(_present(self.s).public))
                case _:
                    self._mix(token)
        parts.append(symmetric.encrypt_and_hash(payload))
        return b"".join(parts)

    def read_message(self, message: bytes) -> bytes:
        """The payload of the other side's next message.

        Raises :class:`PeerError` when it is too short and :class:`AuthenticationError` when a key
        or ciphertext in it does not verify.
        """
        symmetric = self._symmetric
        offset = 0
        for token in self._next(writing=False):
            match token:
                case Token.E:
                    self.re = _slice(message, offset, KEY_SIZE)
                    offset += KEY_SIZE
                    self._mix_ephemeral(self.re)
                case Token.S:
                    size = symmetric.sealed_size(KEY_SIZE)
                    self.rs = symmetric.decrypt_and_hash(_slice(message, offset, size))
                    offset += size
                case _:
                    self._mix(token)
        return symmetric.decrypt_and_hash(message[offset:])

    def remote_static(self) -> bytes:
        """``rs``, once a message has brought it."""
        return _present(self.rs)

    def get_handshake_hash(self) -> bytes:
        """The 32 bytes that name this handshake, final after its last message."""
        return self._symmetric.get_handshake_hash()

    def split(self) -> tuple[CipherState, CipherState]:
        """The transport states, initiator's first, once every message has passed."""
        if self._position != len(self._messages):
            raise MisuseError("the handshake is not over")
        return self._symmetric.split()

    def _next(self, *, writing: bool) -> tuple[Token, ...]:
        ours = self.initiator is (self._position % 2 == 0)
        if self._position == len(self._messages) or writing is not ours:
            raise MisuseError("it is not this message's turn")
        tokens = self._messages[self._position]
        self._position += 1
        return tokens

    def _mix_ephemeral(self, public: bytes) -> None:
        self._symmetric.mix_hash(public)
        if self._psk is not None:
            # §9.2: with a pre-shared key, ephemeral keys randomise every encryption.
            self._symmetric.mix_key(public)

    def _mix(self, token: Token) -> None:
        """Take in a shared secret; the first letter names the initiator's key of the pair."""
        if token is Token.PSK:
            self._symmetric.mix_key_and_hash(_present(self._psk))
            return
        pair = token if self.initiator else token[::-1]
        private = self._e if pair[0] == Token.E else self.s
        public = self.re if pair[1] == Token.E else self.rs
        self._symmetric.mix_key(_present(private).exchange(_present(public)))


def _present(value: _T | None) -> _T:
    if value is None:
        raise MisuseError("there is no such key yet")
    return value


def _slice(message: bytes, offset: int, size: int) -> bytes:
    part = message[offset : offset + size]
    if len(part) != size:
        raise PeerError("a handshake message is too short")
    return part
