"""What a client sees to by itself, whatever the user types."""

from geventim.client.conversation import acquaintance
from geventim.client.operations.reading import recall
from geventim.client.steps.procedure import Procedure
from geventim.client.user import User
from geventim.errors import PeerError, UserError


class Upkeep:
    """Leaves key packages at the server, and asks it who those are that only say so themselves.

    What the server refuses to keep is not offered to it again on the same connection. Connected or
    not, what was forgotten is deleted.
    """

    def __init__(self, user: User) -> None:
        self._user = user
        self._restocking: Procedure | None = None
        self._introduction: Procedure | None = None
        self._erasing: Procedure | None = None

    def poll(self, *, is_ready: bool) -> None:
        """Begin what is wanted, if that is not under way. Raises :class:`PeerError`.

        ``is_ready`` says whether the server can be asked for something.
        """
        if self._erasing is None and self._user.history.is_dirty:
            self._erasing = Procedure(self._user.ways, recall.erase(self._user), self._erased)
            self._erasing.begin()
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

    def _restocked(self, error: UserError | PeerError | None) -> None:
        if error is None:
            self._restocking = None
        elif isinstance(error, PeerError):
            raise error

    def _erased(self, _: UserError | PeerError | None) -> None:
        self._erasing = None

    def _introduced(self, error: UserError | PeerError | None) -> None:
        self._introduction = None
        if isinstance(error, PeerError):
            raise error
