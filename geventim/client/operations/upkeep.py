"""What a client sees to by itself, whatever the user types."""

from geventim.client.conversation import acquaintance, doubtful
from geventim.client.events import Deleted
from geventim.client.operations.context import Context
from geventim.client.operations.reading import recall
from geventim.client.steps.procedure import Procedure
from geventim.errors import PeerError, UserError


class Upkeep:
    """Leaves key packages at the server, and asks it who those are that only say so themselves.

    What the server refuses to keep is not offered to it again on the same connection. Connected or
    not, pages are written anew in which something has changed or is gone.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._user = user = context.user
        self._restocking: Procedure | None = None
        self._introduction: Procedure | None = None
        self._revising: Procedure | None = None
        self._let_go(user.history.begin(user.clock()))

    @property
    def wake_at(self) -> float | None:
        """When a message or a file is to be deleted, in seconds since the epoch."""
        times = self._user.history.fades_at, self._user.transfers.fades_at
        return min((time for time in times if time is not None), default=None)

    def poll(self, *, is_ready: bool) -> None:
        """Begin what is wanted, if that is not under way. Raises :class:`PeerError`.

        ``is_ready`` says whether the server can be asked for something.
        """
        gone = self._user.history.fade(self._user.clock())
        self._let_go(gone)
        for event in gone:
            self._user.emit(event)
        if self._revising is None and self._user.history.is_dirty:
            self._revising = Procedure(self._user.ways, recall.revise(self._context), self._revised)
            self._revising.begin()
        if not is_ready:
            return
        packages = self._user.packages
        if self._restocking is None and packages.wanted:
            self._restocking = Procedure(self._user.ways, packages.restock(), self._restocked)
            self._restocking.begin()
        if self._introduction is None and self._user.directory.asks:
            steps = acquaintance.ask_around(self._user)
            self._introduction = Procedure(self._user.ways, steps, self._introduced)
            self._introduction.begin()

    def close(self) -> None:
        """The connection is gone, and with it everything under way."""
        for procedure in (self._restocking, self._introduction):
            if procedure is not None:
                procedure.close()
        self._restocking = self._introduction = None

    def _let_go(self, gone: list[Deleted]) -> None:
        """Fetch nothing of messages that have had their time, and write none again or to others."""
        for event in gone:
            message_id = bytes.fromhex(event.message_id)
            self._user.transfers.forget(message_id)
            place = self._context.conversations.get(bytes.fromhex(event.conversation_id))
            if place is not None:
                doubtful.drop(place, message_id)
        for conversation, text in self._user.history.take_forgotten():
            place = self._context.conversations.get(conversation)
            if place is not None:
                place.bookmark.unquote(text)

    def _restocked(self, error: UserError | PeerError | None) -> None:
        if error is None:
            self._restocking = None
        elif isinstance(error, PeerError):
            raise error

    def _revised(self, _: UserError | PeerError | None) -> None:
        self._revising = None

    def _introduced(self, error: UserError | PeerError | None) -> None:
        self._introduction = None
        if isinstance(error, PeerError):
            raise error
