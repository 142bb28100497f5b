"""Processes that hold a session, and die."""

import json
from contextlib import suppress

import gevent
from gevent import socket

from geventim.app import socket_place

GREETING = {"event": "attached", "program": "x", "protocol": 1}
DONE = {"message_id": "0f" * 16, "seq": 1}


class DyingHosts:
    """One after the other at the socket in ``directory``, so many of them; all say what is wished.

    Each dies at a ``random`` step: before it greets, after that, or after some wishes, each of
    which it has not taken, refused, or done, with or without an answer. What was ``said`` is kept,
    and not said again under a message id.
    """

    def __init__(self, directory, random, lives):
        self.said = []
        self._random = random
        self._known = set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._path = directory / socket_place.NAME
        with socket_place.address(directory) as address:
            self._listener.bind(address)
        self._listener.listen()
        self._serving = gevent.spawn(self._serve, lives)

    def close(self):
        self._serving.kill()
        self._listener.close()

    def _serve(self, lives):
        for life in range(lives):
            visitor, _ = self._listener.accept()
            if life == lives - 1:
                self._path.unlink()
                self._listener.close()
            with visitor, visitor.makefile("rb") as read, suppress(OSError):
                self._live(visitor, read)

    def _live(self, visitor, read):
        if self._random.random() < 0.2:
            return
        _tell(visitor, GREETING)
        if self._random.random() < 0.2:
            return
        unanswered = []
        for _ in range(self._random.randrange(8)):
            wish = json.loads(read.readline() or "null")
            if wish is None:
                return
            answer = self._answer(wish)
            if answer is None:
                unanswered.append(wish["id"])
            else:
                _tell(visitor, {"answer": wish["id"], **answer})
        if self._random.random() < 0.5:
            _tell(visitor, {"event": "closing", "unanswered": unanswered})

    def _answer(self, wish):
        what = self._random.choice(["postponed", "refused", "done", "done", "lost", "unheard"])
        if what == "unheard":
            return None
        if what in {"postponed", "refused"}:
            is_late = what == "postponed"
            code = "leaving" if is_late else "no"
            return {"refused": {"code": code, "text": "No.", "retry": is_late}}
        key = wish.get("message_id")
        if key is None or key not in self._known:
            self._known.add(key)
            self.said.append(wish["text"])
        return {"done": DONE} if what == "done" else None


def _tell(visitor, said):
    visitor.sendall(json.dumps(said).encode() + b"\n")
