"""Joining by external commit (RFC 9420 §12.4.3.2)."""

from dataclasses import replace

import pytest

from geventim.errors import MisuseError, PeerError
from geventim.mls.epochs.following import follow
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.authentication import sign_content
from geventim.mls.messages.framing import PUBLIC_MESSAGE, PublicMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.schedule.psk import ExternalPsk
from tests.mls.builder import (
    GROUP_ID,
    SUITE,
    agree,
    client,
    commit,
    create,
    edit_public,
    family,
    join_from_outside,
    random,
    refuses,
)


def enter(group: Group, **options: object) -> Entrance:
    return Entrance.read(group.group_info(**options), DEFAULT_POLICY)


def test_many_join_one_after_the_other() -> None:
    groups = [create()]
    for number in range(8):
        join_from_outside(groups, f"member {number}")
        agree(*groups)
    assert groups[0].epoch == 8
    commit(groups, 4)
    assert groups[0].receive(groups[8].send(b"hello")).data == b"hello"
    agree(*groups)


def test_the_effects_show_it() -> None:
    groups = family("alice", "bob")
    new, message = Group.join_by_commit(enter(groups[0]), client("dave"), random=random)
    effects = groups[1].receive(message).effects
    assert effects.external
    assert effects.committer == new.own_index == 2
    assert effects.added == {2: new.member(2)}
    assert not effects.removed
    assert not effects.updated


def test_a_resync_replaces_the_old_leaf() -> None:
    groups = family("alice", "bob", "carol")
    stay = groups[:2]
    message = join_from_outside(stay, groups[2].client, replaces=2)
    agree(*stay)
    assert stay[2].own_index == 2
    assert len(list(stay[0].members())) == 3
    # The copy that was left behind learns that it is out.
    assert groups[2].receive(message).removes_us


def test_the_only_member_can_resync() -> None:
    group = create()
    new, message = Group.join_by_commit(enter(group), group.client, random=random, replaces=0)
    assert new.own_index == 0
    assert group.receive(message).removes_us
    assert len(list(new.members())) == 1


def test_a_member_does_not_join_again_without_a_resync() -> None:
    groups = family("alice", "bob")
    with pytest.raises(PeerError, match="one signature key"):
        Group.join_by_commit(enter(groups[0]), groups[1].client, random=random)
    with pytest.raises(MisuseError, match="already"):
        Group.join_by_commit(enter(groups[0]), client("dave"), random=random, groups={GROUP_ID})


def test_psks_are_mixed_in() -> None:
    groups = family("alice", "bob")
    new, message = Group.join_by_commit(
        enter(groups[0]),
        client("dave"),
        random=random,
        psks=[ExternalPsk(b"room")],
        psk_source=lambda name: b"key",
    )
    refuses(groups[1], message, "do not have")
    refuses(groups[1], message, "authentication", lambda name: b"wrong")
    staged = groups[1].receive(message, lambda name: b"key")
    assert [psk.name for psk in staged.effects.psks] == [ExternalPsk(b"room")]
    groups[1].merge(staged)
    agree(groups[1], new)


def test_a_wrong_psk_of_the_newcomer_is_noticed() -> None:
    groups = family("alice", "bob")
    with pytest.raises(PeerError, match="do not have"):
        Group.join_by_commit(
            enter(groups[0]), client("dave"), random=random, psks=[ExternalPsk(b"room")]
        )


def test_a_group_info_without_a_key_is_no_way_in() -> None:
    with pytest.raises(PeerError, match="from outside"):
        enter(create(), with_external_pub=False)
    with pytest.raises(PeerError, match="not a GroupInfo"):
        Entrance.read(family("alice", "bob")[0].send(b""), DEFAULT_POLICY)


def test_the_tree_may_come_by_another_way() -> None:
    group = create()
    entrance = Entrance.read(group.group_info(with_tree=False), DEFAULT_POLICY, group.export_tree())
    Group.join_by_commit(entrance, client("dave"), random=random)


