"""Joining a group by its Welcome message (RFC 9420 §12.4.3.1)."""

import hmac
from collections.abc import Container

from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.epochs.epoch import Epoch, PublicState
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.group_info import GroupInfo
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.welcome import GroupSecrets, Welcome
from geventim.mls.schedule.key_schedule import JoinerSecret, derive_epoch
from geventim.mls.schedule.psk import PreSharedKeyID, PskSource, look_up
from geventim.mls.schedule.secret_tree import SecretTree
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.treekem import PrivateKeys, keys_from_secret


def join_by_welcome(
    message: bytes,
    own: OwnKeyPackage,
    *,
    psks: PskSource,
    policy: Policy,
    tree: bytes | None,
    groups: Container[bytes],
) -> tuple[Epoch, SecretTree, tuple[PreSharedKeyID, ...], int]:
    """Our first epoch in the group, its message keys, the PSKs used, and the leaf that invites us.

    ``tree`` is needed where the Welcome does not bring it; ``groups`` are the ids of those that we
    are in. Raises :class:`PeerError`.
    """
    welcome = decode_message(message)
    if not isinstance(welcome, Welcome):
        raise PeerError("not a Welcome")
    package = own.key_package
    suite = suite_of(package.cipher_suite)
    secrets = welcome.open_secrets(suite, package, own.init_key)
    joiner = _joiner(secrets, own, psks)
    info, ratchet_tree = welcome.open_group_info(suite, joiner).verify(policy, tree)
    context = info.group_context
    if context.cipher_suite != package.cipher_suite:
        raise PeerError("a Welcome to a group with another cipher suite")
    if context.group_id in groups:
        raise PeerError("a Welcome to a group that we are in")
    index = _find(ratchet_tree, own)
    keys = PrivateKeys(own.encryption_key, _parent_keys(ratchet_tree, index, info, secrets))
    epoch_secrets, encryption = derive_epoch(suite, joiner.epoch_secret(suite, context))
    tag = epoch_secrets.confirmation_tag(suite, context)
    if not hmac.compare_digest(tag, info.confirmation_tag):
        raise AuthenticationError
    interim = interim_transcript_hash(suite, context.confirmed_transcript_hash, tag)
    public = PublicState(context, ratchet_tree, interim)
    ratchets = SecretTree(suite, ratchet_tree.leaf_count, encryption)
    if any(psk.links_groups for psk in secrets.psks) and context.epoch != 1:
        raise PeerError("a new group's Welcome to a later epoch")
    epoch = Epoch(public, epoch_secrets, index, keys, joiner.member_secret(suite))
    return epoch, ratchets, secrets.psks, info.signer


def _joiner(secrets: GroupSecrets, own: OwnKeyPackage, psks: PskSource) -> JoinerSecret:
    for psk in secrets.psks:
        psk.check()
    if sum(psk.links_groups for psk in secrets.psks) > 1:
        raise PeerError("a group that continues more than one other")
    suite = suite_of(own.key_package.cipher_suite)
    return JoinerSecret(secrets.joiner_secret, look_up(suite, secrets.psks, psks))


def _find(tree: RatchetTree, own: OwnKeyPackage) -> int:
    """Where we sit: the leaf that is the one of our key package."""
    leaf = own.key_package.leaf_node
    index = tree.find(leaf.signature_key)
    if index is None or tree.member(index).encode() != leaf.encode():
        raise PeerError("a Welcome to a group without us")
    return index


def _parent_keys(
    tree: RatchetTree, index: int, info: GroupInfo, secrets: GroupSecrets
) -> dict[int, PrivateKey]:
    if secrets.path_secret is None:
        return {}
    return dict(keys_from_secret(tree, index, info.signer, secrets.path_secret.path_secret))
