"""Signing and protecting what a member sends. Changes nothing (RFC 9420 §6)."""

from geventim.errors import MisuseError
from geventim.mls.ground.cipher_suite import Random
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group_state import GroupState
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.framing import AuthenticatedContent, Content, FramedContent, Member
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.protection import protect_private, protect_public
from geventim.mls.schedule.secret_tree import LAST_GENERATION, Found, RatchetKind


def sign(
    state: GroupState, wire_format: int, content: Content, authenticated_data: bytes
) -> AuthenticatedContent:
    """``content`` as ours in the current epoch."""
    epoch = state.epoch
    framed = FramedContent(
        epoch.context.group_id,
        epoch.context.epoch,
        Member(epoch.own_index),
        authenticated_data,
        content,
    )
    key = state.client.signing_key
    return sign_content(epoch.suite, key, wire_format, framed, epoch.context)


def publish(state: GroupState, signed: AuthenticatedContent) -> bytes:
    """``signed`` as a public message."""
    epoch = state.epoch
    key = epoch.secrets.membership_key
    return encode_message(protect_public(epoch.suite, key, signed, epoch.context))


def seal(
    state: GroupState,
    signed: AuthenticatedContent,
    kind: RatchetKind,
    skip: int,
    policy: Policy,
    random: Random,
) -> tuple[bytes, Found]:
    """``signed`` as a private message, and the key it was sealed with, which is still there.

    It is the next key of ours after leaving out ``skip``. Raises :class:`MisuseError` when there
    is none, or none that others would go so far ahead for.
    """
    epoch, ratchets = state.epoch, state.ratchets
    generation = ratchets.generation(epoch.own_index, kind) + skip
    if generation >= LAST_GENERATION or skip > policy.max_generations_ahead:
        raise MisuseError("the keys of this epoch are used up")
    found = ratchets.seek(epoch.own_index, kind, generation, skip)
    message = protect_private(
        epoch.suite,
        epoch.secrets.sender_data_secret,
        signed,
        found.key,
        random(4),
        policy.padding,
    )
    # Nobody sends with the keys that were left out, so nobody has to keep them.
    return encode_message(message), found.without_late()
