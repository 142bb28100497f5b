from typing import get_args

import pytest

from geventim.client import answers, wishes
from geventim.client.results import RESULTS, result_of


def test_every_result_is_that_of_a_wish():
    assert set(RESULTS) <= set(get_args(wishes.AnyWish))


@pytest.mark.parametrize(
    ("wish", "result"), [(wishes.Say, answers.Said), (wishes.Confirm, answers.Result)]
)
def test_what_a_wish_is_done_with(wish, result):
    assert result_of(wish) is result
