"""A door from its first link to its end."""

import re

import gevent
import pytest
from gevent import socket

from geventim.errors import UserError
from geventim.web.place import Place
from tests.greenlets import until
from tests.web.knocking import Knocker
from tests.web.test_attacks import WISH


def test_a_link_leads_to_loopback_and_its_token_is_in_the_fragment(open_door):
    door = open_door()
    links = {door.link() for _ in range(4)}
    assert len(links) == 4
    assert all(re.fullmatch(r"http://127\.0\.0\.1:\d+/#[\w-]{22}", link) for link in links)


def test_only_this_machine_can_connect(open_door):
    address = open_door()._server.socket.getsockname()
    assert address[0] == "127.0.0.1"


def test_a_place_can_be_chosen_and_taken(open_door):
    door = open_door(Place("127.0.0.1", 0))
    port = int(door.link().rpartition(":")[2].partition("/")[0])
    with pytest.raises(UserError) as error:
        open_door(Place("127.0.0.1", port))
    assert error.value.code == "cannot_listen"


def test_it_ends_with_everybody_who_is_in(open_door, tmp_path):
    door = open_door()
    knock = Knocker(door)
    knock.come_in()
    stream = knock.connect()
    stream.sendall(knock.request("GET", "/events"))
    assert stream.recv(9) == b"HTTP/1.1 "
    knock.ask("POST", "/files?name=x", body=b"1")
    door.close()
    while stream.recv(4096):
        pass
    assert not list((tmp_path / "web").glob("*/*/*/*"))
    with pytest.raises(OSError, match="refused"):
        knock.connect()
    knock.close()


def test_it_is_full_once_its_places_are_promised(open_door):
    door = open_door()
    for _ in range(4):
        assert not door.is_full
        door.link()
    assert door.is_full


def test_pages_that_were_not_seen_for_long_are_swept(come):
    knock = come(sweep=0.001, absence=0.0)
    knock.come_in()
    until(lambda: not knock.door._access._sessions)
    assert knock.ask("POST", "/wishes", body=WISH).error == "too_long"


def test_many_come_at_the_same_time(open_door):
    knock = Knocker(open_door())
    socks = [knock.connect() for _ in range(40)]
    asking = [gevent.spawn(knock.ask, "GET", "/") for _ in range(40)]
    gevent.joinall(asking)
    assert {each.value.status for each in asking} == {200}
    for sock in socks:
        sock.shutdown(socket.SHUT_RDWR)
    knock.close()
