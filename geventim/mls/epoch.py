"""Epochs: a group's state between two commits, as one of its members sees it."""

from dataclasses import dataclass, field

from geventim.crypto.signature import SigningKey
from geventim.mls.cipher_suite import MLS_10, CipherSuite
from geventim.mls.extensions import RATCHET_TREE, Extension, ExternalPub
from geventim.mls.framing import AuthenticatedContent, FramedContentAuthData
from geventim.mls.group_context import GroupContext
from geventim.mls.group_info import GroupInfo, sign_group_info
from geventim.mls.key_schedule import (
    EpochSecrets,
    JoinerSecret,
    derive_epoch,
    derive_joiner_secret,
)
from geventim.mls.ratchet_tree import RatchetTree
from geventim.mls.secret_tree import SecretTree
from geventim.mls.transcript import confirmed_transcript_hash, interim_transcript_hash
from geventim.mls.treekem import PrivateKeys


@dataclass(frozen=True, slots=True)
class Epoch:
    """Everything that stays the same until the next commit; its tree is never changed."""

    suite: CipherSuite
    context: GroupContext
    tree: RatchetTree
    secrets: EpochSecrets
    interim_transcript_hash: bytes
    own_index: int
    keys: PrivateKeys

    @property
    def confirmation_tag(self) -> bytes:
        """That of the commit that began the epoch."""
        return self.secrets.confirmation_tag(self.suite, self.context)

    def group_info(
        self,
        signing_key: SigningKey,
        extensions: tuple[Extension, ...] = (),
        *,
        with_tree: bool = True,
        with_external_pub: bool = True,
    ) -> GroupInfo:
        """What others need to join, signed by us."""
        added = list(extensions)
        if with_tree:
            added.append(Extension(RATCHET_TREE, self.tree.encode()))
        if with_external_pub:
            public = self.secrets.external_key_pair(self.suite).public
            added.append(ExternalPub(public).extension())
        return sign_group_info(
            self.suite,
            signing_key,
            self.own_index,
            self.context,
            self.confirmation_tag,
            tuple(added),
        )


@dataclass(frozen=True, slots=True)
class Transition:
    """What a commit's signed content makes of an epoch's key schedule (RFC 9420 §12.4)."""

    context: GroupContext
    secrets: EpochSecrets
    interim_transcript_hash: bytes
    joiner: JoinerSecret = field(repr=False)
    encryption_secret: bytes = field(repr=False)
    confirmation_tag: bytes

    def epoch(self, tree: RatchetTree, own_index: int, keys: PrivateKeys) -> Epoch:
        """The epoch that begins, for the member at ``own_index``."""
        return Epoch(
            tree.suite,
            self.context,
            tree,
            self.secrets,
            self.interim_transcript_hash,
            own_index,
            keys,
        )

    def ratchets(self, tree: RatchetTree) -> SecretTree:
        """The message keys of that epoch."""
        return SecretTree(tree.suite, tree.leaf_count, self.encryption_secret)

    def complete(self, message: AuthenticatedContent) -> AuthenticatedContent:
        """The commit with its confirmation tag."""
        auth = FramedContentAuthData(message.auth.signature, self.confirmation_tag)
        return AuthenticatedContent(message.wire_format, message.content, auth)


def derive_transition(
    before: GroupContext,
    interim: bytes,
    provisional: GroupContext,
    secrets: tuple[bytes, bytes, bytes],
    commit: AuthenticatedContent,
    suite: CipherSuite,
) -> Transition:
    """The next epoch's key schedule.

    ``secrets`` are init, commit and PSK secret; ``provisional`` has tree hash and extensions of
    the next epoch already.
    """
    confirmed = confirmed_transcript_hash(suite, interim, commit)
    context = GroupContext(
        before.version,
        before.cipher_suite,
        before.group_id,
        provisional.epoch,
        provisional.tree_hash,
        confirmed,
        provisional.extensions,
    )
    joiner = derive_joiner_secret(suite, *secrets, context)
    epoch_secrets, encryption = derive_epoch(suite, joiner.epoch_secret(suite, context))
    tag = epoch_secrets.confirmation_tag(suite, context)
    return Transition(
        context,
        epoch_secrets,
        interim_transcript_hash(suite, confirmed, tag),
        joiner,
        encryption,
        tag,
    )


def first_context(
    suite: CipherSuite, group_id: bytes, tree: RatchetTree, extensions: tuple[Extension, ...]
) -> GroupContext:
    """The context of a group's epoch 0 (RFC 9420 §11)."""
    return GroupContext(MLS_10, suite.number, group_id, 0, tree.tree_hash(), b"", extensions)
