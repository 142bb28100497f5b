"""Our key packages: what lets others add us while we are away.

The server keeps public halves, we keep private ones until a Welcome uses them. One package is the
last resort: given away as often as needed when all others are gone, and replaced after its first
use. It is dropped when its successor is replaced, since other Welcomes may still rely on it.
"""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat import limits
from geventim.chat.replies import Ok
from geventim.chat.requests import UploadKeyPackages
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import MOVED
from geventim.client.sealing.engine import DAY, LIFETIME, Engine
from geventim.client.steps.clocks import Clocks
from geventim.client.steps.effects import Labour, Operation, Steps, ask, compute
from geventim.errors import PeerError, StoreError
from geventim.mls.groups import archive
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.welcome import Welcome

STOCK: Final = 50
"""Key packages that the server has after an upload."""

RENEWAL: Final = 28 * DAY
"""Seconds before the end of its lifetime at which a last resort is replaced."""

_PACKAGE: Final = "package/"
_STOCK: Final = "packages"


class _Stock(Struct):
    """What was uploaded: whether anything was, and which were and are the last resort.

    ``replaced``: what was uploaded before is of no use to anybody, and has to go.
    """

    stocked: bool = False
    last: bytes = b""
    last_used: bool = False
    good_until: int = 0
    before_last: bytes = b""
    replaced: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stock)


class KeyPackages:
    """The key packages of one user.

    None are made, and none forgotten, while our clock is far from the server's. The server is to
    have ``stock`` of them after an upload.
    """

    def __init__(self, engine: Engine, memory: Memory, clocks: Clocks, stock: int = STOCK) -> None:
        self._engine = engine
        self._memory = memory
        self._clocks = clocks
        self._most = stock
        self._left: int | None = None
        kept = memory.get(_STOCK)
        try:
            self._stock = _decoder.decode(kept) if kept is not None else _Stock()
        except msgspec.MsgspecError:
            raise StoreError("what is kept about key packages is damaged") from None

    @property
    def stocked(self) -> bool:
        """Whether the server was ever given any."""
        return self._stock.stocked

    @property
    def wanted(self) -> bool:
        """Whether the server should be given more."""
        return not self._clocks.is_off and (self._missing() > 0 or self._needs_last())

    def run_low(self, left: int) -> None:
        """The server has only so many left."""
        self._left = left

    def restock(self) -> Operation:
        """Upload what is missing."""
        missing = self._missing()
        if missing:
            packages = yield from self._generate(missing)
            yield from self._upload(packages, last_resort=False)
            self._left = None
            self._stock.stocked, self._stock.replaced = True, False
            self._save()
        if self._needs_last():
            (last,) = yield from self._generate(1)
            yield from self._upload([last], last_resort=True)
            self._replace_last(last)

    def find(self, welcome: bytes) -> OwnKeyPackage | None:
        """The key package that ``welcome`` is sealed to, if we have it (still).

        Raises :class:`PeerError` for what is no Welcome.
        """
        message = decode_message(welcome)
        if not isinstance(message, Welcome):
            raise PeerError("not a Welcome")
        for entry in message.secrets:
            kept = self._memory.get(_PACKAGE + entry.new_member.hex())
            if kept is not None:
                return archive.restore_key_package(kept)
        return None

    def find_leaf(self, encryption_key: bytes) -> OwnKeyPackage | None:
        """The key package with that key for its leaf, if nothing has used it yet."""
        for _, kept in self._memory.under(_PACKAGE):
            own = archive.restore_key_package(kept)
            reference = own.key_package.reference()
            if own.encryption_key.public == encryption_key:
                used = reference == self._stock.before_last or (
                    reference == self._stock.last and self._stock.last_used
                )
                return None if used else own
        return None

    def spend(self, own: OwnKeyPackage) -> None:
        """A Welcome has used ``own``: forget its private keys, or replace the last resort."""
        reference = own.key_package.reference()
        if reference not in {self._stock.last, self._stock.before_last}:
            self._drop(reference)
        elif reference == self._stock.last:
            self._stock.last_used = True
            self._save()

    def expire(self) -> None:
        """Forget what nobody can use any more, and replace what was made by a wrong clock."""
        if self._clocks.is_off:
            return
        now, stock = self._clocks.date(), self._stock
        kept = [data for _, data in self._memory.under(_PACKAGE)]
        lifetimes = []
        for own in map(archive.restore_key_package, kept):
            lifetimes.append(own.key_package.lifetime)
            if own.key_package.lifetime.not_after < now:
                self._drop(own.key_package.reference())
        if stock.stocked and not all(lifetime.covers(int(now)) for lifetime in lifetimes):
            stock.stocked, stock.replaced = False, True
            self._save()

    def _missing(self) -> int:
        if not self._stock.stocked:
            # As many as the server keeps push out those that nobody, or another client, can use.
            pushes_out = self._stock.replaced or self._memory.get(MOVED) is not None
            return limits.KEY_PACKAGES if pushes_out else self._most
        return 0 if self._left is None else max(0, self._most - self._left)

    def _needs_last(self) -> bool:
        stock = self._stock
        left = stock.good_until - self._clocks.date()
        return not stock.last or stock.last_used or not RENEWAL <= left <= LIFETIME

    def _generate(self, count: int) -> Steps[list[OwnKeyPackage]]:
        now = self._clocks.date()
        packages = yield from compute(
            Labour.SEALING, lambda: self._engine.generate_key_packages(count, now)
        )
        return packages

    def _upload(self, packages: list[OwnKeyPackage], *, last_resort: bool) -> Operation:
        encoded = []
        for own in packages:
            reference = own.key_package.reference()
            self._memory.put(_PACKAGE + reference.hex(), archive.save_key_package(own))
            encoded.append(encode_message(own.key_package))
        payload = b"".join(encoded)
        sizes = tuple(map(len, encoded))
        request = UploadKeyPackages(
            id=0, sizes=sizes, payload=len(payload), last_resort=last_resort
        )
        yield from ask(Ok, request, payload)

    def _replace_last(self, last: OwnKeyPackage) -> None:
        stock = self._stock
        if stock.before_last:
            self._drop(stock.before_last)
        stock.before_last, stock.last = stock.last, last.key_package.reference()
        stock.last_used = False
        stock.good_until = last.key_package.lifetime.not_after
        self._save()

    def _drop(self, reference: bytes) -> None:
        self._memory.drop(_PACKAGE + reference.hex())

    def _save(self) -> None:
        self._memory.put(_STOCK, _encoder.encode(self._stock))
