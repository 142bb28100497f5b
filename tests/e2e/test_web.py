"""The browser's door of real clients: pages beside every other front end, with real servers."""

import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CLIENT, PATIENCE, Person
from tests.e2e.pages import Page

Start = Callable[..., Person]

LINK = re.compile(r"http://127\.0\.0\.1:\d+/#[\w-]{22}")


@pytest.fixture
def open_page() -> Iterator[Callable[..., Page]]:
    """Opens links."""
    pages: list[Page] = []

    def open_page(url: str, *, streams: bool = True) -> Page:
        page = Page(url, streams=streams)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture
def visit(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens one more page at a client that shows links."""

    def visit(person: Person, *, streams: bool = True) -> Page:
        person.say("@web")
        return open_page(person.expect("web")["url"], streams=streams)

    return visit


@pytest.fixture
def host(server: Any, start_client: Start) -> Person:
    """A client of alice with a door for browsers."""
    return start_client(server.link, "alice", "--web")


@pytest.fixture
def page(host: Person, open_page: Callable[..., Page]) -> Page:
    """A page of alice."""
    return open_page(host.expect("web")["url"])


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_a_page_begins_with_everything_and_speaks(page: Page, host: Person, bob: Person) -> None:
    assert page.sees("snapshot")["nick"] == page.nick == "alice"
    assert page.events[0]["event"] == "snapshot"
    done = page.wish(wish="say", to="lobby", text="from a browser")
    assert done["done"]["seq"]
    bob.sees("message", message="from a browser")
    host.sees("sent", message="from a browser")
    bob.say("hello page")
    seen = page.sees("message", message="hello page")
    assert seen["n"] == host.sees("message", message="hello page")["n"]


def test_pages_and_other_front_ends_are_one_user_at_the_same_time(
    host: Person, page: Page, visit: Callable[..., Page], server: Any, start_client: Start
) -> None:
    other = visit(host)
    attached = start_client(server.link, "alice", shown="--json")
    third = visit(attached)
    assert len({page.host, third.host}) == 2
    assert page.host == other.host
    fronts = [page, other, third, attached]
    for number, front in enumerate(fronts):
        assert front.wish(wish="say", to="lobby", text=f"from {number}")["done"]
    for number in range(len(fronts)):
        numbers = {front.sees("sent", message=f"from {number}")["n"] for front in fronts}
        assert len(numbers) == 1
    for front in fronts:
        assert len([event for event in front.events if "answer" in event]) == 1


def test_a_stream_that_broke_goes_on_with_nothing_twice_and_nothing_lost(
    page: Page, bob: Person
) -> None:
    page.sees("snapshot")
    for number in range(5):
        bob.say(f"{number} a", f"{number} b", f"{number} c")
        if number % 2:
            page.sees("message", message=f"{number} c")
        page.hang_up()
        assert bob.wish(wish="say", to="lobby", text=f"{number} away")["done"]
        answered = page.send(wish="people")
        page.listen()
        page.sees(None, answer=answered)
        page.sees("message", message=f"{number} away")
    numbers = [event["n"] for event in page.events if "n" in event]
    counts = [int(number.rpartition("-")[2]) for number in numbers]
    assert counts == list(range(counts[0], counts[0] + len(counts)))
    assert [event.get("event") for event in page.events].count("snapshot") == 1


def test_a_new_page_of_the_same_token_has_the_stream_and_the_first_one_ends(page: Page) -> None:
    page.sees("snapshot")
    with page.request("GET", "/events") as second:
        page.await_end()
        assert second.readline() == b":\n"


def test_who_uses_a_link_again_ends_what_it_has_opened(page: Page, open_page: Any) -> None:
    token, page.token = page.token, ""
    assert page.enter() == (410, {"error": "old_link"})
    page.await_end()
    page.token = token
    assert page.call("POST", "/wishes", "{}") == (401, {"error": "taken_over"})


def test_tokens_die_with_the_client(
    server: Any, start_client: Start, open_page: Callable[..., Page], free_port: int
) -> None:
    place = f"127.0.0.1:{free_port}"
    first = start_client(server.link, "alice", "--web", "--web-host", place)
    page = open_page(first.expect("web")["url"])
    assert first.leave() == 0
    page.await_end()
    second = start_client(server.link, "alice", "--web", "--web-host", place)
    second.sees("web")
    assert page.call("POST", "/wishes", "{}") == (401, {"error": "no_token"})
    page.token = ""
    assert page.enter() == (410, {"error": "old_link"})


def test_a_page_goes_on_when_another_process_holds_the_session(
    server: Any, alice: Person, bob: Person, start_client: Start, open_page: Callable[..., Page]
) -> None:
    attached = start_client(server.link, "alice", "--web", shown="--wishes")
    page = open_page(attached.expect("web")["url"])
    page.sees("snapshot")
    alice.kill()
    page.sees("behind")
    snapshot = page.wish(wish="snapshot")["done"]
    assert page.wish(wish="say", to="lobby", text="still here")["done"]
    bob.sees("message", message="still here")
    assert snapshot["n"].partition("-")[0] != page.sees("snapshot")["n"].partition("-")[0]


def await_none(place: Path, pattern: str) -> None:
    """Wait until there is no such file any more."""
    deadline = time.monotonic() + PATIENCE
    while left := list(place.glob(pattern)):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


class TestFiles:
    def test_a_file_goes_from_a_page_to_somebody_and_back(
        self, page: Page, bob: Person, tmp_path: Path
    ) -> None:
        data = os.urandom(300_000)
        file = page.upload("../a b\n.png", data)
        (place,) = (tmp_path / "data" / "web").glob("*/*/*/*")
        assert place.name == "_a b .png"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        for directory in list(place.parents)[:4]:
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert page.wish(wish="say", to="lobby", text="look", files=[file])["done"]
        seen = bob.sees("message", message="look")
        assert not place.exists()
        fetched = bob.wish(wish="fetch_file", message_id=seen["message_id"])["done"]["path"]
        assert Path(fetched).read_bytes() == data
        again = page.wish(wish="say", to="lobby", text="again", files=[file])
        assert again["refused"]["code"] == "no_upload"

        source = tmp_path / "source.bin"
        source.write_bytes(data[::-1])
        assert bob.wish(wish="say", to="lobby", text="mine", files=[str(source)])["done"]
        theirs = page.sees("message", message="mine")
        with page.request("GET", f"/files/{theirs['message_id']}/0") as response:
            assert response.status == 200
            assert response.getheader("Content-Type") == "application/octet-stream"
            assert response.getheader("Content-Disposition") == "attachment"
            assert response.read() == data[::-1]
        told = page.sees("transfer", path="")
        assert told
        assert str(tmp_path) not in json.dumps(page.events)

    def test_what_is_not_there_is_not_found(self, page: Page) -> None:
        assert page.call("GET", f"/files/{'0' * 32}/0") == (404, {"error": "no_message"})

    def test_files_are_gone_with_the_page_and_with_the_process(
        self, host: Person, page: Page, visit: Callable[..., Page], tmp_path: Path
    ) -> None:
        other = visit(host)
        other.upload("one", b"1")
        page.upload("two", b"2")
        web = tmp_path / "data" / "web"
        assert sorted(path.name for path in web.glob("*/*/*/*")) == ["one", "two"]
        assert other.call("POST", "/leave", b"") == (200, {})
        assert [path.name for path in web.glob("*/*/*/*")] == ["two"]
        assert host.leave() == 0
        assert [path.name for path in web.iterdir()] == ["lock"]
        page.await_end()

    def test_what_a_killed_process_left_is_swept_by_the_next_and_by_nobody_else(
        self, server: Any, host: Person, page: Page, start_client: Start, tmp_path: Path
    ) -> None:
        page.upload("secret", b"1")
        web = tmp_path / "data" / "web"
        attached = start_client(server.link, "alice", "--web", shown="--wishes")
        attached.sees("web")
        assert [path.name for path in web.glob("*/*/*/*")] == ["secret"]
        host.kill()
        start_client(server.link, "alice", "--web", shown="--wishes").sees("web")
        assert list(web.glob("*/*/*/*")) == []

    def test_a_download_is_given_up_when_the_page_goes(
        self, page: Page, bob: Person, server: Any, tmp_path: Path
    ) -> None:
        source = tmp_path / "source.bin"
        source.write_bytes(os.urandom(1_000_000))
        assert bob.wish(wish="say", to="lobby", text="mine", files=[str(source)])["done"]
        message = page.sees("message", message="mine")["message_id"]
        # A server that is silent cannot give the file.
        server.process.send_signal(signal.SIGSTOP)
        try:
            connection = page.connect()
            fields = {"Origin": page.origin, "Authorization": f"Bearer {page.token}"}
            connection.request("GET", f"/files/{message}/0", headers=fields)
            while not page.wish(wish="transfers")["done"]["transfers"]:
                pass
            connection.close()
            ended = page.sees_transfer("fetching", "cancelled")
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert ended["transfer"]["message_id"] == message
        await_none(tmp_path / "data" / "web", "*/*/*")


def unlock(page: Page, passphrase: str) -> tuple[int, Any]:
    """Say the passphrase."""
    return page.call("POST", "/unlock", json.dumps({"passphrase": passphrase}))


class TestPassphrase:
    @pytest.fixture
    def locked(
        self,
        server: Any,
        open_terminal: Callable[..., Any],
        open_page: Callable[..., Page],
    ) -> Page:
        """A page of alice, whose data open with a passphrase."""
        words = ("--nick", "alice", "--passphrase", "--web")
        terminal = open_terminal(server.link, *words, DISPLAY="", WAYLAND_DISPLAY="")
        for _ in range(2):
            terminal.expect("(passphrase of alice|The same again): ")
            terminal.sendline("open sesame")
        terminal.expect(LINK.pattern)
        return open_page(terminal.match[0])

    def test_what_could_do_harm_needs_it_again(
        self, locked: Page, environment: dict[str, str], tmp_path: Path
    ) -> None:
        refused = locked.wish(wish="trust", nick="bob")["refused"]
        assert refused["code"] == "terminal_only"
        refused = locked.wish(wish="export_identity", passphrase="x")["refused"]
        assert refused["code"] == "terminal_only"
        assert unlock(locked, "open") == (403, {"error": "wrong_passphrase"})
        assert unlock(locked, "open sesame") == (200, {})
        done = locked.wish(wish="export_identity", passphrase="a new one")["done"]
        file = tmp_path / "identity"
        file.write_bytes(b64decode(done["content"]))
        outcome = subprocess.run(
            [sys.executable, CLIENT, "identity", "import", file, "--data", tmp_path / "elsewhere"],
            env=environment,
            input="a new one\n",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert "This is the identity of alice" in outcome.stdout

    def test_who_guesses_is_put_out(self, locked: Page) -> None:
        locked.sees("snapshot")
        for _ in range(5):
            assert unlock(locked, "open") == (403, {"error": "wrong_passphrase"})
        locked.await_end()
        assert locked.call("POST", "/wishes", "{}") == (401, {"error": "too_many_tries"})

    def test_without_one_it_is_done_on_a_terminal(self, page: Page) -> None:
        assert unlock(page, "x") == (403, {"error": "no_passphrase"})
        assert page.wish(wish="trust", nick="bob")["refused"]["code"] == "terminal_only"

    def test_a_download_goes_nowhere_else(self, page: Page) -> None:
        wish = {"wish": "fetch_file", "message_id": "0" * 32}
        assert page.wish(**wish)["refused"]["code"] == "terminal_only"
        assert page.wish(**wish, path="/tmp/x")["refused"]["code"] == "terminal_only"


class TestLink:
    def test_it_is_shown_where_lines_are_typed(
        self, server: Any, open_terminal: Callable[..., Any], open_page: Callable[..., Page]
    ) -> None:
        words = (server.link, "--nick", "alice")
        terminal = open_terminal(*words, DISPLAY="", WAYLAND_DISPLAY="")
        terminal.expect("lobby")
        terminal.sendline("/web")
        terminal.expect(LINK.pattern)
        assert open_page(terminal.match[0]).sees("snapshot")
        terminal.sendline("@web please")
        terminal.expect("Usage: @web")

    def test_a_desktop_opens_it_by_a_file_and_no_token_is_in_what_it_is_called_with(
        self,
        server: Any,
        open_terminal: Callable[..., Any],
        open_page: Callable[..., Page],
        tmp_path: Path,
    ) -> None:
        called = tmp_path / "called"
        program = tmp_path / "bin" / "xdg-open"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\nstat -c %a "$1" > {called}.new\necho "$@" >> {called}.new\n'
            f'cat "$1" >> {called}.new\nmv {called}.new {called}\n'
        )
        program.chmod(0o755)
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        words = (server.link, "--nick", "alice", "--web")
        terminal = open_terminal(*words, DISPLAY=":0", PATH=path)
        terminal.expect(LINK.pattern)
        deadline = time.monotonic() + PATIENCE
        while not called.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        mode, words, *content = called.read_text().split("\n")
        assert mode == "600"
        assert terminal.match[0] in "".join(content)
        token = terminal.match[0].partition("#")[2]
        assert token not in words
        assert token not in Path(f"/proc/{terminal.pid}/cmdline").read_text()
        assert open_page(terminal.match[0]).sees("snapshot")


class TestPlace:
    def test_elsewhere_than_loopback_it_needs_a_certificate(
        self, server: Any, environment: dict[str, str]
    ) -> None:
        words = [sys.executable, CLIENT, server.link, "--nick", "alice", "--json", "--web"]
        for more in (
            ["--web-host", "192.0.2.1"],
            ["--web-host", "chat.example"],
            ["--web-host", "0.0.0.0"],
            ["--web-cert", "x"],
            ["--web-cert", "x", "--web-key", "y"],
        ):
            outcome = subprocess.run(
                [*words, *more],
                env=environment,
                input="",
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert outcome.returncode == 2, outcome.stderr
            assert outcome.stderr.startswith("eim-client: ")
            assert outcome.stdout == ""

    def test_a_port_that_is_taken_is_said_and_the_client_goes_on(
        self, server: Any, start_client: Start
    ) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            place = f"127.0.0.1:{taken.getsockname()[1]}"
            alice = start_client(server.link, "alice", "--web", "--web-host", place)
            assert alice.expect("error")["code"] == "cannot_listen"
        assert alice.wish(wish="people")["done"]

    def test_with_one_it_is_https(
        self, server: Any, start_client: Start, certificate: tuple[str, str]
    ) -> None:
        cert, key = certificate
        more = ("--web", "--web-host", "localhost", "--web-cert", cert, "--web-key", key)
        alice = start_client(server.link, "alice", *more)
        page = Page(alice.expect("web")["url"], context=ssl.create_default_context(cafile=cert))
        assert page.sees("snapshot")
        page.close()
