"""How a connection is read; test_attacks has what is not read at all."""

from gevent import socket

from geventim.web.handler import FIELD, FIRST_LINE
from tests.web.knocking import Answer


def test_first_lines_and_fields_are_those_of_browsers():
    assert FIRST_LINE.fullmatch("GET /events?x=%20 HTTP/1.1\r\n")
    assert FIELD.fullmatch(b"User-Agent: Mozilla/5.0 (X11; Linux)\r\n")[2].startswith(b"Mozilla")
    assert FIELD.fullmatch(b"X:\r\n")[2] == b""
    assert FIELD.fullmatch(b"X: \xe9\r\n")


def test_a_connection_is_kept_for_the_next_request(knock):
    sock = knock.connect()
    for _ in range(3):
        sock.sendall(knock.request("GET", "/"))
        assert Answer(sock).status == 200


def test_it_is_closed_when_somebody_wants_that_or_was_refused(knock):
    for headers, path in ((knock.own | {"Connection": "close"}, "/"), (knock.own, "/none")):
        sock = knock.connect()
        sock.sendall(knock.request("GET", path, headers))
        Answer(sock)
        assert sock.recv(1) == b""


def test_a_body_that_ends_early_is_no_request(knock):
    knock.come_in()
    sock = knock.connect()
    sock.sendall(knock.request("POST", "/wishes", knock.own | {"Content-Length": 100}) + b"{")
    sock.shutdown(socket.SHUT_WR)
    assert Answer(sock).status == 500
