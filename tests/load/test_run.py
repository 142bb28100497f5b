from collections import Counter
from dataclasses import replace

import gevent
import pytest

from geventim.channel.connection import TruncationError
from geventim.chat.replies import Ok
from geventim.chat.requests import Subscribe
from geventim.errors import NetworkError, UserError
from geventim.load.client import Client
from geventim.load.plan import Plan
from geventim.load.run import Run

# Faulty runs need not be waited for as long as real ones.
PLAN = Plan(clients=4, senders=2, rate=200, size=100, duration=0.1, stragglers=0.5)


@pytest.fixture
def carry_out(hall):
    lines = []

    def carry_out(plan=PLAN):
        report = Run(plan, [hall.link], None, lines.append).carry_out()
        return report, lines

    return carry_out


def test_a_good_server_gets_a_good_report(carry_out, hall):
    report, _ = carry_out()
    assert report.faultless
    assert (report.sent, report.acknowledged) == (20, 20)
    assert report.expected == report.received == 60
    assert report.seconds > 0
    assert report.deliveries_per_s == pytest.approx(60 / report.seconds, rel=0.01)
    assert report.connects_per_s > 0
    assert hall.quits == 4


def test_senders_take_turns(carry_out, hall):
    authors = set()
    original = hall._append
    hall._append = lambda guest, *rest: (authors.add(guest), original(guest, *rest))
    carry_out()
    assert len(authors) == PLAN.senders


def test_an_entry_that_one_client_does_not_get_is_lost(carry_out, hall):
    hall.deliver = lambda to, seq, payload: [] if (to, seq) == (3, 5) else [(seq, payload)]
    report, _ = carry_out()
    assert (report.lost, report.duplicated, report.misordered) == (1, 0, 0)
    assert not report.faultless


def test_the_last_entry_can_be_lost_too(carry_out, hall):
    hall.deliver = lambda to, seq, payload: [] if seq == 20 else [(seq, payload)]
    assert carry_out()[0].lost == 3


def test_an_entry_that_comes_twice_is_duplicated(carry_out, hall):
    hall.deliver = lambda to, seq, payload: [(seq, payload)] * (2 if seq == 5 else 1)
    assert carry_out()[0].duplicated == 3


def test_entries_that_change_places_are_misordered(carry_out, hall):
    held = {}

    def swap(to, seq, payload):
        if seq == 5:
            held[to] = (seq, payload)
            return []
        return [(seq, payload), *([held.pop(to)] if to in held else [])]

    hall.deliver = swap
    report, _ = carry_out()
    # The authors of the two entries never see both, and one of three others may be the fourth.
    assert report.misordered >= 2
    assert not report.faultless


def test_what_nobody_wrote_is_foreign(carry_out, hall):
    hall.deliver = lambda to, seq, payload: [(seq, b"x" * len(payload) if seq == 5 else payload)]
    assert carry_out()[0].foreign == 3


def test_a_connection_that_is_cut_is_counted_and_explained(carry_out, hall):
    answer = hall.answer
    hall.answer = lambda request, seq: answer(request, seq) if seq < 7 else None
    report, lines = carry_out()
    assert report.disconnected == 2
    assert report.acknowledged == 6
    assert not report.faultless
    assert any("disconnected: " in line for line in lines)


def test_clients_spread_over_the_addresses_and_move_when_they_have_to(hall):
    plan = Plan(6, 6, rate=100, size=100, duration=0.3, stragglers=0.5, rest=(0.0, 0.0))
    deliver = hall.deliver
    spread = []

    def cut(to, seq, payload):
        if seq == 10:
            spread.extend(hall.ports)
            for guest, port in list(zip(hall.guests, hall.ports, strict=True)):
                if port == hall.links[1].port:
                    guest.abort()
            hall.deliver = deliver
        return deliver(to, seq, payload)

    hall.deliver = cut
    report = Run(plan, hall.links, None, lambda line: None).carry_out()
    assert Counter(spread) == {link.port: 3 for link in hall.links}
    assert hall.ports[6:] == [hall.links[0].port] * 3
    assert (report.moved, report.disconnected) == (3, 0)
    assert (report.sent, report.acknowledged, report.received) == (30, 30, 150)
    assert report.faultless


def test_with_one_address_nobody_moves(carry_out, hall):
    answer = hall.answer
    hall.answer = lambda request, seq: answer(request, seq) if seq < 7 else None
    assert carry_out()[0].moved == 0


def test_who_complains_does_not_move(hall, monkeypatch):
    listen = Client.listen

    def complain(client):
        try:
            listen(client)
        except TruncationError:
            raise UserError("bad", "That is bad.") from None

    monkeypatch.setattr(Client, "listen", complain)
    answer = hall.answer
    hall.answer = lambda request, seq: answer(request, seq) if seq < 7 else None
    lines = []
    report = Run(PLAN, hall.links, None, lines.append).carry_out()
    assert (report.moved, report.disconnected) == (0, 2)
    assert "2 disconnected: That is bad." in lines


def test_progress_is_told(carry_out):
    _, lines = carry_out(Plan(clients=2, senders=1, rate=10, size=100, duration=1.2))
    assert len(lines) > 1
    assert all(line.startswith("2 clients, ") for line in lines)
    assert lines[-1] == "2 clients, 12 sent, 12 acknowledged, 12 of 12 received"


def test_a_stopped_run_reports_what_there_was(hall):
    run = Run(Plan(2, 1, 50, 100, 1000.0), [hall.link], None, lambda line: None)
    carried_out = gevent.spawn(run.carry_out)
    with gevent.Timeout(20):
        while hall.head < 3:
            gevent.sleep(0.001)
        run.stop()
        report = carried_out.get()
    assert report.faultless
    assert report.sent >= 3


def test_a_run_stopped_before_everyone_is_there_sends_nothing(hall):
    run = Run(PLAN, [hall.link], None, lambda line: None)
    run.stop()
    report = run.carry_out()
    assert report.sent == report.deliveries_per_s == 0


def test_a_server_that_is_not_there_is_an_error(hall):
    hall.stop()
    with pytest.raises(NetworkError):
        Run(PLAN, [hall.link], None, lambda line: None).carry_out()


def test_a_server_that_does_not_let_everyone_in_is_an_error(hall):
    original = hall._reply
    hall._reply = lambda request: (
        Ok(id=request.id) if isinstance(request, Subscribe) else original(request)
    )
    with pytest.raises(NetworkError, match="not everyone"):
        Run(replace(PLAN, welcome=0.3), [hall.link], None, lambda line: None).carry_out()
