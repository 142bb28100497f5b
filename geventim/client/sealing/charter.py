"""The charter of a conversation: what its members agreed on, fixed in the GroupContext.

An application extension (RFC 9420 §13) says what conversation it is, on whose server, and who
founded it. With it, whether a commit counts is a function of the group and of the bytes of the
commit alone: all members come to the same answer.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Final

from geventim.chat.values import ID_SIZE, Kind, account_id, dm_id
from geventim.client.people.credentials import read_credential
from geventim.crypto.signature import SIGNATURE_SIZE, SigningKey, verify
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.extensions import Extension, find_extension
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.schedule.psk import ExternalPsk
from geventim.wire.presentation import Bytes, Opaque, Struct, Uint8

VERSION: Final = 1

CHARTER: Final = 0xF6E1
"""The type of the extension, from the range for private use (RFC 9420 §17.3)."""

CAPABILITIES: Final = Capabilities(extensions=(CHARTER,))
"""What every member says it supports."""

KEY_SIZE: Final = 32
"""Bytes in an Ed25519 public key."""

NAME_SIZE: Final = 128
"""The most bytes in a name."""

_KINDS: Final = {Kind.ROOM: 1, Kind.GROUP: 2, Kind.DM: 3}
_NAMES: Final = {number: kind for kind, number in _KINDS.items()}

_Key = Annotated[bytes, Bytes(KEY_SIZE)]
_Id = Annotated[bytes, Bytes(ID_SIZE)]


@dataclass(frozen=True, slots=True)
class Charter:
    """What a conversation is.

    ``server`` is the key that its server signs with, ``incarnation`` what that server drew when
    the log began, ``founder`` the account with the identity key ``identity``. The ``gate`` is empty
    but for a keyed room. The ``name``, empty between two people, is signed by the founder.
    """

    kind: Kind
    server: bytes
    incarnation: bytes
    founder: bytes
    identity: bytes
    gate: bytes = b""
    name: str = ""
    name_signature: bytes = b""

    @classmethod
    def found(
        cls,
        kind: Kind,
        conversation: bytes,
        *,
        server: bytes,
        incarnation: bytes,
        key: SigningKey,
        gate: bytes = b"",
        name: str = "",
    ) -> "Charter":
        """The charter of a conversation that the owner of the identity ``key`` founds."""
        unnamed = cls(kind, server, incarnation, account_id(key.public), key.public, gate)
        return unnamed.renamed(conversation, name, key) if name else unnamed

    def renamed(self, conversation: bytes, name: str, key: SigningKey) -> "Charter":
        """The charter with another name, signed with the founder's ``key``."""
        signature = key.sign(name_claim(conversation, self.incarnation, name.encode()))
        return replace(self, name=name, name_signature=signature)

    def with_gate(self, gate: bytes) -> "Charter":
        """The charter with another gate."""
        return replace(self, gate=gate)

    def extension(self) -> Extension:
        """The extension of a GroupContext that says so."""
        layout = _Charter(
            VERSION,
            _KINDS[self.kind],
            self.gate,
            self.server,
            self.incarnation,
            self.founder,
            self.identity,
            self.name.encode(),
            self.name_signature,
        )
        return Extension(CHARTER, layout.encode())

    @classmethod
    def read(cls, extensions: tuple[Extension, ...]) -> "Charter":
        """The charter in ``extensions``, which hold nothing else; its name is not verified.

        Raises :class:`PeerError`.
        """
        data = find_extension(extensions, CHARTER)
        if data is None or len(extensions) != 1:
            raise PeerError("a group that is not one of ours")
        read = _Charter.decode(data)
        if read.version != VERSION:
            raise PeerError("a charter of another version")
        kind = _NAMES.get(read.kind)
        if kind is None:
            raise PeerError("a conversation of an unknown kind")
        if len(read.gate) not in ({0, KEY_SIZE} if kind is Kind.ROOM else {0}):
            raise PeerError("a gate that makes no sense")
        if account_id(read.identity) != read.founder:
            raise PeerError("a founder with the identity of somebody else")
        return cls(
            kind,
            read.server,
            read.incarnation,
            read.founder,
            read.identity,
            read.gate,
            read.read_name(kind),
            read.name_signature,
        )

    def verify_name(self, conversation: bytes) -> None:
        """Raise :class:`AuthenticationError` unless the founder gave ``conversation`` its name."""
        if self.kind is not Kind.DM:
            claim = name_claim(conversation, self.incarnation, self.name.encode())
            verify(self.identity, claim, self.name_signature)


@dataclass(frozen=True, slots=True)
class _Charter(Struct):
    version: Uint8
    kind: Uint8
    gate: Opaque
    server: _Key
    incarnation: _Id
    founder: _Id
    identity: _Key
    name: Opaque
    name_signature: Opaque

    def read_name(self, kind: Kind) -> str:
        """The name of a conversation of that kind. Raises :class:`PeerError`."""
        smallest, largest = (0, 0) if kind is Kind.DM else (1, NAME_SIZE)
        signed = 0 if kind is Kind.DM else SIGNATURE_SIZE
        if not smallest <= len(self.name) <= largest or len(self.name_signature) != signed:
            raise PeerError("a name that makes no sense")
        try:
            return self.name.decode()
        except UnicodeError:
            raise PeerError("a name that is no text") from None


def name_claim(conversation: bytes, incarnation: bytes, name: bytes) -> bytes:
    """The bytes that a founder signs to give a conversation its name."""
    return b"geventim name" + conversation + incarnation + name


def psk_name(gate: bytes) -> ExternalPsk:
    """The name of the PSK that the key behind ``gate`` yields."""
    return ExternalPsk(b"geventim room" + gate)


def check_name(old: Charter, new: Charter, conversation: bytes, committer: LeafNode) -> Charter:
    """The group's charter ``old`` with the name of ``new``.

    Raises :class:`AuthenticationError` if it is another one and not its founder's, whose leaf
    ``committer`` then is.
    """
    if (old.name, old.name_signature) == (new.name, new.name_signature):
        return old
    if committer.signature_key != old.identity:
        raise AuthenticationError
    renamed = replace(old, name=new.name, name_signature=new.name_signature)
    renamed.verify_name(conversation)
    return renamed


def check_rest(old: Charter, new: Charter) -> None:
    """Raise :class:`PeerError` unless ``new`` is ``old``, but for the gate of a keyed room."""
    if new != (old.with_gate(new.gate) if old.gate and new.gate else old):
        raise PeerError("another charter")


def check_pair(group_id: bytes, leaves: list[LeafNode]) -> None:
    """Raise :class:`PeerError` if ``leaves`` are not of the two whom ``group_id`` stands for."""
    accounts = {read_credential(leaf.credential).account for leaf in leaves}
    if len(accounts) > 2 or (len(accounts) == 2 and dm_id(*accounts) != group_id):
        raise PeerError("a third person between two")
