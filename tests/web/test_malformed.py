"""Requests that are malformed, too large or too slow."""

from contextlib import suppress

import gevent
import pytest
from gevent import socket

from geventim.web import handler
from tests.greenlets import until
from tests.web.knocking import WISH, Answer, body_of


class TestRequests:
    """What proxies, browsers and servers read differently is not read at all."""

    @pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "HEAD", "X"])
    @pytest.mark.parametrize("path", ["/", "/page/index.html", "/wishes", f"/files/{'0' * 32}/0"])
    def test_methods_are_those_that_are_used(self, page, method, path):
        answer = page.ask(method, path)
        assert answer.status == 405
        assert page.own["Authorization"].encode() not in answer.body

    @pytest.mark.parametrize(
        "path",
        [
            "/page/../gate.py",
            "/page/%2e%2e/gate.py",
            "/page/..%2fgate.py",
            "/page/%2e%2e%2fgate.py",
            "/page/..\\gate.py",
            "/page//index.html",
            "//page/index.html",
            "/page/index.html/",
            "/page/index.html%00",
            "/page/",
            "/page",
            "/./",
            "/%2e/",
            "/page/%69ndex.html",
            "/PAGE/index.html",
            "/files/../events",
            "/files/%2e%2e/%2e%2e",
            f"/files/{'0' * 32}/0/..",
            f"/files/{'0' * 32}/-1",
            f"/files/{'0' * 32}/100",
            f"/files/{'A' * 32}/0",
            "/wishes/",
            "/wishes;x",
        ],
    )
    def test_paths_are_taken_letter_by_letter(self, page, path):
        for method in ("GET", "POST"):
            answer = page.ask(method, path, body=body_of(method))
            assert (answer.status, answer.error) == (404, "not_found")

    @pytest.mark.parametrize(
        "line",
        [
            "GET / HTTP/1.0",
            "GET / HTTP/0.9",
            "GET /",
            "GET / HTTP/1.2",
            "GET / HTTP/2.0",
            "GET  / HTTP/1.1",
            "GET / HTTP/1.1 ",
            " GET / HTTP/1.1",
            "get / HTTP/1.1",
            "GET http://{host}/ HTTP/1.1",
            "GET {host}/ HTTP/1.1",
            "GET * HTTP/1.1",
            "GET /\x00 HTTP/1.1",
            "GET /\xe9 HTTP/1.1",
            "GET /\t HTTP/1.1",
            "\r\nGET / HTTP/1.1",
        ],
    )
    def test_first_lines_are_those_of_browsers(self, knock, line):
        line = line.format(host=knock.host)
        answer = knock.send(f"{line}\r\nHost: {knock.host}\r\n\r\n".encode("latin-1"))
        assert answer.status == 400

    @pytest.mark.parametrize(
        "field",
        [
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: identity",
            "transfer-encoding:\tchunked",
            "Content-Length: 27\r\nContent-Length: 27",
            "Content-Length: 27\r\ncontent-length: 0",
            "Content-Length: +27",
            "Content-Length: 2_7",
            "Content-Length: 27, 27",
            "Content-Length: 0x1b",
            "Content-Length: -1",
            "Content-Length:",
            "Content-Length: 27\r\n folded",
            "Content-Length : 27",
            "Content-Length: 27\nX: y",
            "X: a\rb",
            "X: a\x00b",
            ": x",
            "x",
            "Host: {host}",
            "Authorization: Bearer x",
            "Origin: {origin}",
            "Expect: 100-continue",
        ],
    )
    def test_fields_are_read_in_one_way_only(self, page, field):
        head = page.request("POST", "/wishes").decode()[:-2]
        field = field.format(host=page.host, origin=page.origin)
        answer = page.send(f"{head}{field}\r\n\r\n".encode("latin-1") + WISH)
        # It was not even handed on.
        assert (answer.status, answer.body) == (400, b"")

    def test_a_name_with_another_sign_is_not_taken_for_one(self, knock):
        headers = dict(knock.own)
        headers["Sec_Fetch_Site"] = headers.pop("Sec-Fetch-Site")
        headers["Sec_Fetch-Site"] = "same-origin"
        del headers["Origin"]
        assert knock.ask("POST", "/session", headers, b"{}").status == 403

    def test_a_head_has_an_end(self, page):
        for line in (
            "X: " + "y" * handler.HEAD_SIZE,
            "\r\n".join(f"X-{n}: y" for n in range(5000)),
        ):
            head = page.request("GET", "/").decode()[:-2]
            assert page.send(f"{head}{line}\r\n\r\n".encode()).status in {0, 400}
        assert page.send(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n").status in {0, 400, 414}

    def test_a_body_has_an_end(self, page):
        for path, most in (("/wishes", 1024 * 1024), ("/session", 4096), ("/unlock", 4096)):
            headers = page.own | {"Content-Length": most + 1}
            answer = page.ask("POST", path, headers)
            assert (answer.status, answer.error) == (413, "too_large")
            assert page.ask("POST", path).error == "no_length"

    def test_what_comes_behind_a_body_that_nobody_wants_is_no_request(self, page):
        smuggled = page.request("GET", "/page/index.html")
        for path, method in (("/none", "POST"), ("/page/index.html", "GET"), ("/leave", "POST")):
            headers = page.own | {"Content-Length": len(smuggled)}
            sock = page.connect()
            sock.sendall(page.request(method, path, headers) + smuggled)
            first = Answer(sock)
            assert first.status in {200, 404}
            assert sock.recv(4096) == b""

    def test_several_requests_on_a_connection_are_answered_in_order(self, page):
        sock = page.connect()
        sock.sendall(page.request("POST", "/wishes", body=WISH) + page.request("GET", "/none"))
        answers = b""
        while data := sock.recv(4096):
            answers += data
        assert answers.count(b"HTTP/1.1 202 ") == answers.count(b"HTTP/1.1 404 ") == 1
        assert answers.index(b"202") < answers.index(b"404")


class TestSlow:
    """Who takes their time holds up nobody."""

    @pytest.mark.parametrize("slow", [slice(1, 16), slice(16, 60)])
    def test_a_head_has_to_come(self, come, slow):
        knock = come(head=0.1)
        sock = knock.connect()
        head = knock.request("GET", "/")

        def drip():
            with suppress(OSError):
                sock.sendall(head[: slow.start])
                for byte in head[slow]:
                    gevent.sleep(0.02)
                    sock.sendall(bytes([byte]))
                sock.sendall(head[slow.stop :])

        dripping = gevent.spawn(drip)
        assert Answer(sock).status in {0, 400}
        dripping.kill()

    def test_whoever_says_nothing_is_cut_off(self, come):
        assert come(silence=0.1).connect().recv(1) == b""

    def test_a_body_has_to_come(self, come):
        knock = come(body=0.1)
        answer = knock.ask("POST", "/session", knock.own | {"Content-Length": 10})
        assert (answer.status, answer.error) == (400, "too_slow")

    def test_who_does_not_read_is_cut_off(self, come, monkeypatch):
        page = come(silence=0.2)
        page.come_in()
        ended = []
        monkeypatch.setattr("geventim.web.tab.Tab.stream", lambda *_: Endless(ended))
        sock = page.connect()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(page.request("GET", "/events"))
        until(lambda: ended)


class Endless:
    """A body without an end."""

    def __init__(self, ended):
        self._ended = ended

    def __iter__(self):
        return self

    def __next__(self):
        return b"x" * 65536

    def close(self):
        self._ended.append(True)
