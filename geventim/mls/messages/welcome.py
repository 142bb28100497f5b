"""Welcome messages: what newcomers are told by who added them (RFC 9420 §12.4.3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from geventim.crypto.aead import NONCE_SIZE
from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import CipherSuite, HPKECiphertext, Random
from geventim.mls.messages.group_info import GroupInfo, UnverifiedGroupInfo
from geventim.mls.messages.key_package import KeyPackage, UnverifiedKeyPackage
from geventim.mls.schedule.key_schedule import JoinerSecret
from geventim.mls.schedule.psk import PreSharedKeyID
from geventim.wire.presentation import Opaque, Struct, Uint16


@dataclass(frozen=True, slots=True)
class PathSecret(Struct):
    """The secret of the lowest node above both committer and newcomer."""

    path_secret: Opaque = field(repr=False)


@dataclass(frozen=True, slots=True)
class GroupSecrets(Struct):
    """What one newcomer needs to compute the epoch."""

    joiner_secret: Opaque = field(repr=False)
    path_secret: PathSecret | None
    psks: tuple[PreSharedKeyID, ...]


@dataclass(frozen=True, slots=True)
class EncryptedGroupSecrets(Struct):
    """The same, sealed to the init key of the named key package."""

    new_member: Opaque
    encrypted_group_secrets: HPKECiphertext


@dataclass(frozen=True, slots=True)
class Welcome(Struct):
    """Secrets for each newcomer, and the GroupInfo they open with them."""

    cipher_suite: Uint16
    secrets: tuple[EncryptedGroupSecrets, ...]
    encrypted_group_info: Opaque

    def open_secrets(
        self, suite: CipherSuite, package: UnverifiedKeyPackage, init_key: PrivateKey
    ) -> GroupSecrets:
        """The secrets for the owner of ``package``. Raises :class:`PeerError` if there are none."""
        reference = package.reference()
        for entry in self.secrets:
            if entry.new_member == reference:
                break
        else:
            raise PeerError("a Welcome for somebody else")
        if not self.cipher_suite == package.cipher_suite == suite.number:
            raise PeerError("a Welcome for another cipher suite")
        sealed = entry.encrypted_group_secrets
        opened = suite.decrypt_with_label(init_key, "Welcome", self.encrypted_group_info, sealed)
        return GroupSecrets.decode(opened)

    def open_group_info(self, suite: CipherSuite, joiner: JoinerSecret) -> UnverifiedGroupInfo:
        """The GroupInfo. Raises :class:`PeerError`."""
        key, nonce = _key_and_nonce(suite, joiner)
        opened = suite.aead.open(key, nonce, self.encrypted_group_info, b"")
        return UnverifiedGroupInfo.decode(opened)


def seal_welcome(
    suite: CipherSuite,
    joiner: JoinerSecret,
    info: GroupInfo,
    newcomers: Sequence[tuple[KeyPackage, bytes | None]],
    psks: tuple[PreSharedKeyID, ...],
    random: Random,
) -> Welcome:
    """A Welcome for ``newcomers``: key packages, each with its path secret if there is a path."""
    key, nonce = _key_and_nonce(suite, joiner)
    sealed_info = suite.aead.seal(key, nonce, info.encode(), b"")
    entries = []
    for package, path_secret in newcomers:
        path = None if path_secret is None else PathSecret(path_secret)
        secrets = GroupSecrets(joiner.joiner_secret, path, psks).encode()
        sealed = suite.encrypt_with_label(package.init_key, "Welcome", sealed_info, secrets, random)
        entries.append(EncryptedGroupSecrets(package.reference(), sealed))
    return Welcome(suite.number, tuple(entries), sealed_info)


def _key_and_nonce(suite: CipherSuite, joiner: JoinerSecret) -> tuple[bytes, bytes]:
    secret = joiner.welcome_secret(suite)
    key = suite.expand_with_label(secret, "key", b"", suite.aead.key_size)
    return key, suite.expand_with_label(secret, "nonce", b"", NONCE_SIZE)
