"""A group, as one of its members has it: the whole engine behind one object."""

import hmac
from collections.abc import Container, Iterator, Sequence
from typing import Self

from geventim.errors import AuthenticationError, MisuseError, PeerError
from geventim.mls.epochs.epoch import Epoch, first_epoch
from geventim.mls.epochs.following import Followed
from geventim.mls.epochs.pending import OwnUpdate
from geventim.mls.epochs.proposal_list import SentProposal, verify_proposal
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import HASH_SIZE, CipherSuite, Random
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client, FromKeyPackage, FromUpdate, LeafNode
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups import emission
from geventim.mls.groups.commit_creation import AuthenticatedData, CommitRequest, create_commit
from geventim.mls.groups.commit_processing import open_commit, process_commit
from geventim.mls.groups.continuation import check_continuation
from geventim.mls.groups.external_join import Entrance, join_by_commit
from geventim.mls.groups.group_state import GroupState, Status
from geventim.mls.groups.joining import join_by_welcome
from geventim.mls.groups.received import Received
from geventim.mls.groups.reception import open_message, take_application, take_proposal
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    PRIVATE_MESSAGE,
    PUBLIC_MESSAGE,
    ApplicationData,
    AuthenticatedContent,
    Member,
)
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.proposals import Add, Proposal, ReInit, Update
from geventim.mls.schedule.key_schedule import derive_epoch, derive_epoch_secret
from geventim.mls.schedule.psk import PskName, PskSource, no_psks
from geventim.mls.schedule.secret_tree import Found, RatchetKind, SecretTree
from geventim.mls.tree.group_context import check_members
from geventim.mls.tree.ratchet_tree import RatchetTree
from geventim.mls.tree.treekem import PrivateKeys


