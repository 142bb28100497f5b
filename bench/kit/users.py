"""A user at a whole client, in a process of its own, whose wishes and events are measured."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from kit.checkout import ROOT
from kit.processes import Process

PATIENCE: Final = 120.0
"""Seconds for something to happen."""

Test = Callable[[dict[str, Any]], bool]


class User:
    """``nick`` at the server with this ``address``, whose state is below ``data``.

    ``hear`` is called with each event, in another thread.
    """

    def __init__(
        self, address: str, nick: str, data: str, hear: Callable[[dict[str, Any]], None]
    ) -> None:
        self._words = [address, "--nick", nick, "--data", data, "--wishes", "--listen"]
        self._hear = hear
        self._numbers = count(1)
        self._news = threading.Condition()
        self.start()

    def start(self) -> None:
        """Come, for the first time or again; returns once the server has let the user in."""
        self._told: list[dict[str, Any]] = []
        command = [sys.executable, str(ROOT / "bin" / "eim-client"), *self._words]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process = Process(self._process.pid, "")
        threading.Thread(target=self._read, daemon=True).start()
        self.expect("connected")

    def kill(self) -> None:
        """Be gone, without a word."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def wish(self, **fields: Any) -> int:
        """Wish for something; the number of the wish."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, **fields}) + "\n")
        self._process.stdin.flush()
        return number

    def answer(self, number: int, patience: float = PATIENCE) -> dict[str, Any]:
        """What came of a wish, which must not be refused."""
        told = self.await_told(lambda told: told.get("answer") == number, patience)
        if "done" not in told:
            raise SystemExit(str(told))
        done: dict[str, Any] = told["done"]
        return done

    def expect(self, kind: str, patience: float = PATIENCE, **fields: Any) -> dict[str, Any]:
        """The first event of that kind with these fields since the user has come."""
        wanted = {"event": kind, **fields}
        return self.await_told(lambda told: wanted.items() <= told.items(), patience)

    def await_told(self, test: Test, patience: float = PATIENCE) -> dict[str, Any]:
        """The first that passes ``test`` of all that was told since the user has come."""
        deadline, seen = time.monotonic() + patience, 0
        with self._news:
            while True:
                for told in self._told[seen:]:
                    if test(told):
                        return told
                seen = len(self._told)
                if not self._news.wait(deadline - time.monotonic()):
                    raise SystemExit(f"nothing came; the last was {self._told[-3:]}")

    def _read(self) -> None:
        process, heard = self._process, self._told
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            self._hear(told)
            with self._news:
                heard.append(told)
                self._news.notify_all()
