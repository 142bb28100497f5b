"""Builds groups, and what the interface refuses to build: valid in all but the rule under test."""

import random as _random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.mls.epochs.proposal_list import ProposalList, SentProposal
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import CHACHA20_POLY1305, CipherSuite
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client, LeafNode, UnverifiedLeafNode
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups import archive, commit_creation
from geventim.mls.groups.commit_creation import Author, CommitRequest, compose
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    PUBLIC_MESSAGE,
    AuthenticatedContent,
    Content,
    FramedContent,
    FramedContentAuthData,
    Member,
    PublicMessage,
    Sender,
)
from geventim.mls.messages.key_package import OwnKeyPackage, generate_key_package
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalRef,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.messages.protection import protect_public
from geventim.mls.schedule.key_schedule import NO_SECRET
from geventim.mls.schedule.psk import PskSource, no_psks
from geventim.mls.tree import treekem
from geventim.mls.tree.treekem import FreshPath
from geventim.mls.tree.update_path import UpdatePath

NOW = 1_000_000
LIFETIME = Lifetime(NOW - 100, NOW + 100)
SUITE = CHACHA20_POLY1305
GROUP_ID = b"group"

random = _random.Random(9420).randbytes


def client(name: str, **fields: Any) -> Client:
    return Client(SigningKey(random(32)), BasicCredential(name.encode()), **fields)


def package(
    name: str | Client, suite: CipherSuite = SUITE, lifetime: Lifetime = LIFETIME
) -> OwnKeyPackage:
    owner = client(name) if isinstance(name, str) else name
    return generate_key_package(suite, owner, lifetime, random)


def create(
    name: str | Client = "alice",
    *,
    suite: CipherSuite = SUITE,
    extensions: tuple[Extension, ...] = (),
    policy: Policy = DEFAULT_POLICY,
    group_id: bytes = GROUP_ID,
) -> Group:
    owner = client(name) if isinstance(name, str) else name
    return Group.create(
        suite, group_id, owner, LIFETIME, random=random, extensions=extensions, policy=policy
    )


def family(*names: str | Client, policy: Policy = DEFAULT_POLICY, **fields: Any) -> list[Group]:
    """A group of so many members, the first of which created it and added the others."""
    groups = [create(names[0], policy=policy, **fields)]
    if names[1:]:
        add(groups, *names[1:], policy=policy)
    return groups


def add(groups: list[Group], *names: str | Client, policy: Policy = DEFAULT_POLICY) -> None:
    """Let the first member add others; all of them end up in ``groups``."""
    owned = [package(name, groups[0].suite) for name in names]
    staged = commit(groups, 0, *[Add(own.key_package) for own in owned])
    assert staged.welcome is not None
    groups += [Group.join(staged.welcome, own, random=random, policy=policy) for own in owned]


def commit(
    groups: Sequence[Group],
    committer: int,
    *proposals: Proposal,
    psks: PskSource = no_psks,
    public: bool = False,
    **fields: Any,
) -> StagedCommit:
    """Let one member commit and everybody merge."""
    staged = groups[committer].commit(CommitRequest(proposals, NOW, **fields), psks, public=public)
    for index, group in enumerate(groups):
        if index == committer:
            continue
        received = group.receive(staged.message, psks)
        assert isinstance(received, StagedCommit)
        group.merge(received)
    groups[committer].merge(staged)
    return staged


def join_from_outside(
    groups: list[Group], name: str | Client, policy: Policy = DEFAULT_POLICY, **fields: Any
) -> bytes:
    """Let somebody join by an external commit; returns it."""
    owner = client(name) if isinstance(name, str) else name
    entrance = Entrance.read(groups[0].group_info(), policy)
    new, message = Group.join_by_commit(entrance, owner, random=random, policy=policy, **fields)
    for group in groups:
        received = group.receive(message)
        assert isinstance(received, StagedCommit)
        group.merge(received)
    groups.append(new)
    return message


def agree(*groups: Group) -> None:
    """Assert that all are in the same state of the same group."""
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len({group.tree_hash for group in groups}) == 1
    assert len({group.epoch for group in groups}) == 1


def snapshot(group: Group) -> tuple[bytes, bytes]:
    """Everything there is."""
    return archive.save_fixed(group.state), archive.save_moving(group.state)


def refuses(group: Group, message: bytes, why: str, psks: PskSource = no_psks) -> None:
    """Assert that ``group`` rejects ``message`` for that reason and stays as it is."""
    before = snapshot(group)
    with pytest.raises(PeerError, match=why):
        group.receive(message, psks)
    assert snapshot(group) == before


def signed_leaf(
    owner: Client, index: int, like: LeafNode, group_id: bytes = GROUP_ID, **fields: Any
) -> LeafNode:
    """Any leaf node with a good signature, for a leaf of the usual group."""
    unsigned = replace(like.trust(), **fields)
    content = UnverifiedLeafNode.content(unsigned, group_id, index)
    signature = SUITE.sign_with_label(owner.signing_key, "LeafNodeTBS", content)
    return replace(unsigned, signature=signature)


