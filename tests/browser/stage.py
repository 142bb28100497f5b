"""A server and two users: one whose client a browser is shown, one who is a program."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

from geventim import Client
from tests.browser.chromium import PATIENCE, Chromium
from tests.conftest import ROOT, ServerProcess

CLIENT = ROOT / "bin" / "eim-client"


PASSPHRASE = "correct horse battery"


class Shown:
    """The client of ``nick``, which gives links for browsers; what it tells are ``events``.

    Of a ``new`` one the data is locked with ``PASSPHRASE``.
    """

    def __init__(self, link: str, nick: str, data: Path, *options: str, new: bool = False) -> None:
        self._call = [sys.executable, str(CLIENT), link, "--nick", nick, "--json", "--web"]
        self._call += ["--listen", *options]
        self._env = {**os.environ, "EIM_DATA": str(data)}
        self._numbers = count(1)
        self._is_new = new
        if new:
            self._call.append("--passphrase")
        self.start()

    def start(self) -> None:
        """Start it, also once more."""
        self.events: list[dict[str, Any]] = []
        self._news = threading.Condition()
        # A passphrase is asked for on a terminal alone.
        self._input, terminal = os.openpty()
        self.process = subprocess.Popen(
            self._call,
            env=self._env,
            stdin=terminal,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(terminal)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if self._is_new:
            self.type(f"{PASSPHRASE}\n{PASSPHRASE}")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.startswith("{"):
                continue  # a question
            with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()

    def sees(self, event: str | None, **fields: Any) -> dict[str, Any]:
        """Wait for an event that it has told at any time; it is not told of again."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                for seen in self.events:
                    if seen.get("event") == event and fields.items() <= seen.items():
                        self.events.remove(seen)
                        return seen
                left = deadline - time.monotonic()
                assert left > 0, f"no {event} {fields} came; the last: {self.events[-8:]}"
                self._news.wait(left)

    def type(self, line: str) -> None:
        """Type a line into it."""
        os.write(self._input, f"{line}\n".encode())

    def wish(self, wish: str, **fields: Any) -> Any:
        """What it is done with."""
        number = next(self._numbers)
        self.type(json.dumps({"id": number, "wish": wish, **fields}))
        return self.sees(None, answer=number)["done"]

    def link(self) -> str:
        """A link that nobody has used."""
        self.type("@web")
        return str(self.sees("web")["url"])

    def kill(self) -> None:
        """End it without warning."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        os.close(self._input)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Stage:
    """All of it, in ``directory``."""

    def __init__(self, directory: Path, nick: str = "ana", other: str = "bo") -> None:
        directory.mkdir(exist_ok=True)
        self._directory = directory
        self.server = ServerProcess((), directory / "server")
        self.ana = Shown(self.server.link, nick, directory / "ana", new=True)
        self.first = str(self.ana.sees("web")["url"])
        self.bo = Client(self.server.link, nick=other, data=directory / "bo").__enter__()

    def forget(self) -> None:
        """The operator forgets everybody, and somebody else comes as bo.

        The server has the same key and address, and ana and bo are in another room.
        """
        self.bo.__exit__(None, None, None)
        self.ana.kill()
        self.server.kill()
        data = self._directory / "another"
        (data / "server").mkdir(parents=True)
        shutil.copy(self.server.data / "server" / "key", data / "server" / "key")
        self.server = ServerProcess(("--port", str(self.server.port)), data)
        self.ana = Shown(self.server.link, "ana", self._directory / "ana", "--room", "den")
        self.ana.type(PASSPHRASE)
        self.ana.sees("connected")
        impostor = self._directory / "impostor"
        self.bo = Client(self.server.link, nick="bo", data=impostor, room="den").__enter__()

    def close(self) -> None:
        """End everything."""
        self.bo.__exit__(None, None, None)
        if self.ana.process.poll() is None:
            self.ana.kill()
        self.server.kill()


def say(page: Chromium, text: str) -> None:
    """Type it into the page, and send it."""
    page.click("#input")
    page.write(text)
    page.keys("Enter")


def hear(stage: Stage, kind: str, **fields: Any) -> Any:
    """The next such event of bo."""
    while True:
        event = stage.bo.next_event(PATIENCE)
        assert event is not None, f"there is no {kind} {fields}"
        tag = type(event).__struct_config__.tag
        if tag == kind and all(getattr(event, name) == value for name, value in fields.items()):
            return event
