"""Terminals of tmux in which somebody presses keys and sees what is shown."""

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 60 * float(os.environ.get("EIM_PATIENCE", "1"))
"""Seconds in which something that must be seen is."""

KEPT = {
    "COLORTERM", "EDITOR", "EIM_DATA", "HOME", "LANG", "NO_COLOR", "PATH", "PYTHONPATH", "TERM",
}  # fmt: skip
"""What of an environment reaches the shell of a window."""


class Window:
    """A terminal of so many columns and rows, with a shell in it."""

    def __init__(
        self, socket: Path, name: str, columns: int, rows: int, env: dict[str, str]
    ) -> None:
        self._tmux = ["tmux", "-f", os.devnull, "-S", str(socket)]
        self._name = name
        self._told = socket.with_name(f"{name}.told")
        kept = [f"{key}={value}" for key, value in env.items() if key in KEPT]
        command = shlex.join(["env", "PS1=ready> ", *kept, "sh"])
        size = ["-x", str(columns), "-y", str(rows)]
        self._run("new-session", "-d", "-s", name, *size, command)
        self._run("pipe-pane", "-t", name, f"cat > {shlex.quote(str(self._told))}")

    def press(self, *keys: str) -> None:
        """Press keys, by their names in tmux."""
        self._run("send-keys", "-t", self._name, *keys)

    def type(self, text: str, *keys: str) -> None:
        """Type characters, and press keys then."""
        self._run("send-keys", "-t", self._name, "-l", text)
        if keys:
            self.press(*keys)

    def paste(self, text: str) -> None:
        """Paste a block, in brackets if that is wanted."""
        subprocess.run(
            [*self._tmux, "load-buffer", "-"], input=text, text=True, timeout=PATIENCE, check=True
        )
        self._run("paste-buffer", "-p", "-t", self._name)

    def send(self, data: bytes) -> None:
        """Send what a terminal sends by itself."""
        self._run("send-keys", "-t", self._name, "-H", *(f"{byte:02x}" for byte in data))

    def resize(self, columns: int, rows: int) -> None:
        """Have another size."""
        size = ["-x", str(columns), "-y", str(rows)]
        self._run("resize-window", "-t", self._name, *size)

    def lines(self, *, coloured: bool = False) -> list[str]:
        """What is shown, row by row; ``coloured`` with the sequences that say how."""
        ways = ["-e"] if coloured else []
        return self._run("capture-pane", "-p", *ways, "-t", self._name).split("\n")[:-1]

    def title(self) -> str:
        """What the window is called by what runs in it."""
        return self._run("display-message", "-p", "-t", self._name, "#{pane_title}").strip()

    def told(self) -> str:
        """All that the terminal was told."""
        return self._told.read_text(encoding="utf-8", errors="replace")

    def sees(self, *texts: str, without: str = "\0") -> list[str]:
        """Wait until all of that is shown, and not what it is to be ``without``; all that is."""

        def are_seen(lines: list[str]) -> bool:
            shown = "\n".join(lines)
            return all(text in shown for text in texts) and without not in shown

        return self.waits(are_seen, f"{texts} without {without!r}")

    def waits(self, condition: Callable[[list[str]], bool], what: str = "it") -> list[str]:
        """Wait until that holds for what is shown, which is ``what`` is awaited; all that is."""
        deadline = time.monotonic() + PATIENCE
        while not condition(lines := self.lines()):
            if time.monotonic() > deadline:
                pytest.fail(f"not {what} but\n" + "\n".join(lines))
            time.sleep(0.05)
        return lines

    def hears(self, text: str) -> None:
        """Wait until the terminal was told that."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.told():
            assert time.monotonic() < deadline, (text, "\n".join(self.lines()))
            time.sleep(0.05)

    def is_called(self, title: str) -> None:
        """Wait until that is its title."""
        deadline = time.monotonic() + PATIENCE
        while self.title() != title:
            assert time.monotonic() < deadline, (self.title(), "\n".join(self.lines()))
            time.sleep(0.05)

    def _run(self, *words: str) -> str:
        return subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, timeout=PATIENCE, check=True
        ).stdout


def close_all(socket: Path) -> None:
    """End every window at ``socket``, with what runs there."""
    subprocess.run(["tmux", "-S", str(socket), "kill-server"], capture_output=True, check=False)
