"""Files in messages, as wishes ask for them."""

import pytest

from geventim.client import wishes
from geventim.client.answers import Refused


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (wishes.Say(id=1, to="#lobby", text=""), "nothing_said"),
        (wishes.Say(id=1, to="#lobby", text="", files=("relative",)), "bad_path"),
        (wishes.Say(id=1, to="#lobby", text="", files=("/nowhere",)), "no_source"),
        (wishes.FetchFile(id=1, message_id="00" * 16), "no_message"),
        (wishes.FetchFile(id=1, message_id="00" * 16, path="relative"), "bad_path"),
        (wishes.Cancel(id=1, transfer=1), "no_transfer"),
    ],
)
def test_what_cannot_be_done_is_refused(world, alice, wish, code):
    alice.news()
    alice.wish(wish)
    world.run()
    (answer,) = [each for each in alice.news() if isinstance(each, Refused)]
    assert answer.refused.code == code
