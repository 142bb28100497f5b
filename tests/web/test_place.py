"""Where the door may be."""

import socket as plain

import pytest
from gevent import socket, ssl

from geventim.errors import UserError
from geventim.web.place import Place
from tests.web.knocking import Answer, Knocker


def test_it_is_loopback_at_any_port_if_nothing_is_said():
    place = Place.of(None, None, None)
    assert place == Place("127.0.0.1", 0)
    with place.listen() as bound:
        host, port = bound.getsockname()
    assert host == "127.0.0.1"
    assert place.authority(port) == f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("said", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("localhost", "localhost", 0),
        ("[::1]:8080", "::1", 8080),
        ("127.3.2.1", "127.3.2.1", 0),
    ],
)
def test_other_places_on_loopback_need_no_certificate(said, host, port):
    place = Place.of(said, None, None)
    assert (place.host, place.port, place.scheme) == (host, port, "http")


@pytest.mark.parametrize(
    "host", ["192.168.1.2", "chat.example", "0.0.0.0", "::", "10.0.0.1:80", "[2001:db8::1]:443"]
)
def test_elsewhere_there_is_none_without(host):
    with pytest.raises(UserError) as error:
        Place.of(host, None, None)
    assert error.value.code == "usage"


@pytest.mark.parametrize(("cert", "key"), [("x", None), (None, "x")])
def test_a_certificate_has_a_key(cert, key):
    with pytest.raises(UserError, match="belong together"):
        Place.of("localhost", cert, key)


def test_what_is_no_certificate_is_refused(certificate, tmp_path):
    cert, key = certificate
    for words in ((key, cert), (cert, cert), (str(tmp_path / "none"), key)):
        with pytest.raises(UserError) as error:
            Place.of("chat.example", *words)
        assert error.value.code == "usage"


def test_everywhere_is_no_name_and_a_name_is_spelled_as_browsers_do(certificate):
    for host in ("0.0.0.0", "[::]:443"):
        with pytest.raises(UserError, match="no name"):
            Place.of(host, *certificate)
    with pytest.raises(UserError, match="spell"):
        Place.of("schön.example", *certificate)
    assert Place.of("Chat.Example", *certificate).host == "chat.example"


def test_a_browser_leaves_out_the_port_of_its_scheme(certificate):
    place = Place.of("chat.example", *certificate)
    assert place.scheme == "https"
    assert place.authority(443) == "chat.example"
    assert place.authority(8443) == "chat.example:8443"
    assert Place("::1").authority(80) == "[::1]"
    assert Place("::1").authority(81) == "[::1]:81"


def test_a_port_that_is_taken_is_a_refusal():
    with plain.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError) as error:
            Place("127.0.0.1", taken.getsockname()[1]).listen()
    assert error.value.code == "cannot_listen"
    with pytest.raises(UserError) as error:
        Place("192.0.2.1", 0).listen()
    assert error.value.code == "cannot_listen"


def test_over_tls_it_is_the_same_door(open_door, certificate, capfd):
    knock = Knocker(open_door(Place.of("localhost", *certificate)))
    assert knock.origin.startswith("https://localhost:")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate[0])

    def connect():
        port = int(knock.host.rpartition(":")[2])
        return socket.create_connection(("localhost", port))

    silent, noisy = connect(), connect()
    noisy.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert noisy.recv(1000)[:5] != b"HTTP/"
    with context.wrap_socket(connect(), server_hostname="localhost") as sock:
        sock.sendall(knock.request("GET", "/"))
        assert Answer(sock).status == 200
        sock.sendall(knock.request("GET", "/", knock.own | {"Host": "localhost"}))
        assert Answer(sock).status == 403
    for sock in (silent, noisy):
        sock.close()
    assert capfd.readouterr() == ("", "")
