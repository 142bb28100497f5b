"""A page in a browser, as far as the program sees it: requests as a browser sends them."""

import contextlib
import http.client
import json
import ssl
import threading
import time
from typing import Any
from urllib.parse import quote, urlsplit

from tests.conftest import PATIENCE


class Page:
    """What has come through ``url``, a link; ``events`` is everything it was told."""

    def __init__(
        self, url: str, *, streams: bool = True, context: ssl.SSLContext | None = None
    ) -> None:
        self._context = context
        parts = urlsplit(url)
        self.host, self.link = parts.netloc, parts.fragment
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.token = ""
        self.nick = ""
        self.events: list[dict[str, Any]] = []
        self.last = ""
        self._wishes = 0
        self._news = threading.Condition()
        self._stream: http.client.HTTPResponse | None = None
        self._reader: threading.Thread | None = None
        self._connections: list[http.client.HTTPConnection] = []
        status, told = self.enter()
        assert status == 200, told
        self.token, self.nick = told["token"], told["nick"]
        if streams:
            self.listen()

    def enter(self) -> tuple[int, dict[str, Any]]:
        """Use the link."""
        return self.call("POST", "/session", json.dumps({"token": self.link}))

    def connect(self) -> http.client.HTTPConnection:
        """Another connection."""
        connection = (
            http.client.HTTPConnection(self.host, timeout=PATIENCE)
            if self._context is None
            else http.client.HTTPSConnection(self.host, timeout=PATIENCE, context=self._context)
        )
        self._connections.append(connection)
        return connection

    def request(
        self, method: str, path: str, body: Any = None, **more: str
    ) -> http.client.HTTPResponse:
        """What is answered, whose body is yet to be read."""
        fields = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        fields |= {name.replace("_", "-"): value for name, value in more.items()}
        connection = self.connect()
        connection.request(method, path, body, fields)
        return connection.getresponse()

    def call(self, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        """The status and the JSON object of what is answered."""
        with self.request(method, path, body, **more) as response:
            status, told = response.status, json.loads(response.read())
        self._connections.pop().close()
        return status, told

    def close(self) -> None:
        """Be gone, with everything that was open."""
        if self._stream is not None:
            self.hang_up()
            self._stream.close()
        for connection in self._connections:
            connection.close()

    def listen(self) -> None:
        """Begin the stream of events, or go on with it."""
        response = self.request("GET", "/events", Last_Event_ID=self.last)
        assert response.status == 200, response.read()
        self._stream = response
        self._reader = threading.Thread(target=self._read, args=(response,), daemon=True)
        self._reader.start()

    def hang_up(self) -> None:
        """Lose the stream."""
        assert self._stream is not None
        assert self._reader is not None
        with contextlib.suppress(OSError, AttributeError):
            self._stream.fp.raw._sock.shutdown(2)
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()

    def await_end(self) -> None:
        """Wait until the stream was ended by the other side."""
        assert self._reader is not None
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive()

    def send(self, **fields: Any) -> int:
        """Wish for something; the id of the wish."""
        self._wishes += 1
        status, _ = self.call("POST", "/wishes", json.dumps({"id": self._wishes, **fields}))
        assert status == 202
        return self._wishes

    def wish(self, **fields: Any) -> dict[str, Any]:
        """Wish for something; what came of it."""
        return self.sees(None, answer=self.send(**fields))

    def upload(self, name: str, data: bytes) -> str:
        """Put a file where it can be sent from."""
        status, told = self.call("POST", f"/files?name={quote(name, safe='')}", data)
        assert status == 200, told
        return str(told["file"])

    def sees(self, event: str | None, **fields: Any) -> dict[str, Any]:
        """Wait for such an event, which may have come at any time."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                for seen in self.events:
                    if seen.get("event") == event and fields.items() <= seen.items():
                        return seen
                left = deadline - time.monotonic()
                assert left > 0, f"no {event} {fields} came; the last: {self.events[-8:]}"
                self._news.wait(left)

    def sees_transfer(self, direction: str, *states: str) -> dict[str, Any]:
        """Wait for a transfer to be in one of these states."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                for seen in self.events:
                    moving = seen.get("transfer", {})
                    if moving.get("direction") == direction and moving["state"] in states:
                        return seen
                left = deadline - time.monotonic()
                assert left > 0, f"none is {states}; the last: {self.events[-8:]}"
                self._news.wait(left)

    def _read(self, response: http.client.HTTPResponse) -> None:
        number = ""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            while line := response.readline():
                text = line.decode().rstrip("\n")
                if text.startswith("id: "):
                    number = text.removeprefix("id: ")
                elif text.startswith("data: "):
                    with self._news:
                        self.events.append(json.loads(text.removeprefix("data: ")))
                        self.last, number = number or self.last, ""
                        self._news.notify_all()
