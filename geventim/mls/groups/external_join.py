"""Joining a group by oneself, with an external commit (RFC 9420 §12.4.3.2)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from geventim.errors import MisuseError, PeerError
from geventim.mls.epochs.epoch import Epoch, PublicState
from geventim.mls.epochs.proposal_list import SentProposal, check_external_list, verify_proposal
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.ground.cipher_suite import Random
from geventim.mls.ground.extensions import external_pub
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.commit_creation import AuthenticatedData, Author, compose
from geventim.mls.messages.framing import PUBLIC_MESSAGE, NewMemberCommit
from geventim.mls.messages.group_info import UnverifiedGroupInfo
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import ExternalInit, PreSharedKey, Proposal, Remove
from geventim.mls.messages.protection import protect_public
from geventim.mls.schedule.key_schedule import send_external_init
from geventim.mls.schedule.psk import PskName, PskSource, look_up, psk_id
from geventim.mls.schedule.secret_tree import SecretTree
from geventim.mls.tree.treekem import PrivateKeys


@dataclass(frozen=True, slots=True)
class Entrance:
    """A group that we could join.

    ``signer`` is the leaf whose GroupInfo says what the group is like, None if we know it
    ourselves.
    """

    public: PublicState
    external_pub: bytes
    signer: int | None = None

    @classmethod
    def blind(cls, public: PublicState, random: Random, signer: int | None = None) -> "Entrance":
        """An entrance for which nobody has the key: it is drawn and forgotten.

        Who joins by it is the only one to know the next epoch, and helps the others with its member
        secret; to them the commit is like one whose path secrets do not open.
        """
        return cls(public, public.suite.generate_key_pair(random).public, signer)

    @classmethod
    def read(
        cls,
        message: bytes,
        policy: Policy,
        tree: bytes | None = None,
        *,
        blindly: Random | None = None,
    ) -> "Entrance":
        """The group in ``message``, a GroupInfo; ``tree`` where that does not bring it.

        Where it has no ``external_pub`` and ``blindly`` is a source of randomness, the entrance is
        a :meth:`blind` one. Raises :class:`PeerError`. This is the costly part of joining: it
        verifies a signature of every member.
        """
        info = decode_message(message)
        if not isinstance(info, UnverifiedGroupInfo):
            raise PeerError("not a GroupInfo")
        verified, ratchet_tree = info.verify(policy, tree)
        context = verified.group_context
        interim = interim_transcript_hash(
            ratchet_tree.suite, context.confirmed_transcript_hash, verified.confirmation_tag
        )
        state = PublicState(context, ratchet_tree, interim)
        public = external_pub(verified.extensions)
        if public is not None:
            ratchet_tree.suite.check_public_key(public)
            return cls(state, public, verified.signer)
        if blindly is None:
            raise PeerError("a group that cannot be joined from outside")
        return cls.blind(state, blindly, verified.signer)


@dataclass(frozen=True, slots=True)
class ExternalJoin:
    """The commit by which we join, to be sent, and our first epoch, once it is accepted."""

    message: bytes
    epoch: Epoch
    ratchets: SecretTree = field(repr=False)


def join_by_commit(
    entrance: Entrance,
    client: Client,
    *,
    random: Random,
    policy: Policy,
    psks: Sequence[PskName],
    psk_source: PskSource,
    replaces: int | None,
    groups: Container[bytes],
    authenticated_data: AuthenticatedData,
) -> ExternalJoin:
    """Join, mixing in ``psks``; ``replaces`` is the leaf index of our old self in a resync.

    Raises :class:`PeerError` where the group does not fit us, :class:`MisuseError` where we ask
    for what is not allowed.
    """
    before = entrance.public
    suite = before.suite
    if replaces is None and before.context.group_id in groups:
        raise MisuseError("we are in that group already")
    if replaces is not None:
        old = before.tree.member(replaces)
        if not policy.accept_successor(old.credential, client.credential):
            raise MisuseError("that leaf is somebody else's")
    if not policy.accept_credential(client.credential, client.signing_key.public):
        raise MisuseError("that credential is not ours")
    kem_output, init_secret = send_external_init(suite, entrance.external_pub, random)
    proposals: list[Proposal] = [ExternalInit(kem_output)]
    if replaces is not None:
        proposals.append(Remove(replaces))
    proposals += [PreSharedKey(psk_id(name, random)) for name in psks]
    sender = NewMemberCommit()
    listed = check_external_list(
        [verify_proposal(before, SentProposal(each, sender), policy) for each in proposals]
    )
    psk_secret = look_up(suite, listed.psks, psk_source)
    change = listed.apply(before)
    index = change.tree.free_leaf()
    change.tree.reach(index)
    # The author's old keys play no part: there is always a path.
    author = Author(
        sender, index, client, client, init_secret, PrivateKeys(suite.generate_key_pair(random))
    )
    composed = compose(
        before,
        author,
        change,
        tuple(proposals),
        psk_secret,
        random,
        with_path=True,
        wire_format=PUBLIC_MESSAGE,
        authenticated_data=authenticated_data,
    )
    try:
        policy.check_leaf(composed.epoch.tree.member(index))
    except PeerError as error:
        raise MisuseError(f"our leaf node is not one for this group: {error}") from error
    message = protect_public(suite, b"", composed.message, before.context)
    ratchets = composed.transition.ratchets(composed.epoch.tree)
    return ExternalJoin(encode_message(message), composed.epoch, ratchets)