class Group:
    """Sends, receives, proposes and commits.

    Sending and receiving move the ratchets on and collect proposals; everything else changes by
    :meth:`merge` only. What raises has changed nothing. Bytes from others raise
    :class:`PeerError`, a call that is not allowed raises :class:`MisuseError`.

    ``random`` is a source of random bytes, such as :func:`os.urandom`. ``policy`` must be the same
    for all members, apart from what one keeps and pads.
    """

    def __init__(self, state: GroupState, random: Random, policy: Policy = DEFAULT_POLICY) -> None:
        self._state = state
        self._random = random
        self._policy = policy
        # Handshake keys that went into commits which may be dropped. That they are not part of the
        # state is what makes a commit leave no trace; the reuse guard covers a restart.
        self._reserved = 0
        self._inviter: int | None = None

    @classmethod
    def create(
        cls,
        suite: CipherSuite,
        group_id: bytes,
        client: Client,
        lifetime: Lifetime,
        *,
        random: Random,
        extensions: tuple[Extension, ...] = (),
        policy: Policy = DEFAULT_POLICY,
    ) -> Self:
        """A group whose only member is ``client`` (RFC 9420 §11)."""
        key = suite.generate_key_pair(random)
        leaf = client.leaf_node(suite, key.public, FromKeyPackage(lifetime))
        tree = RatchetTree.single(suite, leaf)
        epoch, ratchets = first_epoch(
            tree, group_id, extensions, PrivateKeys(key), random(HASH_SIZE)
        )
        try:
            policy.check_leaf(leaf)
            check_members(epoch.context, tree)
        except PeerError as error:
            raise MisuseError(f"this group cannot be: {error}") from error
        return cls(GroupState(epoch, ratchets, client), random, policy)

    @classmethod
    def join(
        cls,
        welcome: bytes,
        own: OwnKeyPackage,
        *,
        random: Random,
        policy: Policy = DEFAULT_POLICY,
        psks: PskSource = no_psks,
        tree: bytes | None = None,
        groups: Container[bytes] = (),
        continues: "Group | None" = None,
    ) -> Self:
        """The group that a Welcome for ``own`` key package invites to (RFC 9420 §12.4.3.1).

        ``tree`` is the ratchet tree where the Welcome does not bring it, ``groups`` has the ids of
        the groups we are in, ``continues`` is the old group where the new one continues it by
        branching or reinitialisation. Delete ``own`` afterwards. Raises :class:`PeerError`.
        """
        source = psks if continues is None else continues.psk_source(psks)
        epoch, ratchets, used, inviter = join_by_welcome(
            welcome, own, psks=source, policy=policy, tree=tree, groups=groups
        )
        old = None if continues is None else continues.state
        check_continuation(used, epoch, old, policy)
        joined = cls(GroupState(epoch, ratchets, own.client), random, policy)
        joined._inviter = inviter
        return joined

    @classmethod
    def join_by_commit(
        cls,
        entrance: Entrance,
        client: Client,
        *,
        random: Random,
        policy: Policy = DEFAULT_POLICY,
        psks: Sequence[PskName] = (),
        psk_source: PskSource = no_psks,
        replaces: int | None = None,
        groups: Container[bytes] = (),
        authenticated_data: AuthenticatedData = b"",
    ) -> tuple[Self, bytes]:
        """A group joined from outside, and the commit to send (RFC 9420 §12.4.3.2).

        Use the group once the commit is accepted. ``psks`` names what to mix in. ``replaces`` is
        the leaf index of our old self in a resync. ``authenticated_data``, in the clear beside the
        commit, may be a function of our new leaf. Raises :class:`PeerError` if the group cannot be
        joined by us, :class:`MisuseError` if we are in it already.
        """
        joined = join_by_commit(
            entrance,
            client,
            random=random,
            policy=policy,
            psks=psks,
            psk_source=psk_source,
            replaces=replaces,
            groups=groups,
            authenticated_data=authenticated_data,
        )
        state = GroupState(joined.epoch, joined.ratchets, client)
        return cls(state, random, policy), joined.message

    @classmethod
    def enter(
        cls,
        vantage: Vantage,
        member_secret: bytes,
        *,
        generation: int = 0,
        random: Random,
        policy: Policy = DEFAULT_POLICY,
    ) -> Self:
        """The group of a member that followed it to ``vantage``, and was told the member secret.

        Our next message is sealed with the key of ``generation``; those before are left out,
        because we may have used them. Raises :class:`AuthenticationError` unless the secret gives
        the confirmation tag that the history at ``vantage`` ends with.
        """
        public = vantage.public
        suite, context = public.suite, public.context
        epoch_secret = derive_epoch_secret(suite, member_secret, context)
        secrets, encryption = derive_epoch(suite, epoch_secret)
        tag = secrets.confirmation_tag(suite, context)
        interim = interim_transcript_hash(suite, context.confirmed_transcript_hash, tag)
        if not hmac.compare_digest(interim, public.interim_transcript_hash):
            raise AuthenticationError
        ratchets = SecretTree(suite, public.tree.leaf_count, encryption)
        ratchets.leave_out(vantage.own_index, RatchetKind.APPLICATION, generation)
        epoch = Epoch(public, secrets, vantage.own_index, vantage.keys, member_secret)
        return cls(GroupState(epoch, ratchets, vantage.client), random, policy)

    @property
    def vantage(self) -> Vantage:
        """Our place in the group, from which it can be followed without its secrets."""
        epoch = self._epoch
        return Vantage(epoch.public, epoch.own_index, epoch.keys, self._state.client)

    @property
    def member_secret(self) -> bytes | None:
        """32 bytes that let who follows the group :meth:`enter` this epoch.

        None where we do not know it: in the first epoch, and after a restart.
        """
        return self._active().member_secret

    @property
    def generation(self) -> int:
        """How many keys of this epoch our messages have used up: that of the next one."""
        return self._state.ratchets.generation(self.own_index, RatchetKind.APPLICATION)

    @property
    def state(self) -> GroupState:
        """Everything that there is, to be saved by :mod:`geventim.mls.groups.archive`."""
        return self._state

    @property
    def inviter(self) -> LeafNode | None:
        """Who has signed the Welcome by which we have just joined; it is not saved."""
        return None if self._inviter is None else self.member(self._inviter)

    @property
    def status(self) -> Status:
        """What we can still do here."""
        return self._state.status

    @property
    def suite(self) -> CipherSuite:
        """The cipher suite."""
        return self._epoch.suite

    @property
    def group_id(self) -> bytes:
        """The group's name, which never changes."""
        return self._epoch.context.group_id

    @property
    def epoch(self) -> int:
        """The number of commits since the beginning."""
        return self._epoch.context.epoch

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The group's extensions."""
        return self._epoch.context.extensions

    @property
    def tree_hash(self) -> bytes:
        """The 32-byte hash of members and keys."""
        return self._epoch.context.tree_hash

    @property
    def confirmed_transcript_hash(self) -> bytes:
        """The 32-byte hash of all commits; empty before the first."""
        return self._epoch.context.confirmed_transcript_hash

    @property
    def epoch_authenticator(self) -> bytes:
        """32 bytes that are equal for all members who agree (RFC 9420 §8.7)."""
        return self._active().secrets.epoch_authenticator

    @property
    def own_index(self) -> int:
        """Our leaf index."""
        return self._epoch.own_index

    @property
    def client(self) -> Client:
        """What we say about ourselves."""
        return self._state.client

    @property
    def reinit(self) -> ReInit | None:
        """How a closed group is to go on."""
        return self._state.reinit

    def members(self) -> Iterator[tuple[int, LeafNode]]:
        """All members by leaf index, in order."""
        return self._epoch.tree.members()

    def member(self, index: int) -> LeafNode | None:
        """The member at that leaf index, or None."""
        return self._epoch.tree.leaf(index)

    def pending(self) -> tuple[tuple[bytes, SentProposal], ...]:
        """The proposals that wait for a commit, by reference, oldest first."""
        return tuple(self._state.pending.proposals.items())

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """A secret of ``length`` bytes that all members of the epoch get (RFC 9420 §8.5)."""
        return self._active().secrets.export(self.suite, label, context, length)

    def psk_source(self, others: PskSource = no_psks) -> PskSource:
        """The resumption PSKs of this group that are still known, and ``others``."""
        return self._state.psk_source(others)

    def export_tree(self) -> bytes:
        """The tree in the form of the ``ratchet_tree`` extension."""
        return self._epoch.tree.encode()

    def group_info(
        self,
        extensions: tuple[Extension, ...] = (),
        *,
        with_tree: bool = True,
        with_external_pub: bool = True,
    ) -> bytes:
        """A GroupInfo message, which lets others join by commit (RFC 9420 §12.4.3)."""
        info = self._active().group_info(
            self._state.client.signing_key,
            extensions,
            with_tree=with_tree,
            with_external_pub=with_external_pub,
        )
        return encode_message(info)

    def send(self, data: bytes, authenticated_data: bytes = b"") -> bytes:
        """A message with ``data`` for the group; ``authenticated_data`` travel in the clear.

        Raises :class:`MisuseError` while proposals wait: they are committed first (§12.4).
        """
        if len(self._state.pending):
            raise MisuseError("proposals have to be committed first")
        self._active()
        content = ApplicationData(data)
        signed = emission.sign(self._state, PRIVATE_MESSAGE, content, authenticated_data)
        message, found = self._seal(signed, RatchetKind.APPLICATION, 0)
        self._state.ratchets.take(found)
        return message

    def propose(
        self, proposal: Proposal, *, now: int, authenticated_data: bytes = b"", public: bool = False
    ) -> bytes:
        """A message with ``proposal``, which waits here too; sealed unless ``public``.

        ``now`` is in seconds since 1970; the key package of an Add must be good then.
        """
        if isinstance(proposal, Update):
            raise MisuseError("updates are proposed by propose_update")
        if isinstance(proposal, Add):
            source = proposal.key_package.leaf_node.source
            if isinstance(source, FromKeyPackage) and not source.lifetime.covers(now):
                raise MisuseError("a key package that is not good at this time")
        return self._propose(proposal, None, authenticated_data, public=public)

    def propose_update(
        self, client: Client | None = None, authenticated_data: bytes = b"", *, public: bool = False
    ) -> bytes:
        """A message that proposes a fresh leaf for us, with what ``client`` says, if given."""
        epoch = self._active()
        become = client or self._state.client
        key = epoch.suite.generate_key_pair(self._random)
        leaf = become.leaf_node(
            epoch.suite, key.public, FromUpdate(), self.group_id, epoch.own_index
        )
        return self._propose(
            Update(leaf), OwnUpdate(become, key), authenticated_data, public=public
        )

    def discard_proposals(self) -> None:
        """Forget the proposals that wait."""
        self._state = self._state.without_pending()

    def commit(
        self, request: CommitRequest, psks: PskSource = no_psks, *, public: bool = False
    ) -> StagedCommit:
        """A commit to send, with its Welcome; merge it once it is accepted.

        It is sealed unless ``public``. Raises :class:`MisuseError` if it would not be valid.
        """
        epoch, state = self._active(), self._state
        wire_format = PUBLIC_MESSAGE if public else PRIVATE_MESSAGE
        made = create_commit(
            state,
            request,
            wire_format,
            state.psk_source(psks),
            self._policy,
            self._random,
        )
        signed, generation = made.composed.message, None
        if public:
            message = emission.publish(state, signed)
        else:
            message, found = self._seal(signed, RatchetKind.HANDSHAKE, self._reserved)
            generation = found.key.generation
            self._reserved += 1
        return StagedCommit(epoch, made.effects, made.after, generation, message, made.welcome)

    def receive(self, data: bytes, psks: PskSource = no_psks) -> Received:
        """What a message from another member, or to the group from outside, says.

        A commit comes back staged; look at its effects, then merge it or not. Raises
        :class:`PeerError`.
        """
        opened = open_message(self._state, data, self._policy)
        content = opened.message.content.content
        if isinstance(content, Commit):
            source = self._state.psk_source(psks)
            return process_commit(
                self._state, opened.message, opened.generation, source, self._policy
            )
        if isinstance(content, ApplicationData):
            return take_application(opened)
        self._state, proposal = take_proposal(self._state, opened, self._policy)
        return proposal

    def open(self, followed: Followed, psks: PskSource = no_psks) -> StagedCommit:
        """The commit in ``followed``, opened with our secrets.

        Raises :class:`PeerError` if it does not open for us or its confirmation tag is wrong, and
        :class:`MisuseError` if it is one to another epoch.
        """
        if followed.before != self._active().public:
            raise MisuseError("a commit to another epoch")
        return open_commit(self._state, followed, None, self._state.psk_source(psks))

    def merge(self, staged: StagedCommit) -> None:
        """Make ``staged`` the group's state. Raises :class:`MisuseError` if it is not its next."""
        self._check_next(staged)
        self._state = self._state.after(staged, self._policy)
        self._reserved = 0

    def merged(self, staged: StagedCommit) -> Self:
        """The group as :meth:`merge` would make it; this one stays, and either may be dropped."""
        self._check_next(staged)
        return type(self)(
            self._state.fork().after(staged, self._policy), self._random, self._policy
        )

    @property
    def _epoch(self) -> Epoch:
        return self._state.epoch

    def _active(self) -> Epoch:
        if self._state.status is not Status.ACTIVE:
            raise MisuseError(f"the group is {self._state.status.name.lower()}")
        return self._state.epoch

    def _check_next(self, staged: StagedCommit) -> None:
        if staged.base is not self._state.epoch:
            raise MisuseError("a commit to another epoch")

    def _propose(
        self,
        proposal: Proposal,
        own_update: OwnUpdate | None,
        authenticated_data: bytes,
        *,
        public: bool,
    ) -> bytes:
        epoch = self._active()
        own = SentProposal(proposal, Member(epoch.own_index))
        try:
            verified = verify_proposal(epoch.public, own, self._policy)
        except PeerError as error:
            raise MisuseError(f"this cannot be proposed: {error}") from error
        wire_format = PUBLIC_MESSAGE if public else PRIVATE_MESSAGE
        signed = emission.sign(self._state, wire_format, verified.proposal, authenticated_data)
        if public:
            message = emission.publish(self._state, signed)
        else:
            message, found = self._seal(signed, RatchetKind.HANDSHAKE, self._reserved)
            self._state.ratchets.take(found)
            self._reserved = 0
        reference = signed.reference(epoch.suite)
        self._state = self._state.with_pending(reference, verified, own_update)
        return message

    def _seal(
        self, signed: AuthenticatedContent, kind: RatchetKind, skip: int
    ) -> tuple[bytes, Found]:
        return emission.seal(self._state, signed, kind, skip, self._policy, self._random)
