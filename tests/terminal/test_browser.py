"""Leading a browser to a client, from whatever its terminal shows."""

import os

import gevent
import pytest
from gevent.event import Event as Flag

from geventim.app.settings import Settings
from geventim.chat.links import Link
from geventim.client.events import Error, Web
from geventim.terminal import browser as module
from geventim.terminal.browser import Browser
from geventim.web.place import Place
from geventim.web.shelf import Shelf
from tests.greenlets import background_errors, deadline, until

__all__ = ["background_errors", "deadline"]


class Host:
    def __init__(self):
        self.entered = Flag()

    def await_entry(self):
        self.entered.wait()


@pytest.fixture
def told():
    return []


@pytest.fixture
def lead(tmp_path, told):
    """Makes browsers for alice's client."""
    browsers = []
    settings = Settings(Link("127.0.0.1", 1), "alice", "lobby", tmp_path)

    def lead(place=None, program=None):
        browser = Browser(settings, place or Place(), told.append, program)
        browsers.append(browser)
        return browser

    yield lead
    for browser in browsers:
        browser.close()
    gevent.sleep(0)


def origin(event):
    return event.url.partition("/#")[0]


def test_there_is_a_link_once_the_client_can_be_talked_to(lead, told):
    host = Host()
    lead().begin(host)
    gevent.sleep(0)
    assert told == []
    host.entered.set()
    until(lambda: told)
    assert isinstance(told[0], Web)


def test_what_a_killed_client_has_left_goes_before_somebody_wants_it(lead, tmp_path):
    shelf = Shelf(tmp_path)
    (shelf.place / "left").write_bytes(b"words of somebody")
    os.close(shelf._lock)
    lead()
    assert not shelf.place.exists()


def test_nothing_listens_before_somebody_wants_it(lead, tmp_path):
    lead()
    assert not (tmp_path / "web").exists()


def test_more_pages_than_a_browser_has_connections_for_get_another_door(lead, told):
    browser = lead()
    for _ in range(9):
        browser.open()
    origins = [origin(event) for event in told]
    assert len({event.url for event in told}) == 9
    assert len(set(origins[:4])) == len(set(origins[4:8])) == 1
    assert len(set(origins)) == 3


def test_there_are_not_more_than_a_few(lead, told):
    browser = lead()
    for _ in range(30):
        browser.open()
    assert len({origin(event) for event in told}) == module.DOORS


def test_at_a_place_that_was_chosen_there_is_one(lead, told):
    lead().open()
    port = int(origin(told[0]).rpartition(":")[2])
    other = lead(Place("127.0.0.1", port))
    other.open()
    assert isinstance(told[1], Error)
    assert told[1].code == "cannot_listen"
    assert str(port) in told[1].text


def test_a_desktop_opens_it_as_well(lead, told, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(module, "open_link", lambda *words: opened.append(words))
    monkeypatch.setattr(module, "LIFE", 0.001)
    lead(program="/usr/bin/xdg-open").open()
    ((url, program, room),) = opened
    assert (url, program) == (told[0].url, "/usr/bin/xdg-open")
    assert room.is_relative_to(tmp_path / "web")
    until(lambda: not room.exists())


def test_without_a_place_for_files_there_is_none(lead, told, tmp_path):
    (tmp_path / "web").write_text("in the way")
    lead().open()
    assert [type(event) for event in told] == [Error]


def test_all_doors_are_shut_in_the_end(lead, told, tmp_path):
    browser = lead()
    for _ in range(6):
        browser.open()
    browser.close()
    assert [path.name for path in (tmp_path / "web").iterdir()] == ["lock"]
