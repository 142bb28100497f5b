import json

import pytest

from geventim.load.ledger import Ledger
from geventim.load.marks import Mark
from geventim.load.plan import Plan
from geventim.load.report import make_report

PLAN = Plan(clients=2, senders=1, rate=1, size=200, duration=1)
PROMISED = (
    "sent expected received lost duplicated misordered deliveries_per_s connects_per_s"
    " p50_ms p95_ms p99_ms"
).split()


@pytest.fixture
def ledger():
    ledger = Ledger(2)
    first, second = ledger.tallies
    first.acknowledge(1, first.send())
    second.receive(1, Mark(0, 1, 10.0), 10.25)
    return ledger


def test_a_report_says_what_happened(ledger):
    report = make_report(PLAN, ledger, 3, 0, seconds=0.5, connects_per_s=40.0)
    assert report.faultless
    assert (report.sent, report.expected, report.received, report.moved) == (1, 1, 1, 3)
    assert (report.deliveries_per_s, report.connects_per_s) == (2.0, 40.0)
    assert report.p50_ms == report.p99_ms == pytest.approx(250, rel=0.01)
    assert report.max_ms == 250.0


def test_the_json_object_has_the_promised_keys_on_one_line(ledger):
    line = make_report(PLAN, ledger, 0, 0, 0.5, 40.0).to_json()
    assert "\n" not in line
    assert json.loads(line).keys() >= set(PROMISED)


def test_the_text_has_a_line_for_each_value(ledger):
    lines = make_report(PLAN, ledger, 0, 0, 0.5, 40.0).to_text().splitlines()
    values = dict(line.split() for line in lines)
    assert values.keys() >= set(PROMISED)
    assert values["received"] == "1"
    assert values["deliveries_per_s"] == "2.0"


def test_a_run_in_which_nothing_was_sent_has_no_rate():
    report = make_report(PLAN, Ledger(2), 0, 0, 0.0, 0.0)
    assert report.deliveries_per_s == 0.0
    assert report.faultless


def lose(ledger):
    ledger.tallies[0].acknowledge(2, ledger.tallies[0].send())


def duplicate(ledger):
    ledger.tallies[1].receive(1, Mark(0, 1, 10.0), 10.5)


def misorder(ledger):
    ledger.tallies[0].send()
    ledger.tallies[1].receive(2, Mark(0, 1, 10.0), 10.5)
    ledger.tallies[0].acknowledge(2, 2)


def intrude(ledger):
    ledger.tallies[1].receive(1, None, 10.5)


def refuse(ledger):
    ledger.tallies[0].send()
    ledger.tallies[0].refuse()


@pytest.mark.parametrize("fault", [lose, duplicate, misorder, intrude, refuse])
def test_no_fault_goes_unnoticed(ledger, fault):
    fault(ledger)
    assert not make_report(PLAN, ledger, 0, 0, 0.5, 40.0).faultless


def test_a_client_that_was_disconnected_is_a_fault(ledger):
    assert not make_report(PLAN, ledger, 0, 1, 0.5, 40.0).faultless
