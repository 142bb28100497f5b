"""Somebody who sends what no browser may: requests of any kind to a door."""

import json
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from gevent import socket


class Answer:
    """What came back; ``status`` is 0 if that was nothing."""

    def __init__(self, sock):
        self.status, self.headers, self.body = 0, {}, b""
        response = HTTPResponse(sock)
        with suppress(HTTPException, OSError), response:
            response.begin()
            self.status, self.headers = response.status, response.headers
            self.body = response.read()

    @property
    def error(self):
        return json.loads(self.body)["error"]


class Knocker:
    """At ``door``; ``own`` are the headers that our own page has sent with its requests."""

    def __init__(self, door):
        self.door = door
        self.origin, _, self.link = door.link().partition("/#")
        self.host = self.origin.partition("://")[2]
        self.own = {"Host": self.host, "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        self._sockets = []

    def connect(self):
        host, _, port = self.host.rpartition(":")
        sock = socket.create_connection((host, int(port)))
        self._sockets.append(sock)
        return sock

    def send(self, data):
        """What is answered to these bytes."""
        sock = self.connect()
        with suppress(OSError):
            sock.sendall(data)
        return Answer(sock)

    def ask(self, method, path, headers=None, body=None):
        """What is answered to a request, by default of our own page."""
        return self.send(self.request(method, path, headers, body))

    def request(self, method, path, headers=None, body=None, version="HTTP/1.1"):
        """A request as bytes."""
        fields = dict(self.own if headers is None else headers)
        if body is not None:
            fields.setdefault("Content-Length", len(body))
        lines = [f"{method} {path} {version}", *(f"{name}: {fields[name]}" for name in fields)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")

    def enter(self, link=None):
        """Use a link; what is answered."""
        body = json.dumps({"token": self.link if link is None else link}).encode()
        return self.ask("POST", "/session", body=body)

    def come_in(self):
        """Have a token; it is sent from now on."""
        token = json.loads(self.enter().body)["token"]
        self.own["Authorization"] = f"Bearer {token}"
        return token

    def close(self):
        for sock in self._sockets:
            sock.close()


WISH = b'{"id": 1, "wish": "people"}'


def body_of(method):
    return WISH if method == "POST" else None
