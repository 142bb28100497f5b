"""People at full screens, in terminals of tmux, with keys as they are pressed."""

import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CLIENT
from tests.e2e.pages import Page
from tests.e2e.windows import Window, close_all


@pytest.fixture
def open_window(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[..., Window]]:
    """Opens windows: ``open_window("ana", 80, 24)``."""
    if shutil.which("tmux") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("tmux is not installed: apt-get install tmux")
    socket = tmp_path / "tmux"

    def start(name: str, columns: int, rows: int) -> Window:
        return Window(socket, name, columns, rows, {"LANG": "C.UTF-8", **environment})

    yield start
    close_all(socket)


@pytest.fixture
def sit_down(
    server: Any, open_window: Callable[..., Window], tmp_path: Path
) -> Callable[..., Window]:
    """Has somebody sit down at a window, and start the client; the file ``nick`` has its number."""

    def start(nick: str, columns: int, rows: int) -> Window:
        window = open_window(nick, columns, rows)
        words = [sys.executable, str(CLIENT), server.link, "--nick", nick]
        window.type(f"sh -c 'echo $$ > {tmp_path / nick}; exec {shlex.join(words)}'")
        window.press("Enter")
        window.sees("#lobby>", "ready")
        return window

    return start


def test_two_people_talk_and_leave(sit_down: Callable[..., Window]) -> None:
    ana, bo = sit_down("ana", 120, 40), sit_down("bo", 40, 10)
    ana.sees("bo came")
    ana.type("hello bo")
    ana.press("Enter")
    bo.sees("ana", "hello bo")
    bo.type("one")
    bo.press("M-Enter")
    bo.type("two 漢字")
    bo.press("Enter")
    ana.sees("bo │ one", "   │ two 漢字")
    bo.type("@ana psst")
    bo.sees("@ana, p")
    bo.press("Enter")
    ana.sees("2 @bo", "1 unread")
    ana.press("M-a")
    ana.sees("@bo>", "psst")
    bo.press("C-c", "C-c")
    bo.sees("ready>")
    ana.type("/quit")
    ana.press("Enter")
    assert "@bo>" not in "".join(ana.sees("ready>"))


def test_another_size_keeps_what_is_typed(sit_down: Callable[..., Window]) -> None:
    ana = sit_down("ana", 200, 50)
    ana.type("a draft")
    for columns, rows in [(80, 24), (40, 10), (120, 30)]:
        ana.resize(columns, rows)
        lines = ana.sees("#lobby> a draft")
        assert all(len(line) <= columns for line in lines)


def test_the_shell_has_its_terminal_meanwhile(sit_down: Callable[..., Window]) -> None:
    ana = sit_down("ana", 80, 24)
    ana.type("a draft")
    ana.sees("#lobby> a draft")
    ana.press("C-z")
    ana.sees("ready>")
    ana.type("stty -a")
    ana.press("Enter")
    ana.sees(" echo ")
    ana.type("fg")
    ana.press("Enter")
    ana.sees("#lobby> a draft")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(
    sit_down: Callable[..., Window], tmp_path: Path, number: int
) -> None:
    ana = sit_down("ana", 80, 24)
    os.kill(int((tmp_path / "ana").read_text()), number)
    ana.sees("ready>")
    assert "#lobby>" not in "".join(ana.lines())
    ana.type("echo $?; stty -a")
    ana.press("Enter")
    ana.sees(" echo ")


def test_a_browser_is_led_in_from_here(sit_down: Callable[..., Window]) -> None:
    ana = sit_down("ana", 80, 24)
    ana.sees("#lobby>")
    ana.type("/web")
    ana.press("Enter")
    shown = "\n".join(ana.sees("http://127.0.0.1:"))
    found = re.search(r"http://127\.0\.0\.1:\d+/#[\w-]{22}", shown)
    assert found is not None
    page = Page(found[0])
    assert page.wish(wish="say", to="lobby", text="from a browser")["done"]
    page.close()
    ana.press("Escape")
    ana.sees("from a browser")


def test_a_file_and_what_was_said_arrive_and_are_seen_to(
    sit_down: Callable[..., Window], tmp_path: Path
) -> None:
    ana, bo = sit_down("ana", 200, 50), sit_down("bo", 80, 24)
    ana.sees("First steps", "Say hello", "bo came")
    (tmp_path / "notes.txt").write_text("some notes")
    ana.type(f"/send bo {tmp_path}/not")
    ana.press("Tab")
    ana.sees("notes.txt")
    ana.press("Enter")
    bo.sees("2 @ana", "1 unread")
    bo.press("M-a")
    bo.sees("@ana>", "▤ notes.txt")
    bo.press("Up")
    bo.press("s")
    bo.sees("Save notes.txt where?")
    bo.type(f"{tmp_path}/got.txt")
    bo.press("Enter")
    bo.sees("saved:")
    assert (tmp_path / "got.txt").read_text() == "some notes"
    ana.press("M-2")
    ana.sees("(read by bo)")
    ana.type("/help")
    ana.press("Enter")
    ana.sees("Keys and commands")


def test_the_screen_is_as_its_file_says(
    sit_down: Callable[..., Window], tmp_path: Path, environment: dict[str, str]
) -> None:
    data = Path(environment["EIM_DATA"])
    data.mkdir(exist_ok=True)
    (data / "client.toml").write_text('[keys.anywhere]\nhelp = "F5"\n[notices]\nlevel = "loud"\n')
    ana = sit_down("ana", 80, 24)
    ana.sees("client.toml, line 4: level is one of")
    ana.press("F5")
    ana.sees("Keys and commands", "F5")
