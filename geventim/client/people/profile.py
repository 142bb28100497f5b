"""Who a user is on a server, and the keys that show it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from geventim.chat.requests import Register
from geventim.chat.values import account_id, claim
from geventim.crypto import dh, signature
from geventim.errors import DeniedError, StoreError, UserError

ENTRY = "account"
"""The name under which a client keeps :meth:`Keys.encode`."""

NICK = "nick"
"""The name under which a client keeps the nick, spelled as it was claimed."""

ADMITTED = "admitted"
"""The name of what a client keeps once the server has let the user in."""

EXPORTED = "exported"
"""The name of what it keeps once the user was put into a file."""

MOVED_OUT = "moved-out"
"""The name of what it keeps once the user was seen in another client since."""


class Keys:
    """An account's two key pairs: Ed25519 to sign, X25519 to log in."""

    __slots__ = ("channel", "identity")

    def __init__(self, identity: signature.SigningKey, channel: dh.PrivateKey) -> None:
        self.identity = identity
        self.channel = channel

    @classmethod
    def generate(cls, random: Callable[[int], bytes]) -> "Keys":
        """New keys; ``random`` returns so many unpredictable bytes."""
        return cls.decode(random(signature.KEY_SIZE + dh.KEY_SIZE))

    @classmethod
    def decode(cls, encoded: bytes) -> "Keys":
        """The keys that :meth:`encode` gave. Raises :class:`StoreError` for a wrong size."""
        if len(encoded) != signature.KEY_SIZE + dh.KEY_SIZE:
            raise StoreError("these are not the keys of an account")
        identity, channel = encoded[: signature.KEY_SIZE], encoded[signature.KEY_SIZE :]
        return cls(signature.SigningKey(identity), dh.PrivateKey(channel))

    @property
    def account(self) -> bytes:
        """The id of the account, 16 bytes."""
        return account_id(self.identity.public)

    def encode(self) -> bytes:
        """Both private keys, 32 bytes each."""
        return self.identity.secret + self.channel.secret


@dataclass(frozen=True, slots=True)
class Profile:
    """A user on one server.

    ``server`` is its address as the user knows it, ``server_key`` its X25519 public key; ``room``
    is where lines go that name nobody, ``code`` an invite.
    """

    nick: str
    room: str
    server: str
    server_key: bytes
    keys: Keys = field(repr=False)
    code: str = field(default="", repr=False)

    def registration(self, *, life_signs: bool = False) -> Register:
        """The request that claims the nick; it has no number yet."""
        identity = self.keys.identity
        claimed = claim(self.server_key, self.nick, identity.public, self.keys.channel.public)
        return Register(
            id=0,
            nick=self.nick,
            identity=identity.public,
            signature=identity.sign(claimed),
            code=self.code,
            life_signs=life_signs,
        )


def moved_out(nick: str) -> UserError:
    """Why a client is over whose user is in another one now."""
    return DeniedError("moved_out", nick=nick)
