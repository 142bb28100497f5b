import inspect
from typing import get_args

import msgspec
import pytest

from geventim.client import answers, wishes
from geventim.client.results import result_of
from geventim.programs.requests import Requests
from tests.app.samples import WISHES, sample


class Granted(Requests):
    """Notes what was wished, and has it done."""

    def __init__(self):
        self.wishes = []

    def wish(self, wish):
        self.wishes.append(wish)
        return sample(result_of(type(wish)))


WITH_METHODS = [wish for wish in WISHES if not isinstance(wish, wishes.Cancel)]
"""All but one, since the ids of wishes are not known to a program."""


@pytest.mark.parametrize("wish", WITH_METHODS, ids=lambda wish: type(wish).__name__)
def test_there_is_a_method_for_every_wish(wish):
    tag = type(wish).__struct_config__.tag
    fields = {
        field.name: getattr(wish, field.name)
        for field in msgspec.structs.fields(type(wish))
        if field.name != "id"
    }
    granted = Granted()
    result = getattr(granted, tag)(**fields)
    assert granted.wishes == [msgspec.structs.replace(wish, id=0)]
    done = sample(result_of(type(wish)))
    assert result in [done, None, *(getattr(done, name) for name in done.__struct_fields__)]
    assert (result is None) == (type(done) is answers.Result)


def test_there_is_no_other():
    methods = {name for name, _ in inspect.getmembers(Requests, inspect.isfunction)}
    assert {name for name in methods if name[0] != "_"} == {"wish", *wishes.TAGS}
    assert len(WISHES) == len(get_args(wishes.AnyWish))


def test_messages_and_transfers_are_cancelled():
    granted = Granted()
    granted.cancel(transfer=3)
    granted.cancel(message_id="0f" * 16)
    assert granted.wishes == [
        wishes.Cancel(id=0, transfer=3),
        wishes.Cancel(id=0, message_id="0f" * 16),
    ]
