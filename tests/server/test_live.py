"""What a server takes up while it runs."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from geventim.chat.values import Access
from geventim.errors import UserError
from geventim.server.config.settings import Settings
from geventim.server.live import Live

pytestmark = pytest.mark.usefixtures("restored")


@pytest.fixture
def log_file(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def operator(log_file):
    """Decides: ``operator.settings`` may be changed, or be an error."""

    class Operator:
        settings = Settings(
            "127.0.0.1", 5555, "", Path("data"), Access.OPEN, log_level="warning", log_file=log_file
        )

        def read(self):
            if isinstance(self.settings, UserError):
                raise self.settings
            return self.settings

        def change(self, **values):
            self.settings = replace(self.settings, **values)

    return Operator()


@pytest.fixture
def live(operator):
    live = Live(operator.settings, operator.read)
    live.start_logging()
    return live


def test_what_can_change_does(live, operator, log_file):
    operator.change(log_level="info", public="chat.example.org")
    live.reload()
    assert live.settings == operator.settings
    assert "was read again changed=['public', 'log_level']" in log_file.read_text()


def test_what_cannot_change_stays_and_is_told(live, operator, log_file):
    operator.change(port=7, room_limit=3, public="chat.example.org")
    live.reload()
    assert (live.settings.port, live.settings.room_limit) == (5555, 1000)
    assert live.settings.public == "chat.example.org"
    assert "waits for a restart settings=['port', 'room_limit']" in log_file.read_text()


def test_what_cannot_be_read_changes_nothing(live, operator, log_file):
    before = live.settings
    operator.settings = UserError("usage", "Line 3 is odd.", "Make it even.")
    live.reload()
    assert live.settings is before
    assert "was not read again fault='Line 3 is odd. Make it even.'" in log_file.read_text()


def test_a_log_file_is_opened_anew(live, log_file):
    moved = log_file.with_name("log.1")
    log_file.rename(moved)
    live.reload()
    logging.getLogger("geventim").warning("here")
    assert "here" in log_file.read_text()
    assert "here" not in moved.read_text()


def test_a_log_file_that_cannot_be_opened_leaves_the_old_one(live, operator, log_file, tmp_path):
    operator.change(log_file=tmp_path / "missing" / "log")
    live.reload()
    assert live.settings.log_file == log_file
    assert "cannot be written: No such file or directory" in log_file.read_text()
