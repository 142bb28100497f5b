"""Asking for help, and helping: how a member that could not open a commit gets the epoch's secret.

An ask is signed with the asker's leaf key. The help is sealed to a key that was made for that ask
and then to the leaf key, so that neither of them alone opens it.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final

from geventim.chat.values import ID_SIZE
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SIGNATURE_SIZE
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.cipher_suite import HASH_SIZE, HPKECiphertext, Random
from geventim.mls.ground.leaf_node import LeafNode
from geventim.wire.presentation import Bytes, Opaque, Struct, Uint8, Uint32, Uint64

VERSION: Final = 1

LABEL: Final = "geventim help"
"""Of both seals (RFC 9420 §5.1.3)."""

_Id = Annotated[bytes, Bytes(ID_SIZE)]
_Bytes32 = Annotated[bytes, Bytes(HASH_SIZE)]


@dataclass(frozen=True, slots=True)
class UnverifiedAsk(Struct):
    """An ask as it came; :meth:`verify` gives the :class:`Ask`.

    ``history`` is the interim transcript hash of ``epoch``, ``leaf_index`` where the asker sits in
    it, ``count`` how often it has asked before, ``key`` what the help is to be sealed to.
    """

    version: Uint8
    conversation: _Id
    epoch: Uint64
    history: _Bytes32
    leaf_index: Uint32
    count: Uint8
    key: _Bytes32
    signature: Annotated[bytes, Bytes(SIGNATURE_SIZE)]

    def claim(self) -> bytes:
        """The bytes that the asker signs."""
        return b"geventim ask" + self.encode()[:-SIGNATURE_SIZE]

    def verify(self, public: PublicState) -> "Ask":
        """The ask, once it is that of a member of the epoch ``public``, with the same history.

        Raises :class:`PeerError`.
        """
        context, suite = public.context, public.suite
        if self.version != VERSION:
            raise PeerError("an ask of another version")
        if (self.conversation, self.epoch) != (context.group_id, context.epoch):
            raise PeerError("an ask about another epoch")
        if self.history != public.interim_transcript_hash:
            raise PeerError("an ask about another history")
        leaf = public.tree.member(self.leaf_index)
        suite.check_public_key(self.key)
        suite.verifier(leaf.signature_key).verify(self.claim(), self.signature)
        return Ask(leaf, self.count, self.key)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a member asks: help for its ``leaf``, sealed to ``key``, for the ``count``-th time."""

    leaf: LeafNode
    count: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Help(Struct):
    """The member secret of ``epoch`` for who made the ask with ``key``; sealed."""

    version: Uint8
    conversation: _Id
    epoch: Uint64
    history: _Bytes32
    key: _Bytes32
    sealed: Opaque = field(repr=False)

    def open(self, vantage: Vantage, key: PrivateKey) -> bytes:
        """The member secret of the epoch at ``vantage``; ``key`` is that of our ask.

        It may still be a lie, which shows when one enters the group with it. Raises
        :class:`PeerError`.
        """
        public = vantage.public
        if self.version != VERSION:
            raise PeerError("help of another version")
        if self.key != key.public or (self.conversation, self.epoch, self.history) != (
            public.context.group_id,
            public.context.epoch,
            public.interim_transcript_hash,
        ):
            raise PeerError("help for another ask")
        suite, context = public.suite, _context(public)
        outer = HPKECiphertext.decode(self.sealed)
        inner = suite.decrypt_with_label(vantage.keys.leaf, LABEL, context, outer)
        secret = suite.decrypt_with_label(key, LABEL, context, HPKECiphertext.decode(inner))
        if len(secret) != HASH_SIZE:
            raise AuthenticationError
        return secret


def make_ask(vantage: Vantage, key: bytes, count: int) -> bytes:
    """An ask for the secret of the epoch at ``vantage``, to be sealed to the public ``key``.

    The ``count`` of asks before this one goes up to 255.
    """
    context = vantage.public.context
    unsigned = UnverifiedAsk(
        VERSION,
        context.group_id,
        context.epoch,
        vantage.public.interim_transcript_hash,
        vantage.own_index,
        count,
        key,
        bytes(SIGNATURE_SIZE),
    )
    claim = unsigned.claim()
    return claim[len(b"geventim ask") :] + vantage.client.signing_key.sign(claim)


def make_help(public: PublicState, ask: Ask, member_secret: bytes, random: Random) -> bytes:
    """The ``member_secret`` of the epoch ``public`` for who made ``ask`` in it."""
    suite, context = public.suite, _context(public)
    inner = suite.encrypt_with_label(ask.key, LABEL, context, member_secret, random)
    leaf_key = ask.leaf.encryption_key
    outer = suite.encrypt_with_label(leaf_key, LABEL, context, inner.encode(), random)
    return Help(
        VERSION,
        public.context.group_id,
        public.context.epoch,
        public.interim_transcript_hash,
        ask.key,
        outer.encode(),
    ).encode()


def _context(public: PublicState) -> bytes:
    """What both seals are bound to: conversation, epoch and history."""
    epoch = public.context.epoch.to_bytes(8, "big")
    return public.context.group_id + epoch + public.interim_transcript_hash
