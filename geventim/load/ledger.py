"""What was sent, acknowledged and received in one run, and what is wrong with it.

Entries of a log are numbered without gap, and everything in the log of a fresh room comes from this
run. So each client must see every number that it has not written itself, once and in order; at each
number all must see the same message; and the messages of one sender must come in the order in which
they were sent. Full members see only messages, and between these are commits that take numbers.
"""

from bisect import bisect_right

from geventim.load.latency import Latencies
from geventim.load.marks import Mark

Sent = tuple[int, int]
"""Sender and number of a message."""


class Ledger:
    """The books of a run with so many ``clients``; ``latest`` is when something was received.

    ``mixed`` says whether there are other entries than messages.
    """

    def __init__(self, clients: int, *, mixed: bool = False) -> None:
        self.mixed = mixed
        self.sent = 0
        self.refused = 0
        self.received = 0
        self.duplicated = 0
        self.misordered = 0
        self.foreign = 0
        self.latest = 0.0
        self.latencies = Latencies()
        self.tallies = [Tally(self, client) for client in range(clients)]
        self._acknowledged: dict[int, int] = {}
        self._messages: dict[int, Sent] = {}

    @property
    def acknowledged(self) -> int:
        """Messages that the server says it has."""
        return len(self._acknowledged)

    @property
    def expected(self) -> int:
        """Deliveries to be made: each acknowledged message to everyone but its sender."""
        return len(self._acknowledged) * (len(self.tallies) - 1)

    @property
    def settled(self) -> bool:
        """Whether every message is answered, and as much has arrived as was expected."""
        answered = len(self._acknowledged) + self.refused
        return answered == self.sent and self.received >= self.expected

    def acknowledge(self, seq: int, message: Sent) -> None:
        """The server has put ``message`` into the log at ``seq``."""
        self._acknowledged[seq] = message[0]
        if not self.agree(seq, message):
            self.misordered += 1

    def agree(self, seq: int, message: Sent) -> bool:
        """Whether nobody has seen another message than this at ``seq``."""
        return self._messages.setdefault(seq, message) == message

    def lost(self) -> int:
        """Deliveries of acknowledged messages that have not been made."""
        order = sorted(self._acknowledged)
        return sum(self._lost_by(tally, order) for tally in self.tallies)

    def _lost_by(self, tally: "Tally", order: list[int]) -> int:
        absent = order[bisect_right(order, tally.last) :]
        absent += self._acknowledged.keys() & tally.missing
        return sum(self._acknowledged[seq] != tally.client for seq in absent)


class Tally:
    """One client's side of a :class:`Ledger`.

    It has seen the entries up to ``last``, but for those that are ``missing``; ``sent`` counts what
    it has written.
    """

    __slots__ = ("_ledger", "_numbers", "_own", "client", "last", "missing", "sent")

    def __init__(self, ledger: Ledger, client: int) -> None:
        self.client = client
        self.sent = 0
        self.last = 0
        self.missing: set[int] = set()
        self._ledger = ledger
        self._own: set[int] = set()
        self._numbers: dict[int, int] = {}

    def send(self) -> int:
        """The number of the client's next message, which is sent now."""
        self.sent += 1
        self._ledger.sent += 1
        return self.sent

    def refuse(self) -> None:
        """The server has not taken one of the client's messages."""
        self._ledger.refused += 1

    def acknowledge(self, seq: int, number: int) -> None:
        """The client's own message ``number`` is in the log at ``seq``."""
        self._own.add(seq)
        self.missing.discard(seq)
        self._ledger.acknowledge(seq, (self.client, number))

    def receive(self, seq: int, mark: Mark | None, now: float) -> None:
        """An entry has arrived; ``mark`` is None when it cannot be of this run."""
        ledger = self._ledger
        if mark is None or seq < 1 or (seq > ledger.sent and not ledger.mixed):
            ledger.foreign += 1
            return
        repeated, in_order = self._take(seq)
        # After a pause the log is read from, with everything in it; one's own entries are dropped.
        if mark.sender == self.client:
            return
        if repeated:
            ledger.duplicated += 1
            return
        ledger.received += 1
        ledger.latest = now
        ledger.latencies.add(now - mark.time)
        before = self._numbers.get(mark.sender, 0)
        if not (
            in_order and mark.number > before and ledger.agree(seq, (mark.sender, mark.number))
        ):
            ledger.misordered += 1
        self._numbers[mark.sender] = max(before, mark.number)

    def _take(self, seq: int) -> tuple[bool, bool]:
        """Mark ``seq`` as seen; whether it was before, and whether it is its turn."""
        if seq > self.last:
            skipped = range(self.last + 1, seq)
            if skipped:
                self.missing.update(n for n in skipped if n not in self._own)
            self.last = seq
            return False, True
        if seq in self.missing:
            self.missing.discard(seq)
            return False, False
        return True, False
