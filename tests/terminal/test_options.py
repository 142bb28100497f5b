import os

import pytest

from geventim.errors import UserError
from geventim.terminal.options import (
    ERRANDS,
    RECALLED,
    is_errand,
    is_full_screen,
    is_program,
    is_terminal,
    place_of,
    seconds_of,
    settings_of,
)

NOTHING = dict.fromkeys(
    [
        *("ADDRESS", "--nick", "--room", "--data", "--access-key-file"),
        *("--lines", "--plain", "--json", "--wishes", "--listen", "--passphrase", "--trace"),
        *("--web-host", "--web-cert", "--web-key", "passphrase", *ERRANDS),
    ]
)


def given(*flags, **said):
    return NOTHING | dict.fromkeys(flags, True) | {f"--{key}": value for key, value in said.items()}


@pytest.fixture
def terminal(monkeypatch):
    """Both ends of the program are a terminal."""
    monkeypatch.setattr(os, "isatty", lambda end: end in {0, 1})
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "soon", "inf", "86401"])
def test_what_is_no_time_to_wait_is_refused(text):
    with pytest.raises(UserError, match="no number of seconds"):
        seconds_of(text)


def test_a_time_to_wait():
    assert seconds_of("0.5") == 0.5
    assert seconds_of("86400") == 86400.0


@pytest.mark.parametrize("errand", ERRANDS)
def test_an_errand_is_told_from_a_client_that_stays(errand):
    assert is_errand(given(errand))
    assert not is_errand(NOTHING)


@pytest.mark.parametrize("flag", ["--json", "--wishes", "ask"])
def test_what_is_for_a_program_is_not_for_a_person(terminal, flag):
    assert is_program(given(flag))
    assert not is_terminal(given(flag))
    assert not is_full_screen(given(flag))


def test_somebody_at_a_terminal_has_all_of_it_or_lines(terminal):
    assert is_full_screen(NOTHING)
    assert is_terminal(NOTHING)
    for flag in ("--lines", "--trace", "send"):
        assert not is_full_screen(given(flag))
        assert is_terminal(given(flag))
    assert not is_terminal(given("--plain"))


def test_lines_on_a_terminal_begin_with_what_was_said(terminal, tmp_path):
    said = {"ADDRESS": "127.0.0.1:1", "--nick": "alice", "--data": str(tmp_path)}
    assert settings_of(given("--lines") | said, iter(())).recall == RECALLED
    assert settings_of(NOTHING | said, iter(())).recall == 0
    assert settings_of(given("--json") | said, iter(())).recall == 0


def test_without_a_terminal_nobody_is_asked_who_they_are(monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda end: False)
    with pytest.raises(UserError, match="Who are you"):
        settings_of(NOTHING, iter(()))


@pytest.mark.parametrize("errand", ERRANDS)
def test_an_errand_that_is_half_said_is_not_an_address(terminal, errand):
    with pytest.raises(UserError, match="of what"):
        settings_of(NOTHING | {"ADDRESS": errand}, iter(()))


def test_browsers_come_in_at_loopback_unless_there_is_a_certificate():
    with pytest.raises(UserError):
        place_of(given(**{"web-host": "192.0.2.1:1"}))
