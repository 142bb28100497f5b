"""Files of messages on their way to a page."""

from pathlib import Path

import pytest
from gevent import socket

from geventim.client.answers import Fetched
from geventim.client.wishes import Cancel, FetchFile
from geventim.errors import UserError
from geventim.web.download import PIECE, Contents, fetch, has_hung_up
from geventim.web.exchange import WebError
from tests.greenlets import until

MESSAGE = "0" * 32


def never():
    return False


@pytest.fixture
def room(box):
    return box.room()


def test_a_file_is_fetched_into_a_private_place_and_gone_afterwards(client, room):
    data = b"data" * PIECE
    (room / "x").write_bytes(data)
    client.results[FetchFile] = Fetched(str(room / "x"))
    contents = fetch(client.attach, MESSAGE, 2, room, never)
    (wish,) = client.wished(FetchFile)
    assert (wish.message_id, wish.index, wish.path) == (MESSAGE, 2, str(room))
    pieces = list(contents)
    assert contents.size == len(data)
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) == PIECE
    contents.close()
    assert not room.exists()
    until(lambda: not client.hub.fronts)


@pytest.mark.parametrize(
    ("code", "status"), [("no_message", 404), ("no_file", 404), ("quota", 502), ("bad_file", 502)]
)
def test_why_there_is_none(client, room, code, status):
    client.results[FetchFile] = UserError(code, "No.")
    with pytest.raises(WebError) as error:
        fetch(client.attach, MESSAGE, 0, room, never)
    assert (error.value.status.value, error.value.code) == (status, code)
    assert not room.exists()


def test_without_a_client_there_is_none(client, room):
    with pytest.raises(WebError, match="no_client"):
        fetch(lambda _: None, MESSAGE, 0, room, never)
    client.hold = True
    with pytest.raises(WebError, match="no_client"):
        fetch(client.attach, MESSAGE, 0, room, lambda: bool(client.granted and client.close()))
    assert not room.exists()


def test_it_is_given_up_when_the_page_goes(client, room):
    client.hold = True
    with pytest.raises(WebError, match="no_client"):
        fetch(client.attach, MESSAGE, 0, room, lambda: client.wished(FetchFile))
    (wish,) = client.wished(FetchFile)
    assert [each.request for each in client.wished(Cancel)] == [wish.id]
    assert not room.exists()
    until(lambda: not client.hub.fronts)


def test_what_nobody_reads_is_gone_as_well(room):
    (room / "x").write_bytes(b"data")
    Contents(Path(room / "x")).close()
    assert not room.exists()


def test_who_hangs_up_is_noticed():
    ours, theirs = socket.socketpair()
    assert not has_hung_up(ours)
    theirs.sendall(b"x")
    assert not has_hung_up(ours)
    theirs.close()
    assert has_hung_up(ours)
    ours.close()
