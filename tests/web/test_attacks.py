"""Whoever wants in without being let in: other pages, other users, and strange requests."""

import pytest

from geventim.web import door as doors
from geventim.web.exchange import HEADERS, POLICY
from tests.web.knocking import WISH, Knocker, body_of

GUARDED = [
    ("GET", "/events"),
    ("POST", "/wishes"),
    ("POST", "/files?name=x"),
    ("GET", f"/files/{'0' * 32}/0"),
    ("POST", "/unlock"),
    ("POST", "/leave"),
]
"""What needs a token."""

ALL = [*GUARDED, ("POST", "/session")]
"""What only our own page may ask for."""


def test_our_own_page_is_let_in(page):
    assert page.ask("POST", "/wishes", body=WISH).status == 202


class TestOtherPages:
    """A page of another origin, in the same browser."""

    @pytest.mark.parametrize(("method", "path"), ALL)
    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "127.0.0.2",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "",
        ],
    )
    def test_a_name_that_points_here_is_not_ours(self, page, method, path, host):
        port = page.host.rpartition(":")[2]
        headers = page.own | {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}
        answer = page.ask(method, path, headers, body_of(method))
        assert (answer.status, answer.error) == (403, "foreign")
        headers["Origin"] = page.origin
        assert page.ask(method, path, headers, body_of(method)).status == 403

    @pytest.mark.parametrize(
        "form", ["{}:0{}", "{}:{}:80", "{}:{}.", "{}:+{}", "{}:{}/", "{}:{},{}", "http://{}:{}"]
    )
    def test_a_port_that_is_written_otherwise_is_not_ours(self, page, form):
        host, _, port = page.host.rpartition(":")
        headers = page.own | {"Host": form.format(host, port, host)}
        assert page.ask("POST", "/wishes", headers, b"{}").status in {400, 403}
        assert page.ask("GET", "/", headers).status in {400, 403}

    @pytest.mark.parametrize("path", ["/", "/page/index.html"])
    def test_nor_does_it_get_the_page(self, page, path):
        assert page.ask("GET", path, {"Host": f"evil.example:{page.host[10:]}"}).status == 403
        assert page.ask("GET", path, {"Host": "127.0.0.1"}).status == 403
        assert page.ask("GET", path, {"Host": page.host}).status == 200

    @pytest.mark.parametrize(("method", "path"), ALL)
    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", ""]
    )
    def test_what_another_origin_asks_is_refused(self, page, method, path, origin):
        for headers in (
            page.own | {"Origin": origin},
            {name: value for name, value in page.own.items() if name != "Sec-Fetch-Site"}
            | {"Origin": origin},
        ):
            answer = page.ask(method, path, headers, body_of(method))
            assert (answer.status, answer.error) == (403, "foreign")

    @pytest.mark.parametrize(("method", "path"), ALL)
    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
    def test_and_so_is_what_the_browser_says_comes_from_elsewhere(self, page, method, path, site):
        headers = page.own | {"Sec-Fetch-Site": site}
        assert page.ask(method, path, headers, body_of(method)).status == 403
        del headers["Origin"]
        assert page.ask(method, path, headers, body_of(method)).status == 403

    @pytest.mark.parametrize(("method", "path"), ALL)
    def test_and_what_says_nothing_of_where_it_comes_from(self, page, method, path):
        headers = dict(page.own)
        del headers["Origin"], headers["Sec-Fetch-Site"]
        assert page.ask(method, path, headers, body_of(method)).status == 403

    @pytest.mark.parametrize(
        ("mode", "destination"),
        [
            ("no-cors", "image"),
            ("no-cors", "script"),
            ("no-cors", "style"),
            ("navigate", "iframe"),
            ("navigate", "frame"),
            ("navigate", "object"),
            ("navigate", "embed"),
            ("cors", "empty"),
            ("same-origin", "empty"),
            ("websocket", "empty"),
        ],
    )
    def test_it_embeds_none_of_our_files(self, page, mode, destination):
        headers = {
            "Host": page.host,
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": mode,
            "Sec-Fetch-Dest": destination,
        }
        for path in ("/", "/page/index.html"):
            assert page.ask("GET", path, headers).status == 403

    def test_a_form_of_it_gets_nothing(self, page):
        headers = {
            "Host": page.host,
            "Origin": "http://evil.example",
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }
        for path in ("/", "/page/index.html", "/session", "/wishes"):
            assert page.ask("POST", path, headers, b"token=x").status in {403, 405}
        assert page.ask("GET", "/", headers).status == 403

    @pytest.mark.parametrize("site", ["cross-site", "none", "same-origin"])
    def test_a_link_to_us_opens_the_page(self, page, site):
        headers = {
            "Host": page.host,
            "Sec-Fetch-Site": site,
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }
        assert page.ask("GET", "/", headers).status == 200

    def test_nobody_is_allowed_to_ask_across_origins(self, page):
        headers = {
            "Host": page.host,
            "Origin": "http://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        for _, path in ALL:
            answer = page.ask("OPTIONS", path, headers)
            assert answer.status == 403
            assert not [name for name in answer.headers if name.startswith("Access-Control")]

    @pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
    def test_there_is_nothing_to_upgrade_to(self, page, upgrade):
        headers = page.own | {"Connection": "Upgrade", "Upgrade": upgrade}
        assert page.ask("GET", "/events", headers).status == 400

    def test_an_event_source_has_no_token(self, page):
        del page.own["Authorization"]
        headers = page.own | {"Accept": "text/event-stream"}
        assert page.ask("GET", "/events", headers).status == 401


class TestOtherUsers:
    """Another user of the machine, or a program of theirs, which can send whatever it wants."""

    @pytest.mark.parametrize(("method", "path"), GUARDED)
    def test_nobody_gets_in_without_a_token(self, knock, method, path):
        answer = knock.ask(method, path, body=body_of(method))
        assert (answer.status, answer.error) == (401, "no_token")

    @pytest.mark.parametrize(("method", "path"), GUARDED)
    def test_a_token_stands_in_its_own_header_and_nowhere_else(self, knock, method, path):
        token = knock.come_in()
        del knock.own["Authorization"]
        sign = "&" if "?" in path else "?"
        for headers, where in (
            ({"Cookie": f"token={token}; Authorization=Bearer {token}"}, path),
            ({"Authorization": token}, path),
            ({"Authorization": f"Basic {token}"}, path),
            ({"Authorization": f"Bearer  {token}"}, path),
            ({"Authorization": f"Bearer {token}x"}, path),
            ({"Authorization": f"Bearer {token[:-1]}"}, path),
            ({"Authorization": f"Bearer {token.lower()}"}, path),
            ({"Authorization": "Bearer "}, path),
            ({"X-Token": token}, path),
            ({}, f"{path}{sign}token={token}"),
        ):
            answer = knock.ask(method, where, knock.own | headers, body_of(method))
            assert (answer.status, answer.error) == (401, "no_token")

    def test_the_token_of_a_link_is_none_of_a_session(self, knock):
        link = knock.link
        knock.own["Authorization"] = f"Bearer {link}"
        assert knock.ask("POST", "/wishes", body=WISH).status == 401
        token = knock.come_in()
        assert knock.enter(token).status == 410

    def test_a_token_of_another_port_is_none_here(self, page, open_door):
        other = Knocker(open_door())
        other.own["Authorization"] = page.own["Authorization"]
        assert other.ask("POST", "/wishes", body=WISH).status == 401
        assert other.enter(page.link).status == 410
        other.close()

    def test_a_link_works_once_and_a_second_use_ends_what_it_has_opened(self, page):
        answer = page.enter()
        assert (answer.status, answer.error) == (410, "old_link")
        answer = page.ask("POST", "/wishes", body=WISH)
        assert (answer.status, answer.error) == (401, "taken_over")

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b"\xff", b"[" * 4000])
    def test_what_is_no_link_lets_nobody_in(self, knock, body):
        answer = knock.ask("POST", "/session", body=body)
        assert (answer.status, answer.error) == (400, "bad_body")
        assert knock.enter("").status == 410
        assert knock.enter().status == 200

    def test_connections_of_strangers_put_nobody_out(self, page, monkeypatch):
        stream = page.connect()
        stream.sendall(page.request("GET", "/events"))
        assert stream.recv(9) == b"HTTP/1.1 "
        idle = [page.connect() for _ in range(doors.STRANGERS + 20)]
        assert page.ask("POST", "/wishes", body=WISH).status == 202
        assert idle[0].recv(1) == b""
        assert b"\r\n\r\n" in stream.recv(4096)
        stream.setblocking(False)
        with pytest.raises(BlockingIOError):
            stream.recv(1)

    def test_there_are_only_so_many_pages(self, knock):
        streams = []
        for _ in range(4):
            knock.link = knock.door.link().partition("#")[2]
            knock.own.pop("Authorization", None)
            knock.come_in()
            stream = knock.connect()
            stream.sendall(knock.request("GET", "/events"))
            assert stream.recv(9) == b"HTTP/1.1 "
            streams.append(stream)
        knock.link = knock.door.link().partition("#")[2]
        answer = knock.enter()
        assert (answer.status, answer.error) == (403, "too_many")


