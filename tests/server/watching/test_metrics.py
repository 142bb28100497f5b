"""Figures as Prometheus reads them."""

import sys

import pytest

from geventim.chat import requests as ask
from geventim.errors import UserError
from geventim.log.blobs import BeginBlob
from geventim.net.audience import Tally
from geventim.net.journals.durations import BOUNDS
from geventim.server.clients.witness import Witness
from geventim.server.watching import metrics
from geventim.server.watching.condition import Condition
from tests.greenlets import until
from tests.log.test_blobs import BLOB

parser = pytest.importorskip(
    "prometheus_client.parser", reason="pip install prometheus_client", exc_type=ImportError
)


@pytest.fixture
def condition(house, tmp_path, blobs):
    witness = house.listener._witness
    parts = house.service, house.journal, house.listener, witness, Tally(), tmp_path, blobs
    return Condition(*parts, has_own_store=True)


def samples(condition):
    text = metrics.renderer(condition)().decode()
    families = list(parser.text_string_to_metric_families(text))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_has_happened_is_counted(condition, enter):
    alice = enter("alice")
    room = alice.room(after=0)
    alice.append(room, b"hello")
    assert alice.ask(ask.LookUp, nick="nobody").code == "user_not_found"
    found = samples(condition)
    assert found["eim_connections",] == found["eim_clients",] == 1
    assert found["eim_registrations_total",] == found["eim_accounts",] == 1
    assert found["eim_refusals_total", "user_not_found"] == 1
    assert found["eim_conversations", "room"] == 1
    assert found["eim_entries_total",] >= 1
    assert found["eim_stored_bytes",] == len(b"hello")
    assert found["eim_commit_seconds_count",] > 0
    assert found["eim_commit_seconds_bucket", "+Inf"] == found["eim_commit_seconds_count",]
    assert ("eim_commit_seconds_bucket", str(BOUNDS[0])) in found
    assert found["eim_memory_bytes",] > 0
    assert found["eim_store_failures_total",] == 0


def test_all_names_are_ours_and_no_label_says_who(condition, enter):
    alice = enter("alice")
    room = alice.room("cellar", after=0)
    alice.append(room, b"hello")
    until(lambda: condition.journal.waiting == 0)
    text = metrics.renderer(condition)().decode()
    assert all(name.startswith("eim_") for name, *_ in samples(condition))
    for word in ("alice", "cellar", room.hex(), "127.0.0.1"):
        assert word not in text
    labels = {label for line in text.splitlines() for label in line.partition("{")[2].split(",")}
    assert {label.partition("=")[0] for label in labels if "=" in label} == {
        "code",
        "kind",
        "le",
        "version",
    }


def test_without_what_it_takes_there_is_a_sentence(condition, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UserError, match="What writes metrics is not installed") as caught:
        metrics.renderer(condition)
    assert caught.value.code == "no_metrics"
    assert ".[metrics]" in caught.value.advice


def test_a_store_that_cannot_be_read_leaves_the_other_figures(house, tmp_path, blobs, monkeypatch):
    condition = Condition(
        house.service,
        house.journal,
        house.listener,
        Witness(),
        Tally(),
        tmp_path,
        blobs,
        has_own_store=False,
    )
    monkeypatch.setattr(condition, "totals", lambda: None)
    found = samples(condition)
    assert ("eim_connections",) in found
    assert ("eim_accounts",) not in found
    assert ("eim_last_backup_timestamp_seconds",) not in found


def test_files_are_counted(condition, blobs, house):
    blobs.put(BLOB, 0, b"x", lambda _: None)
    assert blobs.count(BLOB) == 1
    assert blobs.get(BLOB, 0) == b"x"
    house.store.commit([BeginBlob(BLOB, None, None, 1)])
    found = samples(condition)
    assert found["eim_file_put_bytes_total",] == found["eim_file_got_bytes_total",] == 1
    assert found["eim_files",] == 1
    assert found["eim_file_bytes",] == BLOB.weight
    assert found["eim_file_chunks_waiting",] == found["eim_file_failures_total",] == 0
    assert found["eim_file_disk_free_bytes",] > 0
