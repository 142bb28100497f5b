"""Epochs: a group's state between two commits (RFC 9420 §12)."""

from dataclasses import dataclass, field, replace

from geventim.crypto.signature import SigningKey
from geventim.mls.epochs.transcript import confirmed_transcript_hash, interim_transcript_hash
from geventim.mls.ground.cipher_suite import MLS_10, CipherSuite
from geventim.mls.ground.extensions import RATCHET_TREE, Extension, ExternalPub
from geventim.mls.messages.framing import AuthenticatedContent, FramedContentAuthData
from geventim.mls.messages.group_info import GroupInfo, sign_group_info
from geventim.mls.schedule.key_schedule import (
    EpochSecrets,
    JoinerSecret,
    derive_epoch,
    derive_joiner_secret,
)
from geventim.mls.schedule.secret_tree import SecretTree
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.treekem import PrivateKeys


@dataclass(frozen=True, slots=True)
class PublicState:
    """What members and those who are about to join know alike; its tree is never changed.

    The context says which tree it is, so two states with one context and one history are equal.
    """

    context: GroupContext
    tree: RatchetTree = field(compare=False)
    interim_transcript_hash: bytes

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite."""
        return self.tree.suite


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch as the member at leaf ``own_index`` sees it.

    ``member_secret`` gives the epoch to others who follow the group; it is None in the first epoch
    and in one that was restored.
    """

    public: PublicState
    secrets: EpochSecrets
    own_index: int
    keys: PrivateKeys
    member_secret: bytes | None = field(default=None, repr=False)

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite."""
        return self.public.suite

    @property
    def context(self) -> GroupContext:
        """What all members agree on."""
        return self.public.context

    @property
    def tree(self) -> RatchetTree:
        """The members and their keys."""
        return self.public.tree

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
        tag = self.secrets.confirmation_tag(self.suite, self.context)
        return sign_group_info(
            self.suite, signing_key, self.own_index, self.context, tag, tuple(added)
        )


@dataclass(frozen=True, slots=True)
class Transition:
    """What a commit makes of the key schedule of the epoch before (RFC 9420 §12.4)."""

    context: GroupContext
    interim_transcript_hash: bytes
    confirmation_tag: bytes
    secrets: EpochSecrets
    joiner: JoinerSecret = field(repr=False)
    encryption_secret: bytes = field(repr=False)

    def epoch(self, tree: RatchetTree, own_index: int, keys: PrivateKeys) -> Epoch:
        """The epoch that begins, for the member at ``own_index``."""
        public = PublicState(self.context, tree, self.interim_transcript_hash)
        member_secret = self.joiner.member_secret(tree.suite)
        return Epoch(public, self.secrets, own_index, keys.within(tree, own_index), member_secret)

    def ratchets(self, tree: RatchetTree) -> SecretTree:
        """The message keys of that epoch."""
        return SecretTree(tree.suite, tree.leaf_count, self.encryption_secret)

    def confirm(self, commit: AuthenticatedContent) -> AuthenticatedContent:
        """The commit with its confirmation tag."""
        auth = FramedContentAuthData(commit.auth.signature, self.confirmation_tag)
        return AuthenticatedContent(commit.wire_format, commit.content, auth)


@dataclass(frozen=True, slots=True)
class CommitSecrets:
    """What goes into an epoch: 32 bytes each, zero where there is no path or no PSK."""

    init_secret: bytes = field(repr=False)
    commit_secret: bytes = field(repr=False)
    psk_secret: bytes = field(repr=False)


def provisional_context(
    before: GroupContext, tree: RatchetTree, extensions: tuple[Extension, ...]
) -> GroupContext:
    """The next epoch's context, except that its transcript is still the old one (§12.4.1)."""
    return replace(
        before, epoch=before.epoch + 1, tree_hash=tree.tree_hash(), extensions=extensions
    )


def confirmed_context(
    before: PublicState, provisional: GroupContext, commit: AuthenticatedContent
) -> GroupContext:
    """The next epoch's context, from a commit that is signed; its tag is not looked at."""
    confirmed = confirmed_transcript_hash(before.suite, before.interim_transcript_hash, commit)
    return replace(provisional, confirmed_transcript_hash=confirmed)


def derive_transition(
    suite: CipherSuite, context: GroupContext, secrets: CommitSecrets
) -> Transition:
    """The key schedule of the epoch of ``context``."""
    joiner = derive_joiner_secret(
        suite, secrets.init_secret, secrets.commit_secret, secrets.psk_secret, context
    )
    epoch_secrets, encryption = derive_epoch(suite, joiner.epoch_secret(suite, context))
    tag = epoch_secrets.confirmation_tag(suite, context)
    interim = interim_transcript_hash(suite, context.confirmed_transcript_hash, tag)
    return Transition(context, interim, tag, epoch_secrets, joiner, encryption)


def first_epoch(
    tree: RatchetTree,
    group_id: bytes,
    extensions: tuple[Extension, ...],
    keys: PrivateKeys,
    epoch_secret: bytes,
) -> tuple[Epoch, SecretTree]:
    """Epoch 0 of a group with one member, and its message keys (RFC 9420 §11)."""
    suite = tree.suite
    context = GroupContext(MLS_10, suite.number, group_id, 0, tree.tree_hash(), b"", extensions)
    secrets, encryption = derive_epoch(suite, epoch_secret)
    interim = interim_transcript_hash(suite, b"", secrets.confirmation_tag(suite, context))
    epoch = Epoch(PublicState(context, tree, interim), secrets, 0, keys)
    return epoch, SecretTree(suite, tree.leaf_count, encryption)
