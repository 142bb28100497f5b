import json
import logging
import re
from functools import partial
from pathlib import Path

import gevent
import pytest

from geventim.errors import UserError
from geventim.server.report import start_logging

pytestmark = pytest.mark.usefixtures("restored")

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def log():
    return logging.getLogger("geventim.server.test")


def test_a_line_is_time_level_event_and_facts(log, capsys):
    start_logging("info", as_json=False)
    log.info("started", extra={"port": 5555, "host": "a b\n"})
    err = capsys.readouterr().err
    assert re.fullmatch(TIME + r" info started port=5555 host='a b\\n'\n", err)


def test_an_object_is_the_same_for_programs(log, capsys):
    start_logging("info", as_json=True)
    log.warning("odd", extra={"port": 5555, "what": {1}})
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert re.fullmatch(TIME, event.pop("time"))
    assert event == {"level": "warning", "event": "odd", "port": 5555, "what": "{1}"}


def test_the_time_is_utc(log, capsys, monkeypatch):
    monkeypatch.setattr("time.gmtime", lambda seconds: (1970, 1, 2, 3, 4, 5, 0, 1, 0))
    start_logging("info", as_json=False)
    log.info("started")
    assert capsys.readouterr().err.startswith("1970-01-02T03:04:05Z ")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_failure_is_told_with_its_traceback(log, capsys, as_json):
    start_logging("error", as_json=as_json)
    try:
        int("broken")
    except ValueError:
        log.exception("failed")
    err = capsys.readouterr().err
    text = json.loads(err)["error"] if as_json else err
    assert "Traceback" in text
    assert "ValueError: invalid literal" in text


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_only_what_is_as_grave_is_told(log, capsys, level, told):
    start_logging(level, as_json=True)
    for method in (log.debug, log.info, log.warning, log.error):
        method("event")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["level"] for line in lines] == told


def test_everything_is_told_once_and_to_nobody_else(log, capsys, caplog):
    start_logging("info", as_json=False)
    start_logging("info", as_json=False)
    log.info("started")
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert caplog.records == []


def test_a_file_is_for_its_owner_and_appended_to(log, tmp_path, capsys):
    path = tmp_path / "log"
    for event in ("one", "two"):
        start_logging("info", as_json=False, path=path)
        log.info(event)
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["one", "two"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_had_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be written: Is a directory") as caught:
        start_logging("info", as_json=False, path=tmp_path)
    assert caught.value.code == "log_file"


def test_a_log_that_cannot_be_written_ends_nothing(log, capsys):
    start_logging("info", as_json=False, path=Path("/dev/full"))
    log.info("lost")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("as_json", [True, False])
def test_a_greenlet_that_fails_is_an_event_like_others(capsys, monkeypatch, as_json):
    hub = gevent.get_hub()
    monkeypatch.setattr(hub, "handle_error", partial(type(hub).handle_error, hub))

    def fail():
        raise ValueError("odd")

    start_logging("info", as_json=as_json)
    gevent.spawn(fail).join()
    err = capsys.readouterr().err
    if as_json:
        (line,) = err.splitlines()
        event = json.loads(line)
        assert (event["level"], event["where"]) == ("error", "Greenlet")
        assert "ValueError: odd" in event["error"]
    else:
        assert re.match(TIME + " error a bug where='Greenlet'\nTraceback", err)
