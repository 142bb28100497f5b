"""The key packages with which people can be added while they are away."""

from geventim.chat import limits
from geventim.chat.bulletins import KeyPackagesLow
from geventim.chat.codec import encode
from geventim.chat.replies import KeyPackage, LowOnKeyPackages, Ok
from geventim.chat.requests import ClaimKeyPackage, UploadKeyPackages
from geventim.log.changes import AddKeyPackages, TakeKeyPackage
from geventim.log.outcomes import Taken
from geventim.service import refusals
from geventim.service.people.accounts import Accounts, introduce
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours, Timers
from geventim.service.sessions import Session


class KeyPackages:
    """Keeps them, and gives each away once."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        timers: Timers,
        neighbours: Neighbours,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._timers = timers
        self._neighbours = neighbours

    def upload(self, session: Session, request: UploadKeyPackages, payload: bytes) -> Ok:
        """Keep the key packages that are in ``payload``, one behind the other."""
        if max(request.sizes) > limits.KEY_PACKAGE_SIZE:
            raise refusals.KEY_PACKAGE_TOO_LARGE.error()
        if min(request.sizes) == 0 or sum(request.sizes) != len(payload):
            raise refusals.malformed("upload-key-packages", "the sizes do not fit").error()
        if request.last_resort and len(request.sizes) > 1:
            raise refusals.malformed("upload-key-packages", "only one is the last").error()
        packages = []
        start = 0
        for size in request.sizes:
            packages.append(payload[start : start + size])
            start += size
        change = AddKeyPackages(
            session.account.id, tuple(packages), self._timers.now(), request.last_resort
        )
        self._journal.commit([change])
        return Ok(id=request.id)

    def claim(self, session: Session, request: ClaimKeyPackage) -> None:
        """Give away a key package; the reply carries it.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``, ``account_ended``,
        ``no_key_package``.
        """
        owner = self._accounts.reachable(request.nick)
        (outcome,) = self._journal.commit([TakeKeyPackage(owner.id, self._oldest())])
        if not isinstance(outcome, Taken):
            raise refusals.no_key_package(owner.nick).error()
        reply = KeyPackage(id=request.id, person=introduce(owner), payload=len(outcome.package))
        session.outlet.send(encode(reply, outcome.package))
        if outcome.left < limits.FEW_KEY_PACKAGES:
            self.warn(owner.id, outcome.left)
            self._neighbours.tell(KeyPackagesLow(owner.id, outcome.left))

    def warn(self, account: bytes, left: int) -> None:
        """Tell ``account``, if it is connected here, that only few are left."""
        session = self._connected.session(account)
        if session is not None:
            session.send(LowOnKeyPackages(left=left))

    def remind(self, session: Session) -> None:
        """Tell somebody who has logged in that only few are left."""
        left = self._journal.key_packages(session.account.id, self._oldest())
        if left < limits.FEW_KEY_PACKAGES:
            session.send(LowOnKeyPackages(left=left))

    def _oldest(self) -> float:
        """When those were left that are given away for the last time now."""
        return self._timers.now() - limits.KEY_PACKAGE_AGE
