from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group import Group
from geventim.mls.messages.group_info import GroupInfo, UnverifiedGroupInfo, sign_group_info
from tests.mls.builder import SUITE, family

POLICY = Policy()


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    return family("alice", "bob", "carol")


def info(group: Group, **options: object) -> UnverifiedGroupInfo:
    made = group.state.epoch.group_info(group.client.signing_key, **options)
    return UnverifiedGroupInfo.decode(made.encode())


def test_what_a_member_signs_verifies(groups: list[Group]) -> None:
    for group in groups:
        verified, tree = info(group).verify(POLICY)
        assert isinstance(verified, GroupInfo)
        assert tree.tree_hash() == group.tree_hash
        assert verified.signer == group.own_index


def test_the_tree_may_come_by_another_way(groups: list[Group]) -> None:
    bare = info(groups[0], with_tree=False)
    bare.verify(POLICY, groups[1].export_tree())
    with pytest.raises(PeerError, match="without its tree"):
        bare.verify(POLICY)


def test_every_field_is_signed(groups: list[Group]) -> None:
    good = info(groups[0])
    context = replace(good.group_context, epoch=9)
    for fields in (
        {"group_context": context},
        {"extensions": (*good.extensions, Extension(9, b""))},
        {"confirmation_tag": bytes(32)},
        {"signer": 1},
        {"signature": bytes(64)},
    ):
        with pytest.raises(AuthenticationError):
            replace(good, **fields).verify(POLICY)


def test_the_signer_is_a_member(groups: list[Group]) -> None:
    for signer in (3, 4, 1 << 31):
        with pytest.raises(PeerError, match="nobody"):
            replace(info(groups[0]), signer=signer).verify(POLICY)


def test_unknown_extensions_are_ignored(groups: list[Group]) -> None:
    info(groups[0], extensions=(Extension(0x0A0A, b"grease"),)).verify(POLICY)


@pytest.mark.parametrize(
    ("field", "why"), [("version", "protocol version"), ("cipher_suite", "cipher suite")]
)
def test_another_kind_of_group_is_refused(groups: list[Group], field: str, why: str) -> None:
    good = info(groups[0])
    odd = sign_group_info(
        SUITE,
        groups[0].client.signing_key,
        0,
        replace(good.group_context, **{field: 2}),
        good.confirmation_tag,
        good.extensions,
    )
    with pytest.raises(PeerError, match=why):
        odd.verify(POLICY)
