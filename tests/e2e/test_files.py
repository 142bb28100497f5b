"""Files from one client to another, by real processes."""

import base64
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest
from PIL import Image

from tests.conftest import PATIENCE, ROOT
from tests.e2e.conftest import Person
from tests.e2e.test_remarks import held

DYING = ROOT / "tests" / "faults" / "dying_client.py"

SIZE = 3 * 256 * 1024 + 100


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file of a few chunks."""
    path = tmp_path / "letter.txt"
    path.write_bytes(os.urandom(SIZE))
    return path


def send(user: Person, path: Path, to: str = "lobby", text: str = "") -> Any:
    return user.wish(wish="say", to=to, text=text, files=[str(path)])


def test_a_file_is_said_and_fetched(alice: Person, bob: Person, letter: Path) -> None:
    said = send(alice, letter, text="read this")["done"]
    heard = bob.expect("message", message="read this")
    assert heard["message_id"] == said["message_id"]
    assert heard["files"] == [
        {"name": "letter.txt", "type": "", "size": SIZE, "width": 0, "height": 0}
    ]
    fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(fetched["path"]).read_bytes() == letter.read_bytes()
    assert Path(fetched["path"]).name == "letter.txt"
    ended = bob.expect("transfer", path=fetched["path"])["transfer"]
    assert (ended["state"], ended["done"], ended["size"]) == ("done", SIZE, SIZE)
    again = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(again["path"]).name == "letter (2).txt"


def fill(path: Path, chunks: int) -> Path:
    path.write_bytes(os.urandom(chunks * 256 * 1024 + 1))
    return path


def until_done(user: Person) -> str:
    """Where the next file is that comes."""
    while not (event := user.expect("transfer"))["path"]:
        pass
    return str(event["path"])


def under_way(user: Person) -> Any:
    return user.wish(wish="transfers")["done"]["transfers"]


def test_what_is_sent_goes_on_after_the_client_was_killed(
    alice: Person, bob: Person, tmp_path: Path, server: Any, start_client: Callable[..., Person]
) -> None:
    path = fill(tmp_path / "big", 400)
    alice.say(
        '{"id": 77, "wish": "say", "to": "lobby", "text": "big", "files": ["' + str(path) + '"]}'
    )
    alice.expect("transfer")
    alice.kill()
    assert not [event for event in bob.events if event.get("message") == "big"]
    start_client(server.link, "alice")
    heard = bob.expect("message", message="big")
    fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(fetched["path"]).read_bytes() == path.read_bytes()


def test_what_is_fetched_goes_on_after_the_client_was_killed(
    alice: Person, bob: Person, tmp_path: Path, server: Any, start_client: Callable[..., Person]
) -> None:
    path = fill(tmp_path / "big", 400)
    message = send(alice, path)["done"]["message_id"]
    bob.expect("message", message_id=message)
    bob.say(f'{{"id": 78, "wish": "fetch_file", "message_id": "{message}"}}')
    bob.expect("transfer")
    bob.kill()
    server.kill()
    server.restart()
    (part,) = (tmp_path / "data" / "downloads").iterdir()
    assert (part.name[:4], part.suffix) == ("big.", ".part")
    again = start_client(server.link, "bob")
    path_of = until_done(again)
    assert Path(path_of).read_bytes() == path.read_bytes()
    assert not part.exists()


def test_what_was_whole_when_the_client_was_killed_is_not_fetched_twice(
    alice: Person, letter: Path, server: Any, start_client: Callable[..., Person]
) -> None:
    bob = start_client(server.link, "bob", program=DYING)
    message = send(alice, letter)["done"]["message_id"]
    bob.expect("message", message_id=message)
    bob.say(f'{{"id": 78, "wish": "fetch_file", "message_id": "{message}"}}')
    assert bob.wait() == -signal.SIGKILL
    place = server.data.parent / "data" / "downloads"
    assert len([*place.iterdir()]) == 2
    path = Path(until_done(start_client(server.link, "bob")))
    assert [*place.iterdir()] == [path]
    assert (path.name, path.read_bytes()) == ("letter.txt", letter.read_bytes())


def test_one_that_is_given_up_leaves_nothing(
    alice: Person, bob: Person, tmp_path: Path, server: Any
) -> None:
    path = fill(tmp_path / "big", 400)
    alice.say(
        '{"id": 77, "wish": "say", "to": "lobby", "text": "big", "files": ["' + str(path) + '"]}'
    )
    alice.expect("transfer")
    (transfer,) = under_way(alice)
    assert alice.wish(wish="cancel", transfer=transfer["number"])["done"] == {}
    assert alice.answer(77)["refused"]["code"] == "cancelled"
    assert under_way(alice) == []
    assert alice.wish(wish="cancel", transfer=9)["refused"]["code"] == "no_transfer"


def blobs(server: Any) -> list[Path]:
    return [path for path in (server.data / "server" / "blobs").glob("??/*") if path.is_file()]


def test_files_go_with_their_message(alice: Person, bob: Person, letter: Path) -> None:
    message = send(alice, letter)["done"]["message_id"]
    bob.expect("message", message_id=message)
    assert alice.wish(wish="delete_message", message_id=message)["done"]
    bob.expect("deleted", message_id=message)
    refused = bob.wish(wish="fetch_file", message_id=message)["refused"]
    assert refused["code"] == "no_message"


@pytest.mark.parametrize(
    ("name", "code"), [("nothing", "no_source"), (".", "no_source"), ("../x", "bad_path")]
)
def test_what_cannot_be_sent_is_refused(
    alice: Person, tmp_path: Path, name: str, code: str
) -> None:
    path = name if name.startswith("..") else str(tmp_path / name)
    refused = alice.wish(wish="say", to="lobby", text="", files=[path])["refused"]
    assert refused["code"] == code
    assert refused["text"]


def test_what_is_too_large_or_too_much_is_refused_in_words(
    tmp_path: Path, start_server: Callable[..., Any], start_client: Callable[..., Person]
) -> None:
    server = start_server("--blob-size", "1")
    alice = start_client(server.link, "alice")
    refused = send(alice, fill(tmp_path / "big", 5))["refused"]
    assert refused["code"] == "too_large"
    assert refused["text"].startswith("This server takes files of up to 1 MiB.")
    server.stop()
    server.options = ()
    server.restart()
    assert server.command("quota", "--files", "1", "alice").returncode == 0
    refused = send(alice, fill(tmp_path / "more", 5))["refused"]
    assert refused["code"] == "quota_files"
    assert "1 MiB" in refused["text"]
    assert not blobs(server)


def test_what_is_not_kept_any_more_is_said_to_be(
    alice: Person, bob: Person, server: Any, letter: Path
) -> None:
    message = send(alice, letter)["done"]["message_id"]
    bob.expect("message", message_id=message)
    server.stop()
    with sqlite3.connect(server.data / "server" / "log.sqlite") as database:
        assert database.execute("UPDATE blobs SET time = time - 31 * 86400").rowcount == 1
    database.close()
    server.restart()
    refused = bob.wish(wish="fetch_file", message_id=message)["refused"]
    assert refused["code"] == "expired"
    assert refused["text"].startswith("That file is not kept any more.")


def test_files_of_an_earlier_run_are_listed_and_fetched(
    alice: Person, bob: Person, server: Any, letter: Path, start_client: Callable[..., Person]
) -> None:
    message = send(alice, letter)["done"]["message_id"]
    bob.expect("message", message_id=message)
    assert bob.leave() == 0
    again = start_client(server.link, "bob")
    again.say("@files")
    again.expect("notice", text="File 1: letter.txt, 786.5 KB, from alice in lobby")
    again.say("@fetch 1")
    fetched = again.expect("notice", code="file_fetched")["text"]
    path = Path(fetched.removeprefix("File 1 is here now: "))
    assert path.read_bytes() == letter.read_bytes()


def test_a_small_picture_comes_by_itself_with_a_smaller_one(
    alice: Person, bob: Person, carol: Person, tmp_path: Path
) -> None:
    path = tmp_path / "view.png"
    Image.linear_gradient("L").resize((640, 480)).save(path)
    assert carol.wish(wish="change_setting", name="pictures", value=False)["done"]
    send(alice, path, text="look")
    for user in (bob, carol):
        (file,) = user.expect("message", message="look")["files"]
        assert (file["type"], file["width"], file["height"]) == ("image/png", 640, 480)
        assert base64.b64decode(file["thumbnail"]).startswith(b"\xff\xd8\xff")
    assert Path(until_done(bob)).read_bytes() == path.read_bytes()
    carol.settle()
    assert not [event for event in carol.events if event.get("event") == "transfer"]


@pytest.mark.parametrize("is_away", [False, True])
def test_a_picture_that_came_by_itself_goes_with_its_message(
    alice: Person,
    bob: Person,
    server: Any,
    tmp_path: Path,
    start_client: Callable[..., Person],
    *,
    is_away: bool,
) -> None:
    path = tmp_path / "view.png"
    Image.linear_gradient("L").resize((640, 480)).save(path)
    message = send(alice, path, text="look")["done"]["message_id"]
    place = Path(until_done(bob))
    assert place.read_bytes() == path.read_bytes()
    if is_away:
        assert bob.leave() == 0
    assert alice.wish(wish="delete_message", message_id=message)["done"]
    if is_away:
        bob = start_client(server.link, "bob")
    bob.sees("deleted", message_id=message)
    # That waits for the disk, and nobody for that.
    with gevent.Timeout(PATIENCE):
        while list(place.parent.iterdir()):
            gevent.sleep(0.05)
    for user in (alice, bob):
        assert user.leave() == 0
    assert not held(tmp_path / "data", "view.png")


def test_nothing_is_left_of_what_is_deleted_while_it_is_fetched(
    alice: Person, bob: Person, server: Any, tmp_path: Path
) -> None:
    path = fill(tmp_path / "big", 400)
    message = send(alice, path)["done"]["message_id"]
    bob.expect("message", message_id=message)
    bob.say(f'{{"id": 78, "wish": "fetch_file", "message_id": "{message}"}}')
    bob.expect("transfer")
    assert alice.wish(wish="delete_message", message_id=message)["done"]
    assert bob.answer(78)["refused"]["code"] in {"no_message", "no_blob"}
    bob.sees("deleted", message_id=message)
    for user in (alice, bob):
        user.settle()
        assert user.leave() in {0, 1}
    assert not list((tmp_path / "data" / "downloads").iterdir())
    assert not blobs(server)
