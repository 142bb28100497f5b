"""A group as bytes and back, in two parts, so that what rarely changes is rarely written.

``fixed`` changes with commits only: the tree, the epoch's secrets, our keys. ``moving`` changes
with every message: ratchets, and proposals that wait. Both contain secrets; neither is checked for
more than its form, since it comes from our own store. Whoever restores an old ``moving`` part uses
message keys twice: write it before what was sealed leaves.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final

from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError, PeerError, StoreError
from geventim.mls.epochs.epoch import Epoch, PublicState
from geventim.mls.epochs.message_epoch import MessageEpoch, SignatureKeys
from geventim.mls.epochs.pending import OwnUpdate, PendingProposals
from geventim.mls.epochs.proposal_list import SentProposal
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.cipher_suite import CipherSuite, suite_of
from geventim.mls.ground.credentials import AnyCredential
from geventim.mls.ground.extensions import Extensions
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState, Status
from geventim.mls.messages.framing import SENDER, Sender
from geventim.mls.messages.key_package import OwnKeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.proposals import Add, AnyProposal, Proposal, ReInit, Update
from geventim.mls.schedule.key_schedule import EpochSecrets
from geventim.mls.schedule.secret_tree import SavedSecretTree, SecretTree
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.tree_validation import UnverifiedTree
from geventim.mls.tree.treekem import PrivateKeys
from geventim.wire.presentation import Opaque, Struct, Uint8, Uint16, Uint32, Uint64

VERSION: Final = 1
"""Of the layouts below; one that is not known is refused."""

_ANY_SIZE: Final = Policy(max_leaves=1 << 30)


@dataclass(frozen=True, slots=True)
class _Key(Struct):
    secret: Opaque = field(repr=False)
    public: Opaque

    @classmethod
    def of(cls, key: PrivateKey) -> "_Key":
        return cls(key.secret, key.public)

    def private(self) -> PrivateKey:
        return PrivateKey(self.secret, self.public)


@dataclass(frozen=True, slots=True)
class _ParentKey(Struct):
    position: Uint32
    key: _Key


@dataclass(frozen=True, slots=True)
class _Client(Struct):
    signing_key: Opaque = field(repr=False)
    credential: AnyCredential
    capabilities: Capabilities
    extensions: Extensions

    @classmethod
    def of(cls, client: Client) -> "_Client":
        secret = client.signing_key.secret
        return cls(secret, client.credential, client.capabilities, client.extensions)

    def client(self) -> Client:
        key = SigningKey(self.signing_key)
        return Client(key, self.credential, self.capabilities, self.extensions)


@dataclass(frozen=True, slots=True)
class _Signer(Struct):
    index: Uint32
    signature_key: Opaque


@dataclass(frozen=True, slots=True)
class _FixedPast(Struct):
    context: GroupContext
    own_index: Uint32
    sender_data_secret: Opaque = field(repr=False)
    resumption_psk: Opaque = field(repr=False)
    signers: tuple[_Signer, ...]


@dataclass(frozen=True, slots=True)
class _Fixed(Struct):
    version: Uint16
    status: Uint8
    context: GroupContext
    interim_transcript_hash: Opaque
    secrets: EpochSecrets
    own_index: Uint32
    leaf_key: _Key
    parent_keys: tuple[_ParentKey, ...]
    client: _Client
    reinit: ReInit | None
    past: tuple[_FixedPast, ...]
    tree: Opaque


@dataclass(frozen=True, slots=True)
class _Pending(Struct):
    reference: Opaque
    sender: Annotated[Sender, SENDER]
    proposal: AnyProposal


@dataclass(frozen=True, slots=True)
class _OwnUpdate(Struct):
    reference: Opaque
    client: _Client
    key: _Key


@dataclass(frozen=True, slots=True)
class _Moving(Struct):
    version: Uint16
    epoch: Uint64
    confirmed_transcript_hash: Opaque
    ratchets: SavedSecretTree
    past: tuple[SavedSecretTree, ...]
    pending: tuple[_Pending, ...]
    own_updates: tuple[_OwnUpdate, ...]


@dataclass(frozen=True, slots=True)
class _Vantage(Struct):
    version: Uint16
    context: GroupContext
    interim_transcript_hash: Opaque
    own_index: Uint32
    leaf_key: _Key
    parent_keys: tuple[_ParentKey, ...]
    tree: Opaque


@dataclass(frozen=True, slots=True)
class _OwnKeyPackage(Struct):
    version: Uint16
    key_package: UnverifiedKeyPackage
    client: _Client
    init_key: _Key
    encryption_key: _Key


def save_fixed(state: GroupState) -> bytes:
    """What commits change."""
    epoch = state.epoch
    return _Fixed(
        VERSION,
        state.status.value,
        epoch.context,
        epoch.public.interim_transcript_hash,
        epoch.secrets,
        epoch.own_index,
        _Key.of(epoch.keys.leaf),
        _save_parents(epoch.keys),
        _Client.of(state.client),
        state.reinit,
        tuple(_save_past(past) for past in state.past),
        epoch.tree.encode(),
    ).encode()


def save_moving(state: GroupState) -> bytes:
    """What messages change."""
    context, pending = state.epoch.context, state.pending
    return _Moving(
        VERSION,
        context.epoch,
        context.confirmed_transcript_hash,
        state.ratchets.save(),
        tuple(past.ratchets.save() for past in state.past),
        tuple(
            _Pending(reference, sent.sender, sent.proposal)
            for reference, sent in pending.proposals.items()
        ),
        tuple(
            _OwnUpdate(reference, _Client.of(update.client), _Key.of(update.key))
            for reference, update in pending.own_updates.items()
        ),
    ).encode()


def restore(fixed: bytes, moving: bytes) -> GroupState:
    """The state that both parts were saved from.

    Raises :class:`StoreError` if they are not well-formed, or do not belong together.
    """
    try:
        return _restore(_Fixed.decode(fixed), _Moving.decode(moving))
    except (PeerError, MisuseError, ValueError) as error:
        raise StoreError(f"a saved group cannot be read: {error}") from error


def save_vantage(vantage: Vantage) -> bytes:
    """A place in a group, without the epoch's secrets and without what we are ourselves."""
    public = vantage.public
    return _Vantage(
        VERSION,
        public.context,
        public.interim_transcript_hash,
        vantage.own_index,
        _Key.of(vantage.keys.leaf),
        _save_parents(vantage.keys),
        public.tree.encode(),
    ).encode()


