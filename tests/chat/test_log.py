"""The port itself: its words, and what may travel through it."""

import typing

import msgspec

from geventim.chat import log
from geventim.chat.limits import BULK
from geventim.chat.values import EntryKind


def refusals() -> dict[str, log.Refusal]:
    return {name: value for name, value in vars(log).items() if isinstance(value, log.Refusal)}


def test_every_refusal_has_its_own_word_and_is_named_by_it() -> None:
    assert {name.lower(): name for name in refusals()} == {
        refusal.code: name for name, refusal in refusals().items()
    }


def test_every_refusal_is_spoken_of_by_the_change_that_gives_it() -> None:
    spoken = "".join(change.__doc__ or "" for change in typing.get_args(log.Change))
    assert [name for name in refusals() if name not in spoken] == []


def test_changes_are_values() -> None:
    for change in typing.get_args(log.Change):
        assert issubclass(change, msgspec.Struct)
        assert change.__struct_config__.frozen


def test_large_changes_weigh_more_than_small_ones() -> None:
    def append(size: int) -> log.Append:
        return log.Append(bytes(16), bytes(16), EntryKind.MESSAGE, bytes(16), 0.0, 1, bytes(size))

    def commit(message: int, welcome: int, state: int) -> log.Commit:
        sizes = bytes(message), bytes(state), bytes(welcome)
        return log.Commit(bytes(16), bytes(16), bytes(16), 0.0, 1, *sizes)

    assert log.weight(log.SetOperator(bytes(16))) == 1
    assert [log.weight(append(size)) for size in (0, BULK - 1, BULK)] == [1, 1, 2]
    for parts in ((BULK, 0, 0), (0, BULK, 0), (0, 0, BULK)):
        assert log.weight(commit(*parts)) == 2
    assert log.weight(log.GiveState(bytes(16), bytes(16), 0, bytes(3 * BULK))) == 4
    assert log.weight(log.AddKeyPackages(bytes(16), (bytes(BULK), bytes(BULK)), 0.0)) == 3
