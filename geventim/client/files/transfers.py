"""All transfers of a user: which of them have their turn, and what became of each.

What is wished for is remembered before anything is asked, so it goes on after a restart. Transfers
take turns in the order in which they were wished for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from msgspec.structs import replace

from geventim.chat import replies
from geventim.chat.replies import Error, Ok
from geventim.chat.requests import DeleteBlob
from geventim.client.files.disk import Disk
from geventim.client.files.download import Download
from geventim.client.files.names import safe_name
from geventim.client.files.records import NOBODY, Came, Fetching, Order, Records, Sending, Sent
from geventim.client.files.transfer import Direction, Label, Means, Transfer, closing
from geventim.client.files.upload import Upload
from geventim.client.kept.parcels import Parcel
from geventim.client.sealing.content import File, Reply
from geventim.client.steps.effects import Ask
from geventim.errors import DeniedError, UserError

RUNNING: Final = 3
"""Transfers that run at the same time; others wait for their turn."""

MOST: Final = 24
"""Messages with files, and files to fetch, that may be under way."""

BUSY: Final = MOST // 2
"""Of them, as many as there may be before something is fetched that nobody has asked for."""

GONE: Final = frozenset({"no_blob", "expired"})
"""Refusals by which a blob is deleted."""


@dataclass(slots=True, eq=False)
class Errand:
    """Something wished for: it is over with an ``error``, or once it is ``done``."""

    record: Order | Fetching
    transfers: list[Transfer] = field(default_factory=list)
    error: UserError | None = None
    done: bool = False
    path: str = ""
    parcel: Parcel | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.done or self.error is not None


class Transfers:
    """Those that ``records`` know of, and new ones."""

    def __init__(self, means: Means, records: Records) -> None:
        self._means = means
        self._records = records
        self._errands: list[Errand] = []
        self._deleting: set[bytes] = set()
        self._removing: set[bytes] = set()
        self._number = 0
        for order in records.orders:
            self._begin_order(order)
        for fetching in records.fetchings:
            self._begin_fetching(fetching)

    def send(self, order: Order) -> Errand:
        """Send the files of ``order``. Raises ``too_many_transfers``."""
        self._check_room()
        files = tuple(replace(each, number=self._next_number()) for each in order.files)
        order = replace(order, files=files)
        self._records.keep(order)
        return self._begin_order(order)

    def fetch(self, fetching: Fetching) -> Errand:
        """Fetch a file; the one errand for who wants the same twice.

        Raises ``too_many_transfers``.
        """
        for errand in self._errands:
            there = errand.record
            is_over = all(each.over for each in errand.transfers)
            if isinstance(there, Fetching) and not is_over and _is_same(there, fetching):
                if there.asker == NOBODY:
                    # By now somebody has asked for it, and it is theirs.
                    asked = replace(there, asker=fetching.asker, wish=fetching.wish)
                    errand.record = asked
                    self._records.keep(asked)
                return errand
        self._check_room()
        fetching = replace(fetching, number=self._next_number())
        self._records.keep(fetching)
        return self._begin_fetching(fetching)

    def find(self, asker: int, wish: int | str) -> Errand | None:
        """What ``asker`` has wished for with the id ``wish``, if it is not over."""
        for errand in self._errands:
            if (errand.record.asker, errand.record.wish) == (asker, wish):
                return errand
        return None

    def cancel(self, errand: Errand) -> None:
        """Give up ``errand``, and all that belongs to it."""
        self._fail(errand, DeniedError("cancelled"), Transfer.cancel)

    def cancel_number(self, number: int) -> Errand:
        """Give up what the transfer with that number belongs to. Raises ``no_transfer``."""
        for errand in self._errands:
            if any(each.label.number == number and not each.over for each in errand.transfers):
                self.cancel(errand)
                return errand
        raise DeniedError("no_transfer", number=number)

    @property
    def under_way(self) -> list[Transfer]:
        """Transfers that are not over, in order."""
        return [each for errand in self._errands for each in errand.transfers if not each.over]

    @property
    def is_busy(self) -> bool:
        """Whether what nobody has asked for has to wait, or is left out."""
        return len(self._errands) >= BUSY

    def poll(self, *, is_ready: bool) -> None:
        """Go on with what has its turn, if there ``is_ready`` a connection."""
        self._fade()
        self._remove()
        self._means.online = is_ready
        if not is_ready:
            return
        running = self.under_way[:RUNNING]
        self._means.window.running = len(running)
        for transfer in running:
            if transfer.is_waiting:
                transfer.go_on()
        for blob in list(self._records.deleting):
            if blob not in self._deleting:
                self._deleting.add(blob)
                ask = Ask(DeleteBlob(id=0, blob=blob), Ok)
                self._means.ways.exchange.send(ask, partial(self._deleted, blob))

    def suspend(self) -> None:
        """The connection is gone."""
        self._means.online = False
        self._deleting.clear()
        for transfer in self.under_way:
            transfer.suspend()

    def take_sent(self) -> list[tuple[Errand, Order, tuple[File, ...]]]:
        """Orders of which all files are sent: the message that each is for may go."""
        sent = []
        for errand in self._errands:
            record = errand.record
            if isinstance(record, Order) and all(each.is_sent for each in record.files):
                sent.append((errand, record, tuple(each.describe() for each in record.files)))
        return sent

    def posted(
        self, errand: Errand, parcel: Parcel, files: tuple[File, ...], lifetime: int
    ) -> None:
        """The message of an order is on its way by itself."""
        blobs = tuple(file.blob for file in files)
        sent = Sent(errand.record.place, blobs, lifetime)
        self._records.note_sent(parcel.message_id, sent)
        errand.parcel, errand.done = parcel, True
        self._drop(errand)

    def not_posted(self, errand: Errand, error: UserError) -> None:
        """The message of an order cannot be sent."""
        self._fail(errand, error, partial(Transfer.fail, error=error))

    def retract(self, message_id: bytes) -> None:
        """A message is deleted: so are the files that the user has sent with it."""
        self.forget(message_id)
        self._records.delete_of(message_id)

    def forget(self, message_id: bytes) -> None:
        """A message is not here any more: nothing of it is fetched, nor are its words sent.

        What has come without being asked for goes with it; what the user has fetched is theirs.
        """
        self._unquote(message_id)
        for errand in self._errands[:]:
            if getattr(errand.record, "message_id", None) == message_id:
                error = DeniedError("no_message", case="deleted")
                self._fail(errand, error, partial(Transfer.fail, error=error))
        self._records.remove_of(message_id)

    def _unquote(self, message_id: bytes) -> None:
        """Leave the words of a message out of what answers it, with files that are on their way."""
        for errand in self._errands:
            record = errand.record
            if isinstance(record, Order) and record.reply and record.reply.to == message_id:
                reply = Reply(message_id, record.reply.nick)
                errand.record = replace(record, reply=reply)
                self._records.keep(errand.record)

    def note_written(self, message_id: bytes, seq: int) -> None:
        """A message of the user is the entry ``seq`` of its log."""
        sent = self._records.fading.get(message_id)
        if sent is not None:
            self._records.note_sent(message_id, replace(sent, seq=seq))

    def note_read(self, place: bytes, seq: int) -> None:
        """All others in the conversation ``place`` have read everything up to the entry ``seq``."""
        for message_id, sent in list(self._records.fading.items()):
            if sent.place == place and 0 < sent.seq <= seq and not sent.end:
                end = self._means.clock() + sent.lifetime
                self._records.note_sent(message_id, replace(sent, end=end))

    @property
    def fades_at(self) -> float | None:
        """When something is to be deleted that all have read, in seconds since the epoch."""
        return min((each.end for each in self._records.fading.values() if each.end), default=None)

    def _fade(self) -> None:
        """Have deleted what nobody can read any more."""
        now = self._means.clock()
        for message_id, sent in list(self._records.fading.items()):
            if 0 < sent.end <= now:
                self.retract(message_id)

    def _remove(self) -> None:
        """Delete here what is to be deleted here."""
        for message_id, files in self._records.removing.items():
            if message_id not in self._removing:
                self._removing.add(message_id)
                done = partial(self._removed, message_id)
                remove = partial(_remove_all, self._means.disk, tuple(files))
                self._means.ways.hand_out(closing(remove), done, done)

    def _removed(self, message_id: bytes, _: object) -> None:
        self._removing.discard(message_id)
        self._records.removed(message_id)

    def _check_room(self) -> None:
        if len(self._errands) >= MOST:
            raise DeniedError("too_many_transfers", count=MOST)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _begin_order(self, order: Order) -> Errand:
        errand = Errand(order)
        for position, file in enumerate(order.files):
            self._number = max(self._number, file.number)
            if file.is_sent:
                continue
            upload = Upload(
                self._means,
                Label(file.number, Direction.SENDING, file.name, order.place),
                file,
                order.place,
                partial(self._keep_file, errand, position),
                self._records.delete,
                partial(self._ended, errand),
            )
            errand.transfers.append(upload)
        self._errands.append(errand)
        return errand

    def _begin_fetching(self, fetching: Fetching) -> Errand:
        self._number = max(self._number, fetching.number)
        errand = Errand(fetching)
        label = Label(
            fetching.number,
            Direction.FETCHING,
            safe_name(fetching.file.name),
            fetching.place,
            fetching.message_id.hex(),
        )
        ended = partial(self._ended, errand)
        download = Download(
            self._means, label, fetching, partial(self._keep_fetching, errand), ended
        )
        errand.transfers.append(download)
        self._errands.append(errand)
        if fetching.is_over:
            download.cancel()
        return errand

    def _keep_file(self, errand: Errand, position: int, file: Sending) -> None:
        order = errand.record
        assert isinstance(order, Order)  # noqa: S101 - its transfers are uploads
        files = (*order.files[:position], file, *order.files[position + 1 :])
        errand.record = replace(order, files=files)
        self._records.keep(errand.record)

    def _keep_fetching(self, errand: Errand, record: Fetching) -> None:
        fetching = errand.record
        assert isinstance(fetching, Fetching)  # noqa: S101 - its transfer is a download
        errand.record = replace(
            fetching, part=record.part, inode=record.inode, is_over=record.is_over
        )
        self._records.keep(errand.record)

    def _ended(self, errand: Errand, transfer: Transfer) -> None:
        if transfer.error is not None:
            self._failed(errand, transfer.error, partial(Transfer.fail, error=transfer.error))
        elif isinstance(transfer, Download):
            file, asker = transfer.record.file, errand.record.asker
            if asker == NOBODY:
                came = Came(transfer.path, file.size, file.hash)
                self._records.note_fetched(transfer.record.message_id, came)
            errand.path, errand.done = transfer.path, True
            self._drop(errand)

    def _fail(self, errand: Errand, error: UserError, stop: Callable[[Transfer], None]) -> None:
        if isinstance(errand.record, Fetching):
            # It is over when nothing is left of it.
            for transfer in errand.transfers:
                stop(transfer)
        else:
            self._failed(errand, error, stop)

    def _failed(self, errand: Errand, error: UserError, stop: Callable[[Transfer], None]) -> None:
        if errand.over:
            return
        errand.error = error
        self._drop(errand)
        for transfer in errand.transfers:
            stop(transfer)
        if isinstance(errand.record, Order):
            for file in errand.record.files:
                if file.is_sent:
                    self._records.delete(file.blob)

    def _drop(self, errand: Errand) -> None:
        self._records.drop(errand.record)
        self._errands.remove(errand)

    def _deleted(self, blob: bytes, reply: replies.Reply, _: bytes) -> None:
        if not isinstance(reply, Error) or reply.code in GONE:
            self._records.deleted(blob)


def _remove_all(disk: Disk, files: tuple[Came, ...]) -> None:
    for each in files:
        disk.remove(each.path, each.size, each.hash)


def _is_same(one: Fetching, other: Fetching) -> bool:
    return (one.message_id, one.index, one.wanted) == (
        other.message_id,
        other.index,
        other.wanted,
    )
