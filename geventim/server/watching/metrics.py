"""Figures in the text format of Prometheus; all names begin with ``eim_``."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from geventim import __version__
from geventim.errors import UserError
from geventim.net.journals.durations import BOUNDS, Durations
from geventim.server.watching.condition import Condition

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


def renderer(condition: Condition) -> Callable[[], bytes]:
    """What writes down the figures of ``condition`` as they are.

    Raises :class:`UserError` with code ``no_metrics`` when what it takes is not installed.
    """
    require()
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - an extra

    class Figures:
        def collect(self) -> "Iterator[Metric]":
            return _collect(condition)

    # With describe() the registry would not ask for figures before anybody wants them.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return lambda: generate_latest(registry)


def require() -> None:
    """Return if figures can be written down. Raises what :func:`renderer` does."""
    try:
        import prometheus_client  # noqa: F401, PLC0415 - it is an extra
    except ImportError:
        raise UserError(
            "no_metrics",
            "What writes metrics is not installed.",
            "In the clone: .venv/bin/pip install '.[metrics]'",
        ) from None


def _collect(condition: Condition) -> "Iterator[Metric]":
    from prometheus_client.core import (  # noqa: PLC0415 - it is an extra
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    def gauge(name: str, what: str, value: float | None) -> "Iterator[Metric]":
        if value is not None:
            yield GaugeMetricFamily(f"eim_{name}", what, value)

    def counter(name: str, what: str, value: float | None) -> "Iterator[Metric]":
        if value is not None:
            yield CounterMetricFamily(f"eim_{name}", what, value)

    def histogram(name: str, what: str, durations: Durations) -> "Metric":
        bounds = [*map(str, BOUNDS), "+Inf"]
        buckets = list(zip(bounds, map(float, accumulate(durations.counts)), strict=True))
        return HistogramMetricFamily(f"eim_{name}", what, buckets, durations.seconds)

    def by(kind: type, name: str, what: str, label: str, values: dict[str, int]) -> "Metric":
        family: GaugeMetricFamily | CounterMetricFamily = kind(f"eim_{name}", what, labels=[label])
        for word, value in sorted(values.items()):
            family.add_metric([word], value)
        return family

    service, journal, witness = condition.service, condition.journal, condition.witness
    info = GaugeMetricFamily("eim_build_info", "The version that runs.", labels=["version"])
    info.add_metric([__version__], 1)
    yield info
    yield from gauge("uptime_seconds", "Since the start.", condition.uptime)
    yield from gauge("connections", "Open connections.", condition.listener.connections)
    yield from gauge("clients", "Accounts that are connected.", len(service.connected))
    yield from counter("logins", "Logins.", witness.logins)
    yield from counter("registrations", "Accounts that were made.", witness.registrations)
    yield by(
        CounterMetricFamily, "refusals", "Requests that were refused.", "code", witness.refusals
    )
    yield from counter(
        "deliveries", "Frames given to clients as they came.", condition.tally.deliveries
    )
    yield from gauge("journal_waiting", "Changes that wait for the store.", journal.waiting)
    yield histogram("commit_seconds", "How long the store takes.", journal.crew.writes)
    yield from counter("store_failures", "Failures of the store.", journal.crew.failures)
    yield histogram("loop_lag_seconds", "How late the event loop is.", condition.lag)
    blobs = condition.blobs
    yield from counter("file_put_bytes", "Bytes of files that were taken.", blobs.put_bytes)
    yield from counter("file_got_bytes", "Bytes of files that were given.", blobs.got_bytes)
    yield from gauge("file_chunks_waiting", "Chunks that wait for the disk.", blobs.waiting)
    yield from counter("file_failures", "Failures to store or read files.", blobs.failures)
    yield from gauge("file_disk_free_bytes", "Left for files.", condition.blob_space)
    yield from gauge("disk_free_bytes", "Left for the data directory.", condition.space)
    yield from gauge("memory_bytes", "Resident memory.", condition.memory)
    yield from gauge("descriptors", "Open files and sockets.", condition.descriptors)
    yield from gauge(
        "last_backup_timestamp_seconds", "When there was a backup.", condition.backed_up
    )
    totals = condition.totals()
    if totals is not None:
        yield from gauge("accounts", "Accounts, also those that have ended.", totals.accounts)
        yield by(GaugeMetricFamily, "conversations", "Conversations.", "kind", totals.conversations)
        yield from counter("entries", "Entries that were ever put into logs.", totals.entries)
        yield from gauge("stored_bytes", "Messages that are kept, sealed.", totals.size)
        yield from gauge("files", "Files that are kept or begun, sealed.", totals.files)
        yield from gauge("file_bytes", "What is reserved for them.", totals.file_bytes)
