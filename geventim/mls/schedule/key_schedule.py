"""The key schedule: from one epoch's secret to all of its keys and to the next (RFC 9420 §8)."""

from dataclasses import dataclass, field

from geventim.crypto.dh import PrivateKey
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite, Random
from geventim.mls.tree.group_context import GroupContext
from geventim.wire.presentation import Opaque, Struct

NO_SECRET = bytes(HASH_SIZE)
"""Stands where a commit has no path or no PSK."""

_EXTERNAL_INIT = b"MLS 1.0 external init secret"


@dataclass(frozen=True, slots=True)
class EpochSecrets(Struct):
    """What is kept of an epoch's secret, 32 bytes each."""

    init_secret: Opaque = field(repr=False)
    sender_data_secret: Opaque = field(repr=False)
    exporter_secret: Opaque = field(repr=False)
    external_secret: Opaque = field(repr=False)
    confirmation_key: Opaque = field(repr=False)
    membership_key: Opaque = field(repr=False)
    resumption_psk: Opaque = field(repr=False)
    epoch_authenticator: Opaque

    def external_key_pair(self, suite: CipherSuite) -> PrivateKey:
        """The key pair that external commits are made for."""
        return suite.derive_key_pair(self.external_secret)

    def confirmation_tag(self, suite: CipherSuite, context: GroupContext) -> bytes:
        """What proves to have arrived in ``context`` (RFC 9420 §6.1)."""
        return suite.mac(self.confirmation_key, context.confirmed_transcript_hash)

    def export(self, suite: CipherSuite, label: str, context: bytes, length: int) -> bytes:
        """``MLS-Exporter`` (RFC 9420 §8.5)."""
        secret = suite.derive_secret(self.exporter_secret, label)
        return suite.expand_with_label(secret, "exported", suite.hash(context), length)


@dataclass(frozen=True, slots=True)
class JoinerSecret:
    """What a newcomer gets, together with the PSKs: everything of the epoch follows from it."""

    joiner_secret: bytes = field(repr=False)
    psk_secret: bytes = field(repr=False)

    def member_secret(self, suite: CipherSuite) -> bytes:
        """32 bytes that give the epoch to whoever has its context."""
        return suite.extract(self.joiner_secret, self.psk_secret)

    def welcome_secret(self, suite: CipherSuite) -> bytes:
        """What a Welcome's GroupInfo is sealed with."""
        return suite.derive_secret(self.member_secret(suite), "welcome")

    def epoch_secret(self, suite: CipherSuite, context: GroupContext) -> bytes:
        """The root of all secrets of the epoch of ``context``."""
        return derive_epoch_secret(suite, self.member_secret(suite), context)


def derive_joiner_secret(
    suite: CipherSuite,
    init_secret: bytes,
    commit_secret: bytes,
    psk_secret: bytes,
    context: GroupContext,
) -> JoinerSecret:
    """The joiner secret of the epoch of ``context``."""
    extracted = suite.extract(init_secret, commit_secret)
    joiner = suite.expand_with_label(extracted, "joiner", context.encode(), HASH_SIZE)
    return JoinerSecret(joiner, psk_secret)


def derive_epoch_secret(suite: CipherSuite, member_secret: bytes, context: GroupContext) -> bytes:
    """The root of all secrets of the epoch of ``context``, for who knows its member secret."""
    return suite.expand_with_label(member_secret, "epoch", context.encode(), HASH_SIZE)


def derive_epoch(suite: CipherSuite, epoch_secret: bytes) -> tuple[EpochSecrets, bytes]:
    """The secrets of an epoch, and its encryption secret, which the secret tree consumes."""
    labels = (
        "init",
        "sender data",
        "exporter",
        "external",
        "confirm",
        "membership",
        "resumption",
        "authentication",
    )
    secrets = EpochSecrets(*[suite.derive_secret(epoch_secret, label) for label in labels])
    return secrets, suite.derive_secret(epoch_secret, "encryption")


def send_external_init(
    suite: CipherSuite, external_pub: bytes, random: Random
) -> tuple[bytes, bytes]:
    """A KEM output for the group, and the init secret it stands for (RFC 9420 §8.3).

    Raises :class:`PeerError` for an unusable key.
    """
    kem_output, context = suite.hpke.setup_base_sender(external_pub, b"", random(HASH_SIZE))
    return kem_output, context.export(_EXTERNAL_INIT, HASH_SIZE)


def receive_external_init(suite: CipherSuite, secrets: EpochSecrets, kem_output: bytes) -> bytes:
    """The init secret that ``kem_output`` stands for. Raises :class:`PeerError`."""
    private = secrets.external_key_pair(suite)
    context = suite.hpke.setup_base_receiver(kem_output, private, b"")
    return context.export(_EXTERNAL_INIT, HASH_SIZE)
