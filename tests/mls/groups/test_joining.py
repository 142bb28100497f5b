"""Joining by Welcome, each rule of RFC 9420 §12.4.3.1 broken alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.extensions import Extension
from geventim.mls.groups.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.groups.group import Group
from geventim.mls.messages.group_info import sign_group_info
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add, PreSharedKey
from geventim.mls.messages.welcome import Welcome, seal_welcome
from geventim.mls.schedule.key_schedule import JoinerSecret, derive_epoch
from geventim.mls.schedule.psk import (
    APPLICATION,
    BRANCH,
    REINIT,
    ExternalPsk,
    PreSharedKeyID,
    ResumptionPsk,
    psk_secret,
)
from tests.mls.builder import (
    GROUP_ID,
    NOW,
    SUITE,
    agree,
    commit,
    create,
    family,
    package,
    random,
)

DAVE = package("dave")


def add_dave(group: Group, own: OwnKeyPackage = DAVE, **fields: Any) -> StagedCommit:
    return group.commit(CommitRequest([Add(own.key_package)], NOW, **fields))


def join(welcome: bytes | None, own: OwnKeyPackage = DAVE, **fields: Any) -> Group:
    assert welcome is not None
    return Group.join(welcome, own, random=random, **fields)


def welcome_of(
    group: Group,
    staged: StagedCommit,
    own: OwnKeyPackage = DAVE,
    added: OwnKeyPackage | None = None,
    psks: Sequence[PreSharedKeyID] = (),
    **edit: Any,
) -> bytes:
    """A Welcome to the epoch of ``staged``, edited, and right in all that follows from that.

    It is for ``own``, if somebody else was ``added``. All ``psks`` are ``b"key"``.
    """
    assert staged.after is not None
    assert staged.welcome is not None
    sent, newcomer = decode_message(staged.welcome), added or own
    assert isinstance(sent, Welcome)
    secrets = sent.open_secrets(SUITE, newcomer.key_package, newcomer.init_key)
    assert secrets.path_secret is not None
    psk = psk_secret(SUITE, [(name, b"key") for name in psks])
    joiner = JoinerSecret(secrets.joiner_secret, psk)
    good = staged.after.epoch.group_info(group.client.signing_key)
    context = replace(good.group_context, **edit.pop("context", {}))
    epoch, _ = derive_epoch(SUITE, joiner.epoch_secret(SUITE, context))
    tag = edit.pop("tag", epoch.confirmation_tag(SUITE, context))
    info = sign_group_info(SUITE, group.client.signing_key, 0, context, tag, good.extensions)
    path_secret = edit.pop("path_secret", secrets.path_secret.path_secret)
    assert not edit
    sealed = seal_welcome(
        SUITE, joiner, info, [(own.key_package, path_secret)], tuple(psks), random
    )
    return encode_message(sealed)


def test_the_builder_builds_what_is_received() -> None:
    groups = family("alice", "bob")
    staged = add_dave(groups[0])
    joined = join(welcome_of(groups[0], staged))
    groups[0].merge(staged)
    agree(groups[0], joined)


@pytest.mark.parametrize("force_path", [True, False])
@pytest.mark.parametrize("with_tree", [True, False])
def test_a_newcomer_can_do_everything(force_path: bool, with_tree: bool) -> None:
    groups = family("alice", "bob", "carol")
    options = WelcomeOptions(with_tree=with_tree)
    staged = commit(groups, 1, Add(DAVE.key_package), force_path=force_path, welcome=options)
    tree = None if with_tree else groups[0].export_tree()
    groups.append(join(staged.welcome, tree=tree))
    agree(*groups)
    assert groups[0].receive(groups[3].send(b"hello")).data == b"hello"
    assert groups[3].receive(groups[0].send(b"hi")).data == b"hi"
    for index in (3, 2, 3):
        commit(groups, index)
        agree(*groups)


def test_a_psk_is_mixed_in() -> None:
    groups = family("alice", "bob")
    psk = PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk"), random(32)))
    staged = commit(groups, 0, Add(DAVE.key_package), psk, psks=lambda name: b"key")
    with pytest.raises(PeerError, match="do not have"):
        join(staged.welcome)
    with pytest.raises(AuthenticationError):
        join(staged.welcome, psks=lambda name: b"wrong")
    agree(*groups, join(staged.welcome, psks=lambda name: b"key"))


def test_a_group_that_we_are_in_is_refused() -> None:
    welcome = add_dave(create()).welcome
    with pytest.raises(PeerError, match="that we are in"):
        join(welcome, groups={GROUP_ID})
    join(welcome, groups={b"another"})


def test_a_group_without_us_is_refused() -> None:
    group = create()
    erin = package("erin")
    with pytest.raises(PeerError, match="without us"):
        join(welcome_of(group, add_dave(group, erin), added=erin))


def test_our_leaf_is_exactly_ours() -> None:
    group = create()
    again = package(DAVE.client)
    with pytest.raises(PeerError, match="without us"):
        join(welcome_of(group, add_dave(group, again), added=again))


def test_a_group_of_another_suite_is_refused() -> None:
    group = create()
    with pytest.raises(PeerError, match="another cipher suite"):
        join(welcome_of(group, add_dave(group), context={"cipher_suite": 1}))


def test_a_wrong_confirmation_tag_is_refused() -> None:
    group = create()
    staged = add_dave(group)
    with pytest.raises(AuthenticationError):
        join(welcome_of(group, staged, tag=bytes(32)))


def test_another_tree_is_refused() -> None:
    group = create()
    staged = add_dave(group)
    with pytest.raises(PeerError, match="not the group's"):
        join(welcome_of(group, staged, context={"tree_hash": bytes(32)}))


def test_an_extension_that_we_do_not_support_is_refused() -> None:
    group = create()
    context = {"extensions": (Extension(0xF001, b""),)}
    with pytest.raises(PeerError, match="not support"):
        join(welcome_of(group, add_dave(group), context=context))


def test_a_path_secret_gives_the_keys_of_the_tree() -> None:
    group = create()
    with pytest.raises(AuthenticationError):
        join(welcome_of(group, add_dave(group), path_secret=bytes(32)))


@pytest.mark.parametrize("usage", [BRANCH, REINIT])
def test_only_one_psk_links_groups_and_only_to_the_first_epoch(usage: int) -> None:
    def links(*usages: int) -> list[PreSharedKeyID]:
        return [PreSharedKeyID(ResumptionPsk(use, b"old", 1), bytes(32)) for use in usages]

    group = family("alice", "bob")[0]
    staged = add_dave(group)
    with pytest.raises(PeerError, match="more than one"):
        join(welcome_of(group, staged, psks=links(BRANCH, REINIT)), psks=lambda name: b"key")
    with pytest.raises(PeerError, match="later epoch"):
        join(welcome_of(group, staged, psks=links(usage)), psks=lambda name: b"key")
    assert links(APPLICATION)[0].links_groups is False
    join(welcome_of(group, staged, psks=links(APPLICATION)), psks=lambda name: b"key")


def test_psks_are_well_formed() -> None:
    group = create()
    odd = (PreSharedKeyID(ExternalPsk(b"psk"), b"short"),)
    with pytest.raises(PeerError, match="nonce"):
        join(welcome_of(group, add_dave(group), psks=odd), psks=lambda name: b"key")


def test_what_is_no_welcome_is_refused() -> None:
    duo = family("alice", "bob")
    for message in (duo[0].group_info(), duo[0].send(b"")):
        with pytest.raises(PeerError, match="not a Welcome"):
            join(message)
