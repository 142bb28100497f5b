"""The full screen item by item, each at three sizes: what tests/README.md lists.

Everybody stays at their window, which is made larger and smaller: starting is what takes long.
"""

import base64
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests import promises
from tests.conftest import ServerProcess
from tests.e2e.conftest import CLIENT, Person
from tests.e2e.windows import Window, close_all

ROOT = Path(__file__).parents[2]

SIZES = ((200, 50), (80, 24), (40, 10))

OLD = 120
"""Messages of somebody who was there before."""

pytestmark = pytest.mark.timeout(400)

SETTINGS = """
[notices]
words = ["release"]
[notices.conversations]
"#lobby" = "mentions"
"""


WRITE = "import sys; p = sys.argv[1]; t = open(p).read(); open(p, 'w').write(t + ' written')"
"""An editor."""


class Table:
    """Ana and bo at windows, at one server; ``ana`` has every size in turn."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.server = ServerProcess((), place / "server")
        (place / "data").mkdir()
        (place / "data" / "client.toml").write_text(SETTINGS)
        (place / "write.py").write_text(WRITE)
        for columns, _ in SIZES:
            Image.new("RGB", (64, 48), "red").save(place / f"red{columns}.png")
            (place / f"send{columns}.py").write_text(WRITE)
        self._fill()
        self.ana = self.sit_down("ana", *SIZES[0])
        self.bo = self.sit_down("bo", 80, 24)
        self.ana.sees("bo came")
        self.ana.press("Escape")

    def window(self, name: str, columns: int, rows: int, **env: str) -> Window:
        """A window with a shell."""
        known = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "TERM": "tmux-256color",
            "COLORTERM": "truecolor",
            "HOME": str(self.place),
            "EIM_DATA": str(self.place / "data"),
            "EDITOR": shlex.join([sys.executable, str(self.place / "write.py")]),
        }
        return Window(self.place / "tmux", name, columns, rows, {**known, **env})

    def sit_down(self, nick: str, columns: int, rows: int, **env: str) -> Window:
        """Have somebody sit down at a window, and start the client."""
        window = self.window(nick, columns, rows, **env)
        words = [sys.executable, str(CLIENT), self.server.link, "--nick", nick]
        window.type(shlex.join(words), "Enter")
        window.sees("#lobby>", " ready")
        return window

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Each size, which ana's window has; she is in the lobby, and nothing is typed."""
        for columns, rows in SIZES:
            self.ana.resize(columns, rows)
            self.ana.press("M-1")
            self.ana.waits(lambda lines, size=(columns, rows): is_drawn(lines, *size))
            yield columns, rows

    def close(self) -> None:
        """Everybody leaves."""
        close_all(self.place / "tmux")
        self.server.kill()
        assert "Traceback" not in self.server.stderr_text()

    def _fill(self) -> None:
        """Say so much before anybody comes that it takes pages to read it."""
        env = {**os.environ, "EIM_DATA": str(self.place / "data")}
        for nick in ("ana", "bo"):
            person = Person([self.server.link, "--nick", nick, "--json"], env)
            person.expect("connected")
            if nick == "ana":
                wishes = [
                    person.wish(wish="say", to="#lobby", text=f"old {number}")
                    for number in range(OLD)
                ]
                assert all("done" in each for each in wishes)
            person.leave()
            person.close()


def is_drawn(lines: list[str], columns: int, rows: int) -> bool:
    """Whether somebody in the lobby who has typed nothing sees a screen of that size."""
    is_whole = len(lines) == rows and len(lines[-2]) == columns - 1
    return is_whole and lines[-2].endswith(" ready") and lines[-1] == "#lobby>"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    if shutil.which("tmux") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("tmux is not installed: apt-get install tmux")
    table = Table(tmp_path_factory.mktemp("table"))
    yield table
    table.close()


def test_every_item_has_its_test() -> None:
    rows = promises.rows("S")
    assert list(rows) == [f"S{number}" for number in range(1, 10)]
    promises.check(rows)


