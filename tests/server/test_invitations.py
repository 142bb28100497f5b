"""What somebody is given who is to come."""

from dataclasses import replace
from pathlib import Path

import pytest

from geventim.chat.links import parse_link
from geventim.chat.values import Access
from geventim.server import invitations as module
from geventim.server.config.settings import Settings
from geventim.server.invitations import Invitations
from geventim.server.live import Live

SETTINGS = Settings("0.0.0.0", 5555, "", Path("/data"), Access.OPEN)
KEY = bytes(range(32))


@pytest.fixture
def live():
    return Live(SETTINGS, lambda: SETTINGS)


def test_a_link_names_where_others_reach_the_server(live, monkeypatch):
    monkeypatch.setattr(module, "local_address", lambda: "192.0.2.1")
    assert parse_link(Invitations(live, KEY, "0.0.0.0", 7).link("")).address == "192.0.2.1:7"
    link = parse_link(Invitations(live, KEY, "192.0.2.9", 7).link(""))
    assert (link.address, link.server_key, link.code) == ("192.0.2.9:7", KEY, "")


def test_what_changes_while_the_server_runs_counts(live):
    invitations = Invitations(live, KEY, "192.0.2.1", 7)
    assert len(list(invitations.lines("abcdefgh"))) == 1
    live.settings = replace(SETTINGS, public="chat.example.org", client_package="a b")
    link, install = invitations.lines("")
    assert parse_link(link).address == "chat.example.org:7"
    assert install == "pipx install 'a b'"
