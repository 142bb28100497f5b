"""What may go into a store."""

import typing

import msgspec

from geventim.chat.limits import BULK
from geventim.chat.values import EntryKind
from geventim.log.changes import (
    ALONE,
    AddKeyPackages,
    Append,
    Change,
    Commit,
    GiveState,
    weight,
)
from geventim.log.people import SetOperator


def test_changes_are_values() -> None:
    for change in typing.get_args(Change):
        assert issubclass(change, msgspec.Struct)
        assert change.__struct_config__.frozen


def test_large_changes_weigh_more_than_small_ones() -> None:
    def append(size: int) -> Append:
        return Append(bytes(16), bytes(16), EntryKind.MESSAGE, bytes(16), 0.0, 1, bytes(size))

    def commit(message: int, welcome: int, state: int) -> Commit:
        sizes = bytes(message), bytes(state), bytes(welcome)
        return Commit(bytes(16), bytes(16), bytes(16), 0.0, 1, *sizes)

    assert [weight(append(size)) for size in (0, BULK - 1, BULK)] == [1, 1, 2]
    for parts in ((BULK, 0, 0), (0, BULK, 0), (0, 0, BULK)):
        assert weight(commit(*parts)) == ALONE + 1
    assert weight(GiveState(bytes(16), bytes(16), 0, bytes(3 * BULK))) == ALONE + 3
    assert weight(AddKeyPackages(bytes(16), (bytes(BULK), bytes(BULK)), 0.0)) == ALONE + 2


def test_what_is_not_written_with_others_weighs_more_than_a_message() -> None:
    left = Append(bytes(16), bytes(16), EntryKind.LEAVE, bytes(16), 0.0, 1, b"")
    assert weight(left) == weight(SetOperator(bytes(16))) == ALONE > 1