class OddClient:
    """Makes leaf nodes that are not what they should be."""

    def __init__(self, owner: Client, edit: Callable[[LeafNode], dict[str, Any]]) -> None:
        self.owner = owner
        self.signing_key = owner.signing_key
        self.credential = owner.credential
        self.edit = edit

    def leaf_node(
        self, suite: CipherSuite, key: bytes, source: Any, group_id: bytes, index: int
    ) -> LeafNode:
        leaf = self.owner.leaf_node(suite, key, source, group_id, index)
        return signed_leaf(self.owner, index, leaf, group_id, **self.edit(leaf))


def listed(proposals: Sequence[SentProposal]) -> ProposalList:
    """A list of proposals, valid or not."""
    values = [sent.proposal for sent in proposals]

    def of(kind: type) -> list[Any]:
        return [value for value in values if isinstance(value, kind)]

    extensions = [value.extensions for value in of(GroupContextExtensions)]
    return ProposalList(
        extensions[-1] if extensions else None,
        {
            sent.sender.leaf_index: sent.proposal.leaf_node.trust()
            for sent in proposals
            if isinstance(sent.proposal, Update) and isinstance(sent.sender, Member)
        },
        tuple(dict.fromkeys(value.removed for value in of(Remove))),
        tuple(value.key_package.trust() for value in of(Add)),
        tuple(value.psk for value in of(PreSharedKey)),
        next(iter(of(ReInit)), None),
        next(iter(of(ExternalInit)), None),
    )


def forge_commit(
    group: Group,
    *proposals: Proposal | tuple[ProposalRef, SentProposal],
    with_path: bool = True,
    become: Any = None,
    psk_secret: bytes = NO_SECRET,
    applied: ProposalList | None = None,
    authenticated_data: bytes = b"",
) -> bytes:
    """A public commit of anything, complete in every other respect.

    ``become`` makes the path's leaf node; ``applied`` says what is done to the tree, if not what
    the proposals say.
    """
    epoch = group.state.epoch
    own = Member(group.own_index)
    entries = tuple(each[0] if isinstance(each, tuple) else each for each in proposals)
    sent = [each[1] if isinstance(each, tuple) else SentProposal(each, own) for each in proposals]
    change = (applied or listed(sent)).apply(epoch.public)
    after = become or group.client
    author = Author(
        own, group.own_index, group.client, after, epoch.secrets.init_secret, epoch.keys
    )
    with patch.object(commit_creation, "check_members"):
        composed = compose(
            epoch.public,
            author,
            change,
            entries,
            psk_secret,
            random,
            with_path=with_path,
            wire_format=PUBLIC_MESSAGE,
            authenticated_data=authenticated_data,
        )
    return public(group, composed.message)


def public(group: Group, message: AuthenticatedContent) -> bytes:
    """A signed content with the tag of a member."""
    key = group.state.epoch.secrets.membership_key
    return encode_message(protect_public(SUITE, key, message, group.state.epoch.context))


def forge_message(
    group: Group,
    content: Content,
    sender: Sender | None = None,
    key: SigningKey | None = None,
    **fields: Any,
) -> bytes:
    """A public message of anything by anybody, with a good signature."""
    epoch = group.state.epoch
    framed = FramedContent(
        fields.get("group_id", group.group_id),
        fields.get("epoch", group.epoch),
        sender or Member(group.own_index),
        fields.get("authenticated_data", b""),
        content,
    )
    signing_key = key or group.client.signing_key
    signed = sign_content(SUITE, signing_key, PUBLIC_MESSAGE, framed, epoch.context)
    if isinstance(content, Commit):
        auth = FramedContentAuthData(signed.auth.signature, fields.get("tag", bytes(32)))
        signed = replace(signed, auth=auth)
    return public(group, signed)


def edit_public(group: Group, message: bytes, **fields: Any) -> bytes:
    """A public message with other fields and without any care for its signature."""
    decoded = decode_message(message)
    assert isinstance(decoded, PublicMessage)
    return encode_message(replace(decoded, **fields))


def supporting(*extensions: int, **fields: Any) -> Capabilities:
    """Capabilities with some extensions."""
    return Capabilities(extensions=extensions, **fields)


@contextmanager
def noise(*hit: int) -> Iterator[None]:
    """Within, commits have path secrets that do not open for the leaves ``hit``."""
    encrypt = FreshPath.encrypt

    def seal(fresh: FreshPath, context: bytes, newcomers: Any, source: Any) -> UpdatePath:
        path = encrypt(fresh, context, newcomers, source)
        nodes = []
        for (_, copath), node in zip(fresh.steps, path.nodes, strict=True):
            recipients = treekem._recipients(copath, newcomers)
            sealed = tuple(
                replace(ciphertext, ciphertext=bytes(len(ciphertext.ciphertext)))
                if any(treekem._is_above(recipient, leaf) for leaf in hit)
                else ciphertext
                for recipient, ciphertext in zip(
                    recipients, node.encrypted_path_secret, strict=True
                )
            )
            nodes.append(replace(node, encrypted_path_secret=sealed))
        return replace(path, nodes=tuple(nodes))

    with patch.object(FreshPath, "encrypt", seal):
        yield


def with_tag(message: bytes, tag: bytes) -> bytes:
    """A public commit with another confirmation tag, which nobody signs."""
    decoded = decode_message(message)
    assert isinstance(decoded, PublicMessage)
    return encode_message(replace(decoded, auth=replace(decoded.auth, confirmation_tag=tag)))
