"""What a client sees to by itself while it is in, whatever the user types."""

from geventim.client.context import Context
from geventim.client.conversation import acquaintance
from geventim.client.steps.procedure import Procedure
from geventim.errors import PeerError, UserError


class Upkeep:
    """Leaves key packages at the server, and asks it who those are that only say so themselves.

    What the server refuses to keep is not offered to it again on the same connection.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._restocking: Procedure | None = None
        self._introduction: Procedure | None = None

    def poll(self) -> None:
        """Begin what is wanted, if that is not under way. Raises :class:`PeerError`."""
        packages = self._context.user.packages
        if self._restocking is None and packages.wanted:
            self._restocking = Procedure(self._context, packages.restock(), self._restocked)
            self._restocking.begin()
        if self._introduction is None and self._context.user.directory.asks:
            steps = acquaintance.ask_around(self._context)
            self._introduction = Procedure(self._context, steps, self._introduced)
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

    def _introduced(self, error: UserError | PeerError | None) -> None:
        self._introduction = None
        if isinstance(error, PeerError):
            raise error
