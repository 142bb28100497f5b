"""Those to whom a conversation is delivered: a gevent group of client greenlets."""

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from gevent import Greenlet
from gevent.pool import Group


class Listener(Protocol):
    """Whoever has a greenlet; it ends when its connection does."""

    greenlet: "ClientGreenlet"


if TYPE_CHECKING:
    _Greenlet = Greenlet[..., object]
else:
    _Greenlet = Greenlet


class ClientGreenlet(_Greenlet):
    """The greenlet of one client; ``client`` is set by whoever runs in it."""

    client: Listener


L = TypeVar("L", bound=Listener)


class Audience(Generic[L]):
    """A group of greenlets, seen as their clients; a greenlet that ends leaves by itself."""

    __slots__ = ("_group",)

    def __init__(self) -> None:
        self._group = Group()

    def add(self, outlet: L) -> None:
        """Deliver to ``outlet`` from now on."""
        self._group.discard(outlet.greenlet)  # a group would count twice who is added twice
        self._group.add(outlet.greenlet)

    def discard(self, outlet: L) -> None:
        """Deliver to ``outlet`` no longer."""
        self._group.discard(outlet.greenlet)

    def outlets(self) -> list[L]:
        """Those present now; a copy, because some may end while it is walked."""
        return [cast(L, cast(ClientGreenlet, greenlet).client) for greenlet in list(self._group)]
