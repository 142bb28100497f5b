"""The words of refusals."""

import typing

from geventim.log import outcomes
from geventim.log.changes import Change
from geventim.log.outcomes import Refusal


def refusals() -> dict[str, Refusal]:
    return {name: value for name, value in vars(outcomes).items() if isinstance(value, Refusal)}


def test_every_refusal_has_its_own_word_and_is_named_by_it() -> None:
    assert {name.lower(): name for name in refusals()} == {
        refusal.code: name for name, refusal in refusals().items()
    }


def test_every_refusal_is_spoken_of_by_the_change_that_gives_it() -> None:
    spoken = "".join(change.__doc__ or "" for change in typing.get_args(Change))
    assert [name for name in refusals() if name not in spoken] == []
