"""Reads requests: those that a browser sends, and nothing that two readers could read differently.

Whatever is wrong with one ends its connection, without a word to standard error: what others send
is nothing for the user's terminal, and there may be a token in it.
"""

import re
from io import BytesIO
from types import TracebackType
from typing import Any, Final

import gevent
from gevent import socket
from gevent.pywsgi import Input, WSGIHandler, headers_factory  # type: ignore[attr-defined]  # its stubs lack it

from geventim.web.bounds import Bounds

HEAD_SIZE: Final = 16 * 1024
"""Bytes of a head, its first line included."""

FIRST_LINE: Final = re.compile(r"([A-Z]{1,16}) (/[!-~]{0,4096}) HTTP/1\.1\r\n")

FIELD: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*\r\n")

LENGTH: Final = re.compile(rb"[0-9]{1,15}")

BAD_REQUEST: Final = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n"
    b"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
)


class _Body(Input):
    """The body of a request; what nobody wants of it is not waited for."""

    def _discard(self) -> None:
        """Leave the rest where it is."""


class Handler(WSGIHandler):
    """Reads the requests of one connection within ``bounds``, and has them answered."""

    def __init__(self, bounds: Bounds, sock: socket.socket, *more: Any) -> None:
        self._head_time = bounds.head
        sock.settimeout(bounds.silence)
        super().__init__(sock, *more)

    def read_requestline(self) -> str:
        """The first line; it may take long to begin, but not to end."""
        first = self.rfile.read(1)
        with gevent.Timeout(self._head_time, TimeoutError()):
            line = first + self.rfile.readline(HEAD_SIZE)
            return str(line.decode("latin-1"))

    def read_request(self, raw_requestline: str) -> Any:
        """Read the head of a request. Raises :class:`ValueError`."""
        first = FIRST_LINE.fullmatch(raw_requestline)
        if first is None:
            raise ValueError("that is no request of a browser")
        with gevent.Timeout(self._head_time, TimeoutError()):
            head = self._read_head(HEAD_SIZE - len(raw_requestline))
        self._head = BytesIO(head)
        return super().read_request(raw_requestline)

    def MessageClass(self, *_: Any) -> Any:  # noqa: N802 - pywsgi's name
        """The fields, which were read already."""
        return headers_factory(self._head)

    def get_environ(self) -> dict[str, Any]:
        """What is handed on: also the path as it was sent, and the socket."""
        environ: dict[str, Any] = super().get_environ()
        environ["geventim.path"] = str(self.path).partition("?")[0]
        environ["geventim.socket"] = self.socket
        environ["wsgi.input"] = self.wsgi_input = _Body(self.rfile, self.content_length)
        return environ

    def _read_head(self, most: int) -> bytes:
        head = bytearray()
        seen: set[bytes] = set()
        while (line := self.rfile.readline(most - len(head))) != b"\r\n":
            field = FIELD.fullmatch(line)
            if field is None:
                raise ValueError("that is no field")
            name = field[1].lower()
            # One that comes twice is read by some as the first, by others as the last.
            if name in seen or name in {b"transfer-encoding", b"upgrade", b"expect"}:
                raise ValueError("no browser sends that")
            if name == b"content-length" and not LENGTH.fullmatch(field[2]):
                raise ValueError("that is no length")
            seen.add(name)
            head += line
        return bytes(head + line)

    def handle_one_response(self) -> None:
        """Answer a request; if its body was not taken, nothing more is read after it."""
        super().handle_one_response()
        taken = 0 if self.wsgi_input is None else self.wsgi_input.position
        if taken < (self.content_length or 0):
            self.close_connection = True

    def log_request(self) -> None:
        """Nobody is told."""

    def log_error(self, msg: str, *args: object) -> None:
        """Nobody is told."""

    def _handle_client_error(self, _: BaseException) -> tuple[str, bytes]:
        return "400", BAD_REQUEST

    def _log_error(
        self, t: type[BaseException], v: BaseException, tb: TracebackType | None
    ) -> None:
        """Nobody is told."""
