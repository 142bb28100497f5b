"""What a session is before and after its login."""

import pytest

from geventim.chat.replies import Announcement
from geventim.errors import MisuseError


def test_nobody_has_an_account_before_the_login(world):
    client = world.client("alice")
    assert not client.session.logged_in
    with pytest.raises(MisuseError):
        _ = client.session.account
    client = world.enter("alice")
    assert client.session.logged_in
    assert client.session.account.nick == "alice"


def test_what_is_sent_goes_out_as_a_frame(world):
    client = world.client()
    client.session.send(Announcement(text="hello"))
    assert client.received == [(Announcement(text="hello"), b"")]