def restore_vantage(data: bytes, client: Client) -> Vantage:
    """The inverse of :func:`save_vantage`; ``client`` is what we are.

    Raises :class:`StoreError`.
    """
    try:
        saved = _Vantage.decode(data)
        _check_version(saved.version)
        public = _restore_public(saved.context, saved.tree, saved.interim_transcript_hash)
        public.tree.member(saved.own_index)
        keys = _restore_keys(saved.leaf_key, saved.parent_keys)
        return Vantage(public, saved.own_index, keys, client)
    except (PeerError, MisuseError, ValueError) as error:
        raise StoreError(f"a saved place in a group cannot be read: {error}") from error


def save_key_package(own: OwnKeyPackage) -> bytes:
    """A key package with its private keys."""
    return _OwnKeyPackage(
        VERSION,
        own.key_package,
        _Client.of(own.client),
        _Key.of(own.init_key),
        _Key.of(own.encryption_key),
    ).encode()


def restore_key_package(data: bytes) -> OwnKeyPackage:
    """The inverse of :func:`save_key_package`. Raises :class:`StoreError`."""
    try:
        saved = _OwnKeyPackage.decode(data)
        _check_version(saved.version)
        return OwnKeyPackage(
            saved.key_package.trust(),
            saved.client.client(),
            saved.init_key.private(),
            saved.encryption_key.private(),
        )
    except (PeerError, MisuseError, ValueError) as error:
        raise StoreError(f"a saved key package cannot be read: {error}") from error


def _restore(fixed: _Fixed, moving: _Moving) -> GroupState:
    _check_version(fixed.version)
    _check_version(moving.version)
    context = fixed.context
    one = (context.epoch, context.confirmed_transcript_hash, len(fixed.past))
    if one != (moving.epoch, moving.confirmed_transcript_hash, len(moving.past)):
        raise StoreError("the parts of a saved group do not belong together")
    suite = suite_of(context.cipher_suite)
    public = _restore_public(context, fixed.tree, fixed.interim_transcript_hash)
    keys = _restore_keys(fixed.leaf_key, fixed.parent_keys)
    pending = PendingProposals(
        {entry.reference: SentProposal(_trust(entry.proposal), entry.sender)
         for entry in moving.pending},
        {entry.reference: OwnUpdate(entry.client.client(), entry.key.private())
         for entry in moving.own_updates},
    )  # fmt: skip
    return GroupState(
        Epoch(public, fixed.secrets, fixed.own_index, keys),
        SecretTree.restore(suite, moving.ratchets),
        fixed.client.client(),
        pending,
        tuple(
            _restore_past(suite, past, ratchets)
            for past, ratchets in zip(fixed.past, moving.past, strict=True)
        ),
        Status(fixed.status),
        fixed.reinit,
    )


def _restore_public(context: GroupContext, tree: bytes, interim: bytes) -> PublicState:
    suite = suite_of(context.cipher_suite)
    return PublicState(context, UnverifiedTree.decode(tree, _ANY_SIZE).trust(suite), interim)


def _save_parents(keys: PrivateKeys) -> tuple[_ParentKey, ...]:
    parents = keys.parents
    return tuple(_ParentKey(position, _Key.of(parents[position])) for position in sorted(parents))


def _restore_keys(leaf: _Key, parents: tuple[_ParentKey, ...]) -> PrivateKeys:
    return PrivateKeys(leaf.private(), {entry.position: entry.key.private() for entry in parents})


def _save_past(past: MessageEpoch) -> _FixedPast:
    signers = past.signers
    keys = (
        {index: leaf.signature_key for index, leaf in signers.members()}
        if isinstance(signers, RatchetTree)
        else signers.keys
    )
    return _FixedPast(
        past.context,
        past.own_index,
        past.sender_data_secret,
        past.resumption_psk,
        tuple(_Signer(index, key) for index, key in keys.items()),
    )


def _restore_past(suite: CipherSuite, past: _FixedPast, ratchets: SavedSecretTree) -> MessageEpoch:
    return MessageEpoch(
        past.context,
        SignatureKeys({signer.index: signer.signature_key for signer in past.signers}),
        past.own_index,
        past.sender_data_secret,
        past.resumption_psk,
        SecretTree.restore(suite, ratchets),
    )


def _trust(proposal: Proposal) -> Proposal:
    """A waiting proposal as it was when it was verified."""
    if isinstance(proposal, Add):
        return Add(proposal.key_package.trust())
    if isinstance(proposal, Update):
        return Update(proposal.leaf_node.trust())
    return proposal


def _check_version(version: int) -> None:
    if version != VERSION:
        raise StoreError(f"a saved group of version {version}")
