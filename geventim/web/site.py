"""What is answered to each request."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from gevent.lock import BoundedSemaphore

from geventim.client.wish_lines import WISH_SIZE
from geventim.web import pages
from geventim.web.access import Access
from geventim.web.bounds import USUAL, Bounds
from geventim.web.download import fetch, has_hung_up
from geventim.web.exchange import Request, Response, WebError
from geventim.web.gate import Gate
from geventim.web.tab import Tab
from geventim.web.translation import UPLOAD

SMALL: Final = 4096
"""Bytes of what says a token or a passphrase."""

DOWNLOADS: Final = 8
"""Files that are fetched for pages at the same time."""

FILE: Final = re.compile(r"/files/([0-9a-f]{32})/([0-9]{1,2})")

EVENTS: Final = "text/event-stream"
BYTES: Final = "application/octet-stream"

Content = TypeVar("Content", bound=msgspec.Struct)

Start = Callable[[str, list[tuple[str, str]]], object]


class _Entry(msgspec.Struct):
    token: str


class _Unlocking(msgspec.Struct):
    passphrase: str


class Site:
    """Answers what comes through ``gate`` from the tabs of ``access``, which all are ``nick``.

    ``recognise`` is told of the socket of whoever has shown a token.
    """

    def __init__(
        self,
        gate: Gate,
        access: Access[Tab],
        nick: str,
        recognise: Callable[[Any], None] = lambda _: None,
        bounds: Bounds = USUAL,
    ) -> None:
        self._gate = gate
        self._access = access
        self._nick = nick
        self._recognise = recognise
        self._bounds = bounds
        self._fetching = BoundedSemaphore(DOWNLOADS)
        self._calls: dict[tuple[str, str], Callable[[Tab, Request], Response]] = {
            ("GET", "/events"): self._tell,
            ("POST", "/wishes"): self._wish,
            ("POST", "/files"): self._upload,
            ("POST", "/unlock"): self._unlock,
            ("POST", "/leave"): self._leave,
        }
        self._paths = {path for _, path in self._calls}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request of pywsgi."""
        try:
            response = self.answer(Request.of(environ, self._bounds.body))
        except WebError as error:
            response = Response.refusing(error)
        except Exception:
            # Whatever it is must not be printed: there may be a token in what is printed.
            failure = WebError(HTTPStatus.INTERNAL_SERVER_ERROR, "failed")
            response = Response.refusing(failure)
        start(f"{response.status.value} {response.status.phrase}", response.headers)
        return [response.body] if isinstance(response.body, bytes) else response.body

    def answer(self, request: Request) -> Response:
        """What is answered. Raises :class:`WebError`."""
        self._gate.check_host(request)
        method, path = request.method, request.path
        if path == "/" or path.startswith("/page/"):
            self._gate.check_visit(request)
            return _serve(method, pages.INDEX if path == "/" else path.removeprefix("/page/"))
        self._gate.check_own(request)
        if (method, path) == ("POST", "/session"):
            return self._enter(request)
        call = self._calls.get((method, path))
        file = FILE.fullmatch(path)
        if file is not None and method == "GET":
            call = partial(self._download, file[1], int(file[2]))
        if call is not None:
            tab = self._access.find(request.token)
            self._recognise(request.peer)
            return call(tab, request)
        if file is not None or path in self._paths or path == "/session":
            raise WebError(HTTPStatus.METHOD_NOT_ALLOWED, "bad_method")
        raise WebError(HTTPStatus.NOT_FOUND, "not_found")

    def _enter(self, request: Request) -> Response:
        token = self._access.enter(_read(request, _Entry).token)
        self._recognise(request.peer)
        return Response.of({"token": token, "nick": self._nick})

    def _tell(self, tab: Tab, request: Request) -> Response:
        after = request.fields.get("last-event-id", "")
        return Response(HTTPStatus.OK, EVENTS, tab.stream(after[:128]))

    def _wish(self, tab: Tab, request: Request) -> Response:
        if not tab.wish(request.content(WISH_SIZE).decode(errors="surrogateescape")):
            raise WebError(HTTPStatus.SERVICE_UNAVAILABLE, "no_client")
        return Response.of({}, HTTPStatus.ACCEPTED)

    def _upload(self, tab: Tab, request: Request) -> Response:
        key = tab.box.take(request.parameter("name"), request)
        return Response.of({"file": f"{UPLOAD}{key}"})

    def _download(self, message_id: str, index: int, tab: Tab, request: Request) -> Response:
        is_gone = partial(has_hung_up, request.peer)
        with self._fetching:
            contents = fetch(tab.attach, message_id, index, tab.box.room(), is_gone)
        more = (
            ("Content-Length", str(contents.size)),
            ("Content-Disposition", "attachment"),
        )
        return Response(HTTPStatus.OK, BYTES, contents, more)

    def _unlock(self, tab: Tab, request: Request) -> Response:
        try:
            tab.guard.unlock(_read(request, _Unlocking).passphrase)
        except WebError:
            if tab.guard.is_spent:
                self._access.end(tab, "too_many_tries")
            raise
        return Response.of({})

    def _leave(self, tab: Tab, _: Request) -> Response:
        self._access.end(tab, "no_token")
        return Response.of({})


def _read(request: Request, kind: type[Content]) -> Content:
    """The body of a request, which is small."""
    try:
        return msgspec.json.decode(request.content(SMALL), type=kind)
    except msgspec.MsgspecError:
        raise WebError(HTTPStatus.BAD_REQUEST, "bad_body") from None


def _serve(method: str, name: str) -> Response:
    found = pages.read(name)
    if found is None:
        raise WebError(HTTPStatus.NOT_FOUND, "not_found")
    if method != "GET":
        raise WebError(HTTPStatus.METHOD_NOT_ALLOWED, "bad_method")
    return Response(HTTPStatus.OK, *found)
