"""Who may ask at all: only what the browser itself says comes from our own page.

A page of another origin can make a browser send requests here, and one that has a name of its own
point here can even read what comes back. So the host has to be ours, letter by letter, and what the
browser says of where a request comes from, which no page can change, has to be our own origin.
"""

from dataclasses import dataclass
from http import HTTPStatus

from geventim.web.exchange import Request, WebError

FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in what is meant for ``host``, with its port, under ``scheme``."""

    scheme: str
    host: str

    @property
    def origin(self) -> str:
        """Where our own page comes from."""
        return f"{self.scheme}://{self.host}"

    def check_host(self, request: Request) -> None:
        """Return if a request is meant for us. Raises :class:`WebError`."""
        if request.fields.get("host") != self.host:
            raise WebError(HTTPStatus.FORBIDDEN, FOREIGN)

    def check_own(self, request: Request) -> None:
        """Return if our own page asks, and the browser says so. Raises :class:`WebError`."""
        origin, site = request.fields.get("origin"), request.fields.get("sec-fetch-site")
        if origin is None and site is None:
            raise WebError(HTTPStatus.FORBIDDEN, FOREIGN)
        if origin not in {None, self.origin} or site not in {None, "same-origin"}:
            raise WebError(HTTPStatus.FORBIDDEN, FOREIGN)

    def check_visit(self, request: Request) -> None:
        """Return if somebody opens a page, or our own page asks for its files.

        So does who says nothing of where it comes from: there is nothing secret in these files.
        Raises :class:`WebError`.
        """
        fields = request.fields
        if not fields.keys() & {"origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"}:
            return
        is_navigation = (
            fields.get("sec-fetch-mode") == "navigate"
            and fields.get("sec-fetch-dest") == "document"
            and "origin" not in fields
        )
        if not is_navigation:
            self.check_own(request)
