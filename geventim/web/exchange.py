"""Requests and responses: what is read of the one, and what every one of the other says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import parse_qs

import gevent
import msgspec

from geventim.errors import GeventIMError
from geventim.web.bounds import USUAL

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; manifest-src 'self'; worker-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)
"""What a page of ours may load and run: its own files, and pictures that it has fetched."""

HEADERS: Final = (
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-store"),
)
"""What every response says."""

JSON: Final = "application/json"


class WebError(GeventIMError):
    """A request that comes to nothing: its ``status``, and a word for why."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Body(Protocol):
    """What comes after the head of a request."""

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes. Raises :class:`OSError` if they do not come."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. ``fields`` are headers, by their names in small letters.

    ``size`` is that of the body in bytes, None if it is not said. ``peer`` is the socket that it
    came through. A body that is read as a whole comes within ``patience`` seconds.
    """

    method: str
    path: str
    fields: Mapping[str, str] = field(repr=False)
    query: str = ""
    size: int | None = None
    body: Body | None = field(default=None, repr=False)
    peer: Any = None
    patience: float = USUAL.body

    @classmethod
    def of(cls, environ: Mapping[str, Any], patience: float = USUAL.body) -> "Request":
        """The request that pywsgi has read."""
        fields = {
            name[len("HTTP_") :].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        length = environ.get("CONTENT_LENGTH")
        return cls(
            environ["REQUEST_METHOD"],
            environ["geventim.path"],
            fields,
            environ["QUERY_STRING"],
            None if length is None else int(length),
            environ["wsgi.input"],
            environ["geventim.socket"],
            patience,
        )

    @property
    def token(self) -> str:
        """What it says to be let in; empty if nothing."""
        scheme, _, token = self.fields.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else ""

    def parameter(self, name: str) -> str:
        """The value of a parameter in its query; empty if there is none, or are several."""
        values = parse_qs(self.query).get(name, [])
        return values[0] if len(values) == 1 else ""

    def content(self, most: int) -> bytes:
        """The whole body, of at most so many bytes. Raises :class:`WebError`."""
        if self.size is None or self.body is None:
            raise WebError(HTTPStatus.BAD_REQUEST, "no_length")
        if self.size > most:
            raise WebError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        late = WebError(HTTPStatus.BAD_REQUEST, "too_slow")
        with gevent.Timeout(self.patience, late):
            return self.body.read(self.size)


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; a ``body`` that is no bytes is sent as it comes."""

    status: HTTPStatus
    kind: str
    body: bytes | Iterable[bytes] = field(repr=False)
    more: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, value: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> "Response":
        """A JSON object."""
        return cls(status, JSON, msgspec.json.encode(value))

    @classmethod
    def refusing(cls, error: WebError) -> "Response":
        """What ``error`` says. Nothing more is read from who has caused it."""
        return cls(
            error.status,
            JSON,
            msgspec.json.encode({"error": error.code}),
            (("Connection", "close"),),
        )

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All that it says of itself."""
        headers = [("Content-Type", self.kind), *HEADERS, *self.more]
        if isinstance(self.body, bytes):
            headers.append(("Content-Length", str(len(self.body))))
        return headers