class TestAnswers:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/", 200),
            ("GET", "/page/index.html", 200),
            ("GET", "/page/none.js", 404),
            ("POST", "/", 405),
            ("GET", "/none", 404),
            ("GET", "/wishes", 405),
            ("POST", "/wishes", 202),
            ("POST", "/unlock", 400),
            ("GET", f"/files/{'0' * 32}/0", 503),
        ],
    )
    def test_each_says_what_a_browser_may_do_with_it(self, page, method, path, status):
        answer = page.ask(method, path, body=body_of(method))
        assert answer.status == status
        for name, value in HEADERS:
            assert answer.headers.get_all(name) == [value]
        assert "Set-Cookie" not in answer.headers
        assert "Server" not in answer.headers

    def test_the_stream_does_too(self, page):
        sock = page.connect()
        sock.sendall(page.request("GET", "/events"))
        head = sock.recv(4096).decode()
        for name, value in HEADERS:
            assert f"{name}: {value}\r\n" in head
        assert "Content-Type: text/event-stream\r\n" in head

    def test_the_policy_lets_nothing_in_but_our_own(self):
        rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
        assert rules.pop("default-src") == "'none'"
        assert rules.pop("frame-ancestors") == "'none'"
        assert rules.pop("base-uri") == "'none'"
        assert rules.pop("form-action") == "'none'"
        assert rules.pop("worker-src") == "'none'"
        assert rules.pop("require-trusted-types-for") == "'script'"
        assert rules.pop("trusted-types") == "'none'"
        assert rules.pop("img-src") == "'self' blob:"
        assert set(rules) == {"script-src", "style-src", "connect-src", "manifest-src"}
        assert set(rules.values()) == {"'self'"}

    def test_a_part_of_something_is_all_of_it(self, page):
        whole = page.ask("GET", "/page/main.js")
        part = page.ask("GET", "/page/main.js", page.own | {"Range": "bytes=0-3"})
        assert (part.status, part.body) == (200, whole.body)
        assert part.headers["Accept-Ranges"] is None

    def test_the_headers_are_those_that_isolate_a_page(self):
        headers = dict(HEADERS)
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"

    def test_nothing_is_printed_whatever_comes(self, come, page, capfd, monkeypatch):
        for data in (b"x", b"GET / HTTP/1.1\r\nA", b"\xff" * 100, b"GET /%s" * 99):
            page.send(data + b"\r\n\r\n")
        assert come(head=0.01).send(b"GET / HTTP/1.1\r\n").status == 400
        monkeypatch.setattr("geventim.web.tab.Tab.wish", lambda *_: 1 / 0)
        answer = page.ask("POST", "/wishes", body=WISH)
        assert (answer.status, answer.error) == (500, "failed")
        monkeypatch.setattr("geventim.web.telling.Telling.begin", lambda *_: 1 / 0)
        page.ask("GET", "/events")
        assert capfd.readouterr() == ("", "")
