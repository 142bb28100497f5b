"""What is answered to each request."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from geventim.web import pages
from geventim.web.access import Access
from geventim.web.exchange import Request, Response, WebError
from geventim.web.gate import Gate
from geventim.web.shelf import Shelf
from geventim.web.tab import Tab

WISH_SIZE: Final = 1024 * 1024
"""Bytes of a wish."""

SMALL: Final = 4096
"""Bytes of what says a token or a passphrase."""

EVENTS: Final = "text/event-stream"

Start = Callable[[str, list[tuple[str, str]]], object]


class _Entry(msgspec.Struct):
    token: str


class Site:
    """Answers what comes through ``gate`` from the tabs of ``access``, which all are ``nick``."""

    def __init__(self, gate: Gate, access: Access[Tab], nick: str, shelf: Shelf) -> None:
        self._gate = gate
        self._access = access
        self._nick = nick
        self._shelf = shelf
        self._calls: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("POST", "/session"): self._enter,
            ("GET", "/events"): self._tell,
            ("POST", "/wishes"): self._wish,
            ("POST", "/files"): self._upload,
            ("POST", "/unlock"): self._unlock,
            ("POST", "/leave"): self._leave,
        }

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request of pywsgi."""
        try:
            response = self.answer(Request.of(environ))
        except WebError as error:
            response = Response.refusing(error)
        start(f"{response.status.value} {response.status.phrase}", response.headers)
        return [response.body] if isinstance(response.body, bytes) else response.body

    def answer(self, request: Request) -> Response:
        """What is answered. Raises :class:`WebError`."""
        self._gate.check_host(request)
        path = request.path
        if path == "/" or path.startswith("/page/"):
            return self._serve(request, pages.INDEX if path == "/" else path[len("/page/") :])
        self._gate.check_own(request)
        call = self._calls.get((request.method, path))
        if call is not None:
            return call(request)
        if request.method == "GET" and path.startswith("/files/"):
            return self._download(request, path[len("/files/") :])
        known = path.startswith("/files/") or any(path == other for _, other in self._calls)
        if known:
            raise WebError(HTTPStatus.METHOD_NOT_ALLOWED, "bad_method")
        raise WebError(HTTPStatus.NOT_FOUND, "not_found")

    def _serve(self, request: Request, name: str) -> Response:
        self._gate.check_visit(request)
        if request.method != "GET":
            raise WebError(HTTPStatus.METHOD_NOT_ALLOWED, "bad_method")
        found = pages.read(name)
        if found is None:
            raise WebError(HTTPStatus.NOT_FOUND, "not_found")
        return Response(HTTPStatus.OK, *found)

    def _enter(self, request: Request) -> Response:
        try:
            entry = msgspec.json.decode(request.content(SMALL), type=_Entry)
        except msgspec.MsgspecError:
            raise WebError(HTTPStatus.BAD_REQUEST, "bad_body") from None
        token, _ = self._access.enter(entry.token)
        return Response.of({"token": token, "nick": self._nick})

    def _tell(self, request: Request) -> Response:
        tab = self._access.find(request.token)
        after = request.fields.get("last-event-id", "")[:128]
        return Response(HTTPStatus.OK, EVENTS, tab.stream(after))

    def _wish(self, request: Request) -> Response:
        tab = self._access.find(request.token)
        line = request.content(WISH_SIZE).decode(errors="surrogateescape")
        if not tab.wish(line, lambda name: self._shelf.find(tab, name), unlocked=False):
            raise WebError(HTTPStatus.SERVICE_UNAVAILABLE, "no_client")
        return Response.of({}, HTTPStatus.ACCEPTED)

    def _upload(self, request: Request) -> Response:
        tab = self._access.find(request.token)
        name = unquote(request.parameter("name"), errors="replace")
        return Response.of({"file": self._shelf.take(tab, name, request)})

    def _download(self, request: Request, _: str) -> Response:
        self._access.find(request.token)
        raise WebError(HTTPStatus.NOT_FOUND, "not_found")

    def _unlock(self, request: Request) -> Response:
        self._access.find(request.token)
        raise WebError(HTTPStatus.FORBIDDEN, "no_passphrase")

    def _leave(self, request: Request) -> Response:
        self._access.end(self._access.find(request.token), "no_token")
        return Response.of({})
