"""Takes the pictures of this folder anew: a server, two people who talk, and tmux.

Usage: take.py

It needs tmux. Both themes, at 200 by 50, 80 by 24 and 40 by 10.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from svg import draw

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
SIZES: Final = ((200, 50), (80, 24), (40, 10))
PATIENCE: Final = 60.0

CODE: Final = (
    "the fix is in:",
    "```python",
    "def greet(name):",
    '    return f"hello {name}"',
    "```",
)


class Desk:
    """A server and terminals, all below ``place``."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._tmux = ["tmux", "-f", os.devnull, "-S", str(place / "tmux")]
        words = [sys.executable, str(ROOT / "bin" / "eim-server"), "--port", "0"]
        self._server = subprocess.Popen(
            [*words, "--data", str(place / "server")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        told = self._server.stdout or ()
        self._link = next(line for line in told if line.startswith("invite ")).split()[1]

    def sit_down(self, nick: str, size: tuple[int, int], theme: str) -> None:
        """Have somebody sit down at a terminal."""
        data = self.place / nick
        data.mkdir(exist_ok=True)
        (data / "client.toml").write_text(f'theme = "{theme}"\n')
        client = [sys.executable, str(ROOT / "bin" / "eim-client"), self._link]
        command = shlex.join(["env", "LANG=C.UTF-8", *client, "--nick", nick, "--data", str(data)])
        columns, rows = map(str, size)
        self._run("new-session", "-d", "-s", nick, "-x", columns, "-y", rows, command)
        self.sees(nick, "#lobby>", "ready")

    def type(self, nick: str, *lines: str) -> None:
        """Type a message of these lines, and send it."""
        for number, line in enumerate(lines):
            if number:
                self.press(nick, "M-Enter")
            self._run("send-keys", "-t", nick, "-l", "--", line)
        self.press(nick, "Enter")
        time.sleep(0.5)

    def press(self, nick: str, *keys: str) -> None:
        """Press keys."""
        self._run("send-keys", "-t", nick, *keys)

    def resize(self, nick: str, size: tuple[int, int]) -> None:
        """Have another size."""
        columns, rows = map(str, size)
        self._run("resize-window", "-t", nick, "-x", columns, "-y", rows)

    def sees(self, nick: str, *texts: str) -> None:
        """Wait until all of that is seen."""
        until = time.monotonic() + PATIENCE
        while not all(text in self._run("capture-pane", "-p", "-t", nick) for text in texts):
            if time.monotonic() > until:
                raise SystemExit(f"{nick} does not see {texts}")
            time.sleep(0.1)

    def take(self, nick: str, name: str, size: tuple[int, int], theme: str) -> None:
        """Take a picture."""
        time.sleep(1.0)
        captured = self._run("capture-pane", "-N", "-e", "-p", "-t", nick)
        (HERE / f"{name}.svg").write_text(draw(captured, size[0], light=theme == "light"))

    def leave(self, nick: str) -> None:
        """Have somebody go."""
        self.press(nick, "C-c", "C-c", "C-c")
        until = time.monotonic() + PATIENCE
        while nick in self._run("list-sessions", "-F", "#S") and time.monotonic() < until:
            time.sleep(0.1)

    def close(self) -> None:
        """End all of it."""
        subprocess.run([*self._tmux, "kill-server"], check=False)
        self._server.terminate()
        self._server.wait(PATIENCE)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout


def talk(desk: Desk) -> None:
    """Say what is seen on the pictures."""
    desk.sit_down("bo", (120, 40), "dark")
    desk.take("bo", "first-steps", (120, 40), "dark")
    desk.sit_down("ana", SIZES[0], "dark")
    desk.type("bo", "@create room kitchen")
    desk.type("bo", "/go lobby")
    desk.type("bo", "/group set release ana")
    desk.sees("bo", "#release>")
    desk.type("bo", "/go lobby")
    desk.type("ana", "morning! is the *release* still at **ten**?")
    desk.type("bo", *CODE)
    desk.type("ana", "/reply bo looks good, I read https://example.org/notes")
    desk.type("bo", "/react tada ana")
    desk.type("bo", "could you look at these, @ana?", "", "1. the changelog", "2. the version")
    desk.press("ana", "Escape")
    desk.type("bo", "#release we are on")
    desk.type("bo", "@ana lunch at one?")
    notes = desk.place / "notes.pdf"
    notes.write_bytes(bytes(48_000))
    desk.type("ana", f"/send #lobby {notes}")
    desk.sees("bo", "notes.pdf")


def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as place:
        desk = Desk(Path(place))
        try:
            talk(desk)
            for theme in ("dark", "light"):
                if theme == "light":
                    desk.leave("ana")
                    desk.sit_down("ana", SIZES[0], theme)
                for size in SIZES:
                    desk.resize("ana", size)
                    desk.take("ana", f"{theme}-{size[0]}x{size[1]}", size, theme)
            desk.resize("ana", (80, 24))
            desk.press("ana", "C-p")
            desk.take("ana", "palette-light", (80, 24), "light")
        finally:
            desk.close()


if __name__ == "__main__":
    main()