def test_s1_it_is_laid_out_for_its_size(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, _ in table.sizes():
        bo.type(f"here are {columns} columns", "Enter")
        lines = ana.sees(f"here are {columns} columns")
        shown = "\n".join(lines)
        assert ("Rooms" in lines[0]) == (columns >= 60)
        assert (" here" in lines[0]) == (columns >= 100)
        assert bool(re.search(r"^\d\d:\d\d bo\n  here are", shown, re.M)) == (columns < 50)
        ana.press("F3")
        ana.sees("#lobby: ", "@bo")
        ana.press("Escape")
        ana.sees("#lobby>", without="#lobby: ")
        bo.type(f"@ana psst {columns}", "Enter")
        ana.sees("1 unread")
        assert any("1" in line and "@bo" in line for line in ana.lines()[:8])
        ana.press("M-a")
        ana.sees("@bo>", f"psst {columns}")
        ana.press("M-1")
        ana.type("a draft")
        for other in [*SIZES, (columns, dict(SIZES)[columns])]:
            ana.resize(*other)
            lines = ana.sees("#lobby> a draft")
        ana.press("M-Enter", "M-Enter", "M-Enter")
        ana.type("fourth")
        ana.sees("  fourth")
        ana.press("C-c")
        ana.sees("#lobby>", without="fourth")


def test_s2_messages_are_drawn(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, _ in table.sizes():
        bo.type(f"*so* `much` {columns} https://example.org/x", "Enter")
        ana.sees(f"so much {columns}")
        ana.hears("\x1b]8;;https://example.org/x\x1b\\")
        ana.press("Up", "r")
        ana.sees("to bo in #")
        ana.type(f"yes {columns}", "Enter")
        ana.sees("↪ bo: so much", f"yes {columns}")
        bo.sees(f"yes {columns}")
        bo.press("Up", "+")
        bo.type("tada", "Enter")
        ana.sees("🎉 1")
        ana.press("Up", "e")
        ana.sees("edit in #", f"> yes {columns}")
        ana.type("!", "Enter")
        ana.sees(f"yes {columns}! (edited)")
        ana.press("Up", "d")
        ana.sees("Delete this message")
        ana.type("y", "Enter")
        ana.sees("(deleted by ana)")
        bo.type(f"/send #lobby {table.place}/red{columns}.png", "Enter")
        lines = ana.sees(f"▤ red{columns}.png", *(["▀▀▀▀▀▀▀▀"] if columns >= 60 else []))
        assert any("▀" in line for line in lines) == (columns >= 60)
        ana.press("PPage")
        before = ana.sees("↓ more")
        bo.type(f"new {columns}", "Enter")
        lines = ana.sees("↓ 1 new")
        said = [[line.split("│", 1)[-1] for line in shown[1:4]] for shown in (before, lines)]
        assert said[0] == said[1]
        ana.press("Escape")
        ana.sees(f"new {columns}", without="↓")
        for _ in range(OLD // 10):
            ana.press("M-<")
            if any(re.search(r"\bold 0\b", line) for line in ana.sees("↓ more")):
                break
        ana.sees("old 0")
        ana.press("Escape")
        ana.sees(f"new {columns}")


def test_s3_things_are_done(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, rows in table.sizes():
        bo.type(f"needle {columns}", "Enter")
        ana.sees(f"needle {columns}")
        ana.press("Up", "c")
        copied = base64.b64encode(f"needle {columns}".encode()).decode()
        ana.hears(f"\x1b]52;c;{copied}")
        ana.press("Up", "w")
        ana.sees("bo")
        ana.type("for the lobby")
        ana.press("C-p")
        ana.sees("Go to")
        ana.type("@bo", "Enter")
        ana.sees("@bo>")
        ana.type("for bo")
        ana.press("M-1")
        ana.sees("#lobby> for the lobby")
        ana.press("C-u")
        ana.type("/go bo", "Enter")
        ana.sees("@bo> for bo")
        ana.press("C-u", "M-1")
        ana.sees("#lobby>", without="for the lobby")
        ana.press("F1")
        ana.sees("Keys and commands")
        ana.press("Escape")
        ana.sees("#lobby>", without="Keys and commands")
        ana.press("C-f")
        ana.type("old 2")
        ana.sees("Search in #lobby", "old 29" if rows > 12 else "old 2")
        ana.press("Enter")
        ana.sees("#lobby>", without="Search in")
        ana.press(*["n"] * 9)
        ana.sees("↓ more")
        ana.press("C-g")
        ana.press("Escape")
        ana.press("M->")
        ana.sees(f"needle {columns}", without="↓")
        bo.type(f"/send #lobby {table.place}/send{columns}.py", "Enter")
        ana.sees(f"▤ send{columns}.py")
        ana.press("Up", "s")
        ana.sees(f"Save send{columns}.py where?")
        ana.type(f"{table.place}/got-{columns}", "Enter")
        saved = table.place / f"got-{columns}"
        ana.waits(lambda _, path=saved: path.exists() and path.read_bytes() == WRITE.encode())


def test_s4_what_is_typed_is_edited(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, rows in table.sizes():
        ana.type("@b")
        ana.press("Tab")
        ana.sees("> @bo")
        ana.press("C-c")
        ana.type("/nam", "Tab")
        ana.sees("/names")
        ana.press("C-c")
        ana.type(":tada", "Tab")
        ana.sees("> 🎉")
        ana.press("C-c")
        ana.type("/send bo ~/wri", "Tab")
        ana.sees("/send bo ~/write.py")
        ana.press("C-c")
        ana.type("one two three")
        ana.press("C-w", "M-b", "C-k")
        ana.sees("#lobby> one", without="two")
        ana.press("C-_")
        ana.sees("#lobby> one two")
        ana.press("C-x", "C-e")
        ana.sees(" written")
        ana.press("C-c", "M-p")
        ana.sees(" written")
        ana.press("C-c")
        ana.type(f"first {columns}", "M-Enter")
        ana.type("second", "Enter")
        bo.sees(f"first {columns}", "second")
        ana.paste(f"pasted {columns}\n    indented\nlast")
        ana.sees("    indented")
        ana.press("Enter")
        bo.sees(f"pasted {columns}", "│     indented")
        ana.paste("\n".join(f"line {number} of {columns}" for number in range(30)))
        ana.sees("Paste 30 lines", f"line 2 of {columns}" if rows > 12 else "Paste")
        ana.press("Enter")
        ana.sees(f"line 29 of {columns}", without="Paste 30")
        ana.press("Enter")
        bo.sees(f"line 29 of {columns}")
        ana.type("/whois nobody", "Enter")
        ana.sees("/whois nobody", "nobody")
        ana.press("C-c")
        ana.sees("#lobby>", without="/whois nobody")


def test_s5_who_looks_elsewhere_is_told(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, _ in table.sizes():
        ana.send(b"\x1b[O")
        ana.is_called("#lobby")
        bo.type(f"nothing for anybody {columns}", "Enter")
        ana.sees(f"nothing for anybody {columns}")
        bo.type(f"the release {columns}", "Enter")
        for way in (
            f"\x1b]9;bo in #lobby: the release {columns}\x1b",
            f"\x1b]777;notify;bo in #lobby;the release {columns}\x1b",
            "\x1b]99;i=eim:d=0;bo in #lobby\x1b",
        ):
            ana.hears("\x1bPtmux;" + way.replace("\x1b", "\x1b\x1b"))
        bo.type(f"@ana call me {columns}", "Enter")
        ana.hears(f"]777;notify;bo;call me {columns}")
        ana.is_called("(1) #lobby")
        assert f"notify;bo in #lobby;nothing for anybody {columns}" not in ana.told()
        ana.send(b"\x1b[I")
        ana.press("M-a")
        ana.sees(f"call me {columns}")
        ana.is_called("@bo")
        bo.type(f"@ana seen {columns}", "Enter")
        ana.sees(f"seen {columns}")
        assert f"seen {columns}" not in "".join(re.findall(r"\]777;[^\x1b]*", ana.told()))


def test_s6_who_is_new_is_shown_first_steps(table: Table) -> None:
    cy = table.window("cy", *SIZES[0], EIM_DATA=str(table.place / "new"))
    cy.type(shlex.join([sys.executable, str(CLIENT)]), "Enter")
    cy.sees("Address of the server")
    cy.type(table.server.link, "Enter")
    cy.sees("Your nick")
    cy.type("cy", "Enter")
    for columns, rows in SIZES:
        cy.resize(columns, rows)
        lines = cy.sees("#lobby>", " ready", *(["First steps"] if rows > 12 else []))
        assert any("✓ Your name" in line for line in lines) == (rows > 12)
        cy.press("F2")
        cy.sees("First steps", "Enter does it")
        cy.type("invite", "Enter")
        cy.sees("Invite a friend", "eim://127.0.0.1:")
        assert any("▀▄" in line for line in cy.lines()) == (rows > 12)
        cy.press("Escape")
        cy.sees("#lobby>", without="Invite a friend with")
        cy.type(f"hello from {columns} columns")
        cy.sees("hello from")
        cy.press("C-u")
    cy.press("F2")
    cy.sees("Enter does it")
    cy.type("save", "Enter")
    for question in ("Passphrase for a file", "The same once more"):
        cy.sees(question)
        cy.type("correct horse", "Enter")
    cy.resize(*SIZES[1])
    cy.sees("✓ Save who you are", "· Say hello")
    cy.type("hello", "Enter")
    table.bo.sees("hello", "cy")
    table.ana.resize(*SIZES[0])
    cy.type("/quit", "Enter")
    cy.sees("ready>")


def test_s7_it_looks_as_its_file_says(table: Table) -> None:
    looks = {
        "mono": ("", {"NO_COLOR": "1"}, r"\x1b\[(?:[\d;]*;)?(?:[349]|10)[0-8]\b"),
        "few": ('theme = "light"', {"COLORTERM": "", "TERM": "tmux"}, r"\x1b\[[\d;]*[34]8;"),
        "exact": ('[styles]\nbar = "on #102030"\n[keys]\nprofile = "vi"', {}, r"\x1b\[7m"),
    }
    for nick, (settings, env, never) in looks.items():
        data = table.place / nick
        data.mkdir()
        (data / "client.toml").write_text(settings)
        window = table.sit_down(nick, *SIZES[0], EIM_DATA=str(data), **env)
        for columns, rows in SIZES:
            window.resize(columns, rows)
            window.type("漢字 é 👩‍👩‍👧 x")
            window.sees("#lobby> 漢字", " x")
            shown = "\n".join(window.lines(coloured=True))
            assert not re.search(never, shown), shown
            assert ("48;2;16;32;48" in shown) == (nick == "exact")
            window.press("C-u")
            window.sees("#lobby>", without="漢字")
        window.press("C-c", "C-c")
        window.sees("ready>")


def test_s9_commands_have_the_names_that_they_have_elsewhere(table: Table) -> None:
    ana, bo = table.ana, table.bo
    for columns, _ in table.sizes():
        ana.type("/help", "Enter")
        ana.sees("Keys and commands")
        ana.press("Escape")
        ana.sees("#lobby>", without="Keys and")
        ana.type("/names", "Enter")
        ana.sees("bo")
        ana.type("/whois bo", "Enter")
        ana.sees("bo")
        ana.type("/me waves", "Enter")
        bo.sees("* ana waves")
        ana.type(f"/msg bo private {columns}", "Enter")
        bo.sees("unread")
        bo.press("M-a")
        bo.sees(f"private {columns}")
        bo.press("M-1")
        ana.type("/query bo", "Enter")
        ana.sees("@bo>", f"private {columns}", "(read by bo)")
        ana.press("M-1")
        ana.sees("#lobby>")
        ana.type("/away", "Enter")
        ana.sees("away")
        ana.type("/status normal", "Enter")
        ana.type(f"/join den{columns}", "Enter")
        ana.sees(f"There is no room 'den{columns}'", "Enter answers")
        ana.type("y", "Enter")
        ana.sees(f"#den{columns}>")
        ana.type("/part", "Enter")
        ana.sees("#lobby>", without=f"den{columns}>")
        ana.type("/ignore bo", "Enter")
        ana.sees("#lobby>", "unignore")
        ana.type("/unignore bo", "Enter")
        ana.sees("#lobby>", "You hear")


def test_s8_the_terminal_is_given_back(table: Table) -> None:
    """Comes last: after it nobody is there any more."""
    ana = table.ana
    for columns, _ in table.sizes():
        ana.type(f"kept {columns}")
        ana.sees(f"#lobby> kept {columns}")
        ana.press("C-z")
        ana.sees("ready>", without="#lobby>")
        ana.type("fg", "Enter")
        ana.sees(f"#lobby> kept {columns}")
        ana.press("C-u")
    ana.resize(*SIZES[1])
    table.server.kill()
    ana.sees("reconnecting")
    ana.type("said to nobody", "Enter")
    ana.sees("said to nobody (queued)")
    ana.type("/quit", "Enter")
    ana.sees("ready>", "1 message waits here")
    ana.type("stty -a", "Enter")
    ana.sees(" echo ")
