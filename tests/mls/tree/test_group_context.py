from dataclasses import replace

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.extensions import Extension, RequiredCapabilities
from geventim.mls.tree.group_context import GroupContext, check_members
from tests.mls.builder import GROUP_ID, client, create, supporting


def test_the_layout() -> None:
    context = GroupContext(1, 3, b"id", 5, b"tree", b"hash", (Extension(9, b"x"),))
    encoded = "000100030269640000000000000005047472656504686173680400090178"
    assert context.encode().hex() == encoded
    assert GroupContext.decode(bytes.fromhex(encoded)) == context


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"cipher_suite": 2},
        {"extensions": (Extension(0xF002, b""),)},
        {"extensions": (RequiredCapabilities(extension_types=(0xF002,)).extension(),)},
        {"extensions": (RequiredCapabilities(proposal_types=(0xF002,)).extension(),)},
        {"extensions": (RequiredCapabilities(credential_types=(2,)).extension(),)},
    ],
)
def test_what_not_everybody_supports_is_refused(fields: dict) -> None:
    group = create(client("alice", capabilities=supporting(0xF001)))
    context, tree = group.state.epoch.context, group.state.epoch.tree
    assert context.group_id == GROUP_ID
    check_members(context, tree)
    check_members(replace(context, extensions=(Extension(0xF001, b""),)), tree)
    with pytest.raises(PeerError, match="not support"):
        check_members(replace(context, **fields), tree)
