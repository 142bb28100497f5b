"""A restored group behaves like the one that was saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import StoreError
from geventim.mls.groups import archive
from geventim.mls.groups.archive import restore, restore_key_package, save_key_package
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.proposals import Add, ReInit, Remove
from tests.mls.builder import (
    NOW,
    agree,
    commit,
    family,
    package,
    random,
    snapshot,
)


def reload(group: Group) -> Group:
    return Group(restore(*snapshot(group)), random)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def test_what_is_restored_is_saved_the_same(trio: list[Group]) -> None:
    late = [trio[0].send(b"%d" % number) for number in range(3)]
    trio[1].receive(late[2])
    commit(trio, 0)
    trio[1].receive(trio[2].propose_update())
    trio[1].receive(trio[2].propose(Add(package("dave").key_package), now=NOW))
    trio[1].receive(trio[0].propose(Remove(2), now=NOW, public=True))
    trio[1].propose_update()
    again = reload(trio[1])
    assert snapshot(again) == snapshot(trio[1])
    assert again.pending() == trio[1].pending()
    # A key that was kept for a late message of a past epoch is there, a used one is not.
    assert again.receive(late[1]).data == b"1"
    assert again.status is Status.ACTIVE


def test_it_goes_on_in_every_way(trio: list[Group]) -> None:
    trio = [reload(group) for group in trio]
    assert trio[1].receive(trio[0].send(b"hello")).data == b"hello"
    trio = [reload(group) for group in trio]
    assert trio[1].receive(trio[0].send(b"again")).data == b"again"
    for index in range(3):
        commit(trio, index)
        trio = [reload(group) for group in trio]
        agree(*trio)


def test_our_own_update_is_not_forgotten(trio: list[Group]) -> None:
    message = trio[2].propose_update()
    trio[2] = reload(trio[2])
    for group in trio[:2]:
        group.receive(message)
    commit(trio, 0)
    agree(*trio)
    commit(trio, 1)
    agree(*trio)


def test_past_epochs_survive(trio: list[Group]) -> None:
    late = trio[0].send(b"late")
    commit(trio, 1)
    again = reload(reload(trio[2]))
    assert again.receive(late).data == b"late"


def test_the_end_survives(trio: list[Group]) -> None:
    staged = commit(trio[:2], 0, Remove(2))
    trio[2].merge(trio[2].receive(staged.message))
    assert reload(trio[2]).status is Status.REMOVED
    wanted = ReInit(b"next", 1, 3, ())
    commit(trio[:2], 0, wanted)
    again = reload(trio[0])
    assert (again.status, again.reinit) == (Status.CLOSED, wanted)


def test_messages_change_the_moving_part_only(trio: list[Group]) -> None:
    fixed, moving = snapshot(trio[1])
    trio[1].receive(trio[0].send(b"hello"))
    trio[1].receive(trio[0].propose(Remove(2), now=NOW))
    after = snapshot(trio[1])
    assert after[0] == fixed
    assert after[1] != moving


def test_parts_that_do_not_belong_together_are_refused(trio: list[Group]) -> None:
    fixed, moving = snapshot(trio[0])
    commit(trio, 1)
    later = snapshot(trio[0])
    for parts in ((fixed, later[1]), (later[0], moving), (moving, fixed), (fixed, b"")):
        with pytest.raises(StoreError):
            restore(*parts)


def test_another_version_is_refused(trio: list[Group]) -> None:
    fixed, moving = snapshot(trio[0])
    for parts in ((b"\x00\x02" + fixed[2:], moving), (fixed, b"\x00\x02" + moving[2:])):
        with pytest.raises(StoreError, match="version 2"):
            restore(*parts)


def test_a_key_package_survives(trio: list[Group]) -> None:
    own = package("dave")
    data = save_key_package(own)
    again = restore_key_package(data)
    assert save_key_package(again) == data
    staged = commit(trio, 0, Add(own.key_package))
    agree(*trio, Group.join(staged.welcome or b"", again, random=random))
    with pytest.raises(StoreError, match="version"):
        restore_key_package(b"\x00\x07" + data[2:])
    with pytest.raises(StoreError):
        restore_key_package(data[:-1])


SAVED = snapshot(family("alice", "bob", "carol")[1])


@given(st.integers(0, 1), st.data())
def test_damage_is_a_store_error_or_harmless(part: int, data: st.DataObject) -> None:
    parts = list(SAVED)
    at = data.draw(st.integers(0, len(parts[part]) - 1))
    broken = bytearray(parts[part])
    broken[at] = data.draw(st.integers(0, 255))
    parts[part] = bytes(broken)
    try:
        restore(*parts)
    except StoreError:
        return


def test_the_version_is_the_first_thing() -> None:
    assert {part[:2] for part in SAVED} == {archive.VERSION.to_bytes(2, "big")}
