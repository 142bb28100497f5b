"""What a run has found, for people and for programs."""

import msgspec
from msgspec import Struct

from geventim.load.ledger import Ledger
from geventim.load.plan import Plan


class Report(Struct, frozen=True):
    """Counts and rates of one run; the names are those of the JSON object.

    ``expected`` deliveries are those of every acknowledged message to everyone but its sender.
    ``foreign`` are entries that this run did not write. ``moved`` is how often a client went on at
    another address, and ``disconnected`` how many gave up. ``seconds`` go from the first message to
    the last delivery.
    """

    clients: int
    senders: int
    size: int
    sent: int
    acknowledged: int
    refused: int
    expected: int
    received: int
    lost: int
    duplicated: int
    misordered: int
    foreign: int
    moved: int
    disconnected: int
    seconds: float
    deliveries_per_s: float
    connects_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def faultless(self) -> bool:
        """Whether every message was accepted, and reached everyone once and in order."""
        faults = self.lost, self.duplicated, self.misordered, self.foreign, self.disconnected
        return not any(faults) and self.acknowledged == self.sent

    def to_json(self) -> str:
        """One line, one object."""
        return msgspec.json.encode(self).decode()

    def to_text(self) -> str:
        """One line for each value."""
        width = max(map(len, self.__struct_fields__))
        return "\n".join(
            f"{name:{width}} {value:>12{',.1f' if isinstance(value, float) else ','}}"
            for name, value in msgspec.structs.asdict(self).items()
        )


def make_report(
    plan: Plan, ledger: Ledger, moved: int, disconnected: int, seconds: float, connects_per_s: float
) -> Report:
    """The report of a run that took ``seconds``."""
    percentile = ledger.latencies.percentile
    return Report(
        clients=plan.clients,
        senders=plan.senders,
        size=plan.size,
        sent=ledger.sent,
        acknowledged=ledger.acknowledged,
        refused=ledger.refused,
        expected=ledger.expected,
        received=ledger.received,
        lost=ledger.lost(),
        duplicated=ledger.duplicated,
        misordered=ledger.misordered,
        foreign=ledger.foreign,
        moved=moved,
        disconnected=disconnected,
        seconds=round(seconds, 3),
        deliveries_per_s=round(ledger.received / seconds, 1) if seconds else 0.0,
        connects_per_s=round(connects_per_s, 1),
        p50_ms=_milliseconds(percentile(50)),
        p95_ms=_milliseconds(percentile(95)),
        p99_ms=_milliseconds(percentile(99)),
        max_ms=_milliseconds(ledger.latencies.longest),
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1e3, 2)
