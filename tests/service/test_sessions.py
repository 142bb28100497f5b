"""What a session is before and after its login."""

import pytest

from geventim.chat.replies import Announcement
from geventim.chat.requests import Login
from geventim.errors import MisuseError
from geventim.service.happenings import Happening
from geventim.service.refusals import MUTED


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


def test_who_comes_and_what_is_refused_is_told_to_the_rim(world):
    alice = world.enter("alice")
    assert alice.noted == [(Happening.REGISTRATION, "")]
    again = world.client("alice")
    assert again.ask(Login, nick="alice").nick == "alice"
    assert again.noted == [(Happening.LOGIN, "")]
    again.session.refuse(7, MUTED)
    assert again.noted[1:] == [(Happening.REFUSAL, "muted")]
    assert again.received[-1] == (MUTED.reply(7), b"")
