import pytest

from geventim.app.ending import Ending, failed, leaving
from geventim.errors import AuthenticationError, NetworkError, PeerError, StoreError, UserError
from geventim.net.dial import OtherProtocolError


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (NetworkError("127.0.0.1:1 cannot be reached"), 3),
        (PeerError("a gap"), 3),
        (AuthenticationError(), 3),
        (StoreError("the disk is full"), 1),
        (UserError("in_use", "Another client is running."), 1),
        (UserError("server_key", "Another key."), 4),
        (UserError("nick_taken", "Taken."), 5),
        (UserError("wrong_access_key", "Another access key."), 5),
        (UserError("superseded", "Logged in elsewhere."), 5),
        (UserError("other_version", "Version 2."), 3),
        (OtherProtocolError("127.0.0.1:80", "a web server"), 3),
    ],
)
def test_every_error_has_its_exit_code_and_its_sentence(error, exit_code):
    how = failed(error)
    assert how.exit_code == exit_code
    assert str(error).rstrip(".")[1:] in str(how.error)


def test_a_server_in_trouble_is_not_blamed_for_its_protocol():
    refusal = UserError("storage_failed", "The server could not store this.", "Try again later.")
    error = PeerError("the server could not let us in")
    error.__cause__ = refusal
    assert failed(error) == Ending(3, refusal)


def test_lines_left_behind_change_a_good_end_only():
    assert leaving(Ending(0), 0, 0) == Ending(0)
    assert leaving(Ending(0), 2, 0) == Ending(3, None, 2)
    assert leaving(Ending(5), 2, 0) == Ending(5, None, 2)


def test_what_lines_that_were_refused_mean_is_up_to_the_terminal():
    assert leaving(Ending(0), 0, 3) == Ending(0, None, 0, 3)
