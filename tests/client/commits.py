"""Commits of every kind, and whether they count."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from geventim.chat.departures import Departure, kick_claim
from geventim.chat.values import Kind, dm_id
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.counting import Reason, Void, count
from geventim.client.sealing.declaration import Declaration, gate_claim
from geventim.client.sealing.departures import kick, sign_leave
from geventim.crypto.signature import SigningKey
from geventim.mls.epochs.following import Followed
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import PublicMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    Proposal,
)
from geventim.mls.schedule.psk import ExternalPsk
from tests.client.members import (
    INCARNATION,
    NOW,
    PLACE,
    charter_of,
    draw,
    engine,
    group_of,
    server_key,
)

RANDOM = draw("counting")
GATE, OTHER_GATE = SigningKey(RANDOM(32)), SigningKey(RANDOM(32))
POLICY = engine("alice").policy
DM = dm_id(engine("alice").account, engine("bob").account)
NICKS = ("alice", "bob", "carol", "dora")
ALICE, BOB, CAROL, DORA = range(4)


@cache
def founded(kind: Kind, *, keyed: bool) -> tuple[tuple[bytes, bytes], ...]:
    place, nicks = (DM, NICKS[:2]) if kind is Kind.DM else (PLACE, NICKS)
    charter = charter_of(kind, place, gate=GATE.public if keyed else b"")
    groups = group_of(place, charter, *nicks)
    return tuple(
        (archive.save_fixed(group.state), archive.save_moving(group.state)) for group in groups
    )


def members_of(kind: Kind, *, keyed: bool = False) -> list[Group]:
    """Alice, who has founded it, Bob and, but for two people, Carol and Dora."""
    return [Group(archive.restore(*parts), RANDOM, POLICY) for parts in founded(kind, keyed=keyed)]


def declare(group: Group, **fields: Any) -> bytes:
    history = fields.pop("history", group.vantage.public.interim_transcript_hash)
    return Declaration(history, **fields).encode()


def made(group: Group, *proposals: Proposal, psks: Any = lambda _: None, **fields: Any) -> bytes:
    """A commit of a member with a good declaration, or another one."""
    said = fields.pop("said", None)
    data = declare(group) if said is None else said
    request = CommitRequest(proposals, NOW, authenticated_data=data, **fields)
    return group.commit(request, psks, public=True).message


def entered(
    group: Group,
    nick: str,
    *,
    replaces: int | None = None,
    psks: tuple[ExternalPsk, ...] = (),
    gate: SigningKey | None = None,
    policy: Policy = POLICY,
    **fields: Any,
) -> bytes:
    """A commit from outside, with the signature of ``gate`` if there is one."""
    history = group.vantage.public.interim_transcript_hash

    def say(leaf: LeafNode) -> bytes:
        signature = b"" if gate is None else gate.sign(gate_claim(history, leaf))
        return declare(group, gate_signature=signature, **fields)

    _, message = Group.join_by_commit(
        Entrance.read(group.group_info(), POLICY),
        engine(nick).client,
        random=RANDOM,
        policy=policy,
        psks=psks,
        psk_source=lambda _: b"key",
        replaces=replaces,
        authenticated_data=say,
    )
    return message


def with_charter(charter: Charter) -> GroupContextExtensions:
    return GroupContextExtensions((charter.extension(),))


def package_of(nick: str) -> Add:
    (package,) = engine(nick).generate_key_packages(1, NOW)
    return Add(package.key_package)


def leave_of(group: Group, index: int, nick: str) -> Departure:
    key, history = group.member(index).encryption_key, group.vantage.public.interim_transcript_hash
    return sign_leave(engine(nick).client.signing_key, group.group_id, INCARNATION, key, history)


def kick_of(group: Group, index: int, nick: str) -> Departure:
    account, key = engine(nick).account, group.member(index).encryption_key
    history = group.vantage.public.interim_transcript_hash
    claim = kick_claim(group.group_id, INCARNATION, account, key, history)
    return kick(account, key, history, server_key().sign(claim))


def counts(group: Group, data: bytes, policy: Policy = POLICY) -> Followed:
    followed = count(group.vantage.public, data, policy)
    assert isinstance(followed, Followed), followed
    return followed


def void(group: Group, data: bytes, reason: Reason, policy: Policy = POLICY) -> None:
    assert count(group.vantage.public, data, policy) == Void(reason)


def inner(data: bytes) -> Commit:
    decoded = decode_message(data)
    assert isinstance(decoded, PublicMessage)
    assert isinstance(decoded.content.content, Commit)
    return decoded.content.content


@contextmanager
def epoch_of(group: Group, epoch: int) -> Iterator[None]:
    """Within, ``group`` is in another epoch."""
    kept = group.state
    context = replace(kept.epoch.context, epoch=epoch)
    public = replace(kept.epoch.public, context=context)
    group._state = replace(kept, epoch=replace(kept.epoch, public=public))
    yield
    group._state = kept
