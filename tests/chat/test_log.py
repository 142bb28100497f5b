"""The port itself: its words, and what may travel through it."""

import typing

import msgspec

from geventim.chat import log


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