def test_an_extension_that_we_do_not_support_is_refused() -> None:
    able = client("alice", capabilities=replace(client("x").capabilities, extensions=(0xF001,)))
    group = create(able, extensions=(Extension(0xF001, b""),))
    with pytest.raises(PeerError, match="not support"):
        Group.join_by_commit(enter(group), client("dave"), random=random)
    join_from_outside([group], replace(able, signing_key=client("x").signing_key))


def test_a_credential_that_the_application_refuses_is_not_ours() -> None:
    nobody = Policy(accept_credential=lambda credential, key: False)
    with pytest.raises(MisuseError, match="not ours"):
        Group.join_by_commit(enter(create()), client("dave"), random=random, policy=nobody)


def test_it_is_for_one_epoch() -> None:
    groups = family("alice", "bob")
    _, message = Group.join_by_commit(enter(groups[0]), client("dave"), random=random)
    commit(groups, 0)
    refuses(groups[1], message, "another epoch")


def test_it_is_signed_by_its_leaf() -> None:
    groups = family("alice", "bob")
    _, message = Group.join_by_commit(enter(groups[0]), client("dave"), random=random)
    decoded = decode_message(message)
    assert isinstance(decoded, PublicMessage)
    context = groups[0].state.epoch.context
    key = groups[0].client.signing_key
    other = sign_content(SUITE, key, PUBLIC_MESSAGE, decoded.content, context).auth.signature
    for signature in (bytes(64), other):
        auth = replace(decoded.auth, signature=signature)
        refuses(groups[1], edit_public(groups[0], message, auth=auth), "authentication")
    groups[1].receive(message)


def test_authenticated_data_arrive() -> None:
    groups = family("alice", "bob")
    _, message = Group.join_by_commit(
        enter(groups[0]), client("dave"), random=random, authenticated_data=b"seal"
    )
    assert groups[1].receive(message).effects.authenticated_data == b"seal"


def test_somebody_elses_leaf_is_not_replaced() -> None:
    groups = family("alice", "bob")
    with pytest.raises(MisuseError, match="somebody else"):
        Group.join_by_commit(enter(groups[0]), client("dave"), random=random, replaces=1)
    with pytest.raises(PeerError, match="no member"):
        Group.join_by_commit(enter(groups[0]), client("dave"), random=random, replaces=3)


def test_what_it_says_may_depend_on_the_new_leaf() -> None:
    groups = family("alice", "bob")
    seen = []

    def say(leaf: LeafNode) -> bytes:
        seen.append(leaf)
        return b"about " + leaf.encryption_key

    new, message = Group.join_by_commit(
        enter(groups[0]), client("dave"), random=random, authenticated_data=say
    )
    assert seen == [new.member(2)]
    received = groups[1].receive(message)
    assert received.effects.authenticated_data == b"about " + new.member(2).encryption_key


def test_without_a_way_in_one_may_make_ones_own() -> None:
    groups = family("alice", "bob")
    entrance = Entrance.read(
        groups[0].group_info(with_external_pub=False), DEFAULT_POLICY, blindly=random
    )
    new, message = Group.join_by_commit(entrance, client("dave"), random=random)
    # It is a commit like any other, but nobody knows what it starts from.
    refuses(groups[1], message, "authentication")
    followed = follow(groups[1].vantage.public, message, DEFAULT_POLICY)
    vantage = groups[1].vantage.after(followed)
    agree(new, Group.enter(vantage, new.member_secret or b"", random=random))


def test_a_leaf_that_others_would_refuse_is_not_sent() -> None:
    groups = family("alice", "bob")
    policy = Policy(max_leaf_size=len(groups[0].member(0).encode()))
    with pytest.raises(MisuseError, match="too large"):
        Group.join_by_commit(enter(groups[0]), client("d" * 200), random=random, policy=policy)


def test_there_is_no_way_in_after_the_last_epoch() -> None:
    """Whoever gives out a GroupInfo says which epoch it is of."""
    entrance = enter(create())
    context = replace(entrance.public.context, epoch=(1 << 64) - 1)
    last = replace(entrance, public=replace(entrance.public, context=context))
    with pytest.raises(PeerError, match="after the last"):
        Group.join_by_commit(last, client("dave"), random=random)
