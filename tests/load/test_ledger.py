import random

import pytest

from geventim.load.ledger import Ledger
from geventim.load.marks import Mark


def seen(sender, number, time=1.0):
    return Mark(sender, number, time)


@pytest.fixture
def ledger():
    """Client 0 has sent three messages, client 1 one; all of them are in the log."""
    ledger = Ledger(3)
    first, second, _ = ledger.tallies
    for seq in (1, 2, 4):
        first.acknowledge(seq, first.send())
    second.acknowledge(3, second.send())
    return ledger


def receive(ledger, client, *entries):
    for seq, sender, number in entries:
        ledger.tallies[client].receive(seq, seen(sender, number), 1.5)


ALL = ((1, 0, 1), (2, 0, 2), (3, 1, 1), (4, 0, 3))


def faults(ledger):
    return ledger.lost(), ledger.duplicated, ledger.misordered, ledger.foreign


def test_everything_once_and_in_order_is_well(ledger):
    receive(ledger, 0, ALL[2])
    receive(ledger, 1, *ALL[:2], ALL[3])
    assert not ledger.settled
    receive(ledger, 2, *ALL)
    assert ledger.settled
    assert (ledger.sent, ledger.acknowledged) == (4, 4)
    assert ledger.expected == ledger.received == 8
    assert faults(ledger) == (0, 0, 0, 0)
    assert ledger.latencies.longest == 0.5
    assert ledger.latest == 1.5


def test_who_reads_the_log_after_a_pause_gets_its_own_entries_too(ledger):
    receive(ledger, 0, *ALL)
    receive(ledger, 1, *ALL)
    receive(ledger, 2, *ALL)
    assert ledger.received == 8
    assert faults(ledger) == (0, 0, 0, 0)


def test_an_own_entry_may_arrive_before_it_is_acknowledged():
    ledger = Ledger(2)
    first, second = ledger.tallies
    number = first.send()
    first.receive(1, seen(0, number), 1.0)
    first.acknowledge(1, number)
    second.receive(1, seen(0, number), 1.0)
    assert ledger.settled
    assert faults(ledger) == (0, 0, 0, 0)


@pytest.mark.parametrize("absent", range(4))
def test_what_does_not_arrive_is_lost(ledger, absent):
    receive(ledger, 0, ALL[2])
    receive(ledger, 1, *ALL[:2], ALL[3])
    receive(ledger, 2, *ALL[:absent], *ALL[absent + 1 :])
    assert not ledger.settled
    assert faults(ledger) == (1, 0, 0, 0)


def test_what_arrives_twice_is_duplicated(ledger):
    receive(ledger, 2, *ALL, ALL[0], ALL[3])
    assert ledger.duplicated == 2
    assert ledger.received == 4


def test_what_arrives_late_is_misordered_and_not_lost(ledger):
    receive(ledger, 0, ALL[2])
    receive(ledger, 1, *ALL[:2], ALL[3])
    receive(ledger, 2, ALL[0], ALL[3], ALL[1], ALL[2])
    assert faults(ledger) == (0, 0, 2, 0)


def test_a_log_in_which_a_sender_is_out_of_order_is_misordered():
    ledger = Ledger(2)
    first, second = ledger.tallies
    first.send(), first.send()
    first.acknowledge(2, 1)
    first.acknowledge(1, 2)
    second.receive(1, seen(0, 2), 1.0)
    second.receive(2, seen(0, 1), 1.0)
    assert faults(ledger) == (0, 0, 1, 0)


def test_two_clients_that_see_different_messages_at_one_place_are_misordered(ledger):
    receive(ledger, 2, (1, 0, 1), (2, 1, 1))
    assert ledger.misordered == 1


def test_an_acknowledgement_for_another_place_than_was_delivered_is_misordered():
    ledger = Ledger(2)
    first, second = ledger.tallies
    first.send(), first.send()
    second.receive(1, seen(0, 1), 1.0)
    first.acknowledge(1, 2)
    assert ledger.misordered == 1


def test_what_nobody_can_have_sent_is_foreign(ledger):
    third = ledger.tallies[2]
    third.receive(1, None, 1.0)
    third.receive(0, seen(0, 1), 1.0)
    third.receive(2**53, seen(0, 1), 1.0)
    assert ledger.foreign == 3
    assert ledger.received == 0
    assert third.missing == set()


def test_a_refused_message_is_expected_by_nobody(ledger):
    first = ledger.tallies[0]
    first.send()
    first.refuse()
    for client in range(3):
        receive(ledger, client, *ALL)
    assert ledger.settled
    assert ledger.expected == 8


def test_an_unanswered_message_keeps_the_books_open(ledger):
    ledger.tallies[0].send()
    for client in range(3):
        receive(ledger, client, *ALL)
    assert not ledger.settled
    assert ledger.lost() == 0


@pytest.mark.parametrize("seed", range(20))
def test_every_fault_of_a_random_delivery_is_counted(seed):
    source = random.Random(seed)
    ledger = Ledger(4)
    log = []
    for seq in range(1, 60):
        tally = source.choice(ledger.tallies)
        number = tally.send()
        tally.acknowledge(seq, number)
        log.append((seq, tally.client, number))
    lost = duplicated = 0
    for tally in ledger.tallies:
        others = [entry for entry in log if entry[1] != tally.client]
        dropped = set(source.sample(others, source.randrange(3)))
        stream = [entry for entry in others if entry not in dropped]
        again = source.sample(stream, source.randrange(3))
        lost, duplicated = lost + len(dropped), duplicated + len(again)
        receive(ledger, tally.client, *stream, *again)
    assert faults(ledger) == (lost, duplicated, 0, 0)
    assert ledger.received == ledger.expected - lost


def test_numbers_of_other_entries_are_no_fault_where_there_are_some():
    ledger = Ledger(2, mixed=True)
    writer, reader = ledger.tallies
    number = writer.send()
    writer.acknowledge(7, number)
    reader.receive(7, Mark(0, number, 0.0), 1.0)
    assert (ledger.received, ledger.foreign, ledger.lost(), ledger.misordered) == (1, 0, 0, 0)
    reader.receive(0, Mark(0, 2, 0.0), 1.0)
    assert ledger.foreign == 1
