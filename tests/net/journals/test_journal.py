"""Changes gathered into transactions, answers in order, and a worker that nothing stops."""

import logging
from _queue import SimpleQueue
from threading import get_ident

import gevent
import pytest
from gevent.event import AsyncResult

from geventim.chat.values import Account, Conversation, EntryKind, Kind
from geventim.errors import StoreError
from geventim.log.changes import Append, Create
from geventim.log.outcomes import Head, Page, Position
from geventim.log.people import AddInvite, Allow, Invite, Register, SetOperator
from geventim.net.journals.journal import Journal
from geventim.store.memory.store import MemoryStore
from tests.conftest import PATIENCE

ALICE = Account(bytes(16), "alice", bytes(32), bytes(32))
LOBBY = Conversation(b"l" * 16, Kind.ROOM, "lobby", ALICE.id)


class Store(MemoryStore):
    """Commits when the test lets it: a token for each, or an error instead.

    ``batches`` are the transactions, ``threads`` those that came to it.
    """

    def __init__(self):
        super().__init__()
        self.batches = []
        self.threads = set()
        self.tokens = SimpleQueue()
        self.closed = False

    def commit(self, changes):
        self.threads.add(get_ident())
        token = self.tokens.get(timeout=PATIENCE)
        self.batches.append(list(changes))
        if token is not None:
            raise token
        return super().commit(changes)

    def let(self, *tokens):
        for token in tokens:
            self.tokens.put(token)

    def close(self):
        self.closed = True


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def journal(store, request):
    return Journal(store, **getattr(request, "param", {}))


def allow(number):
    return Allow(f"user{number}")


def submit(journal, *numbers):
    """Submit changes; a list that fills with their answers."""
    answers = []
    for number in numbers:
        journal.submit(allow(number), lambda answer, number=number: answers.append(number))
    return answers


class TestGathering:
    def test_what_arrives_meanwhile_shares_the_next_transaction(self, journal, store):
        first = submit(journal, 1)
        gevent.sleep(0)  # on its way
        later = submit(journal, 2, 3, 4)
        store.let(None, None)
        journal.settle()
        assert store.batches == [[allow(1)], [allow(2), allow(3), allow(4)]]
        assert first + later == [1, 2, 3, 4]

    @pytest.mark.parametrize("journal", [{"most": 2}], indirect=True)
    def test_transactions_are_bounded(self, journal, store):
        answers = submit(journal, 1, 2, 3, 4, 5)
        store.let(None, None, None)
        journal.settle()
        assert [len(batch) for batch in store.batches] == [2, 2, 1]
        assert answers == [1, 2, 3, 4, 5]

    def test_submitting_never_lets_others_run(self, journal, store):
        ran = []
        gevent.spawn(ran.append, True)
        submit(journal, *range(8))
        assert ran == []
        store.let(None)
        journal.settle()
        assert ran == [True]

    def test_store_works_in_one_thread_of_its_own(self, journal, store):
        for number in range(5):
            store.let(None)
            journal.commit([allow(number)])
        assert len(store.threads) == 1
        assert get_ident() not in store.threads

    def test_answer_may_submit(self, journal, store):
        answers = []
        store.let(None, None)
        journal.submit(allow(1), lambda _: journal.submit(allow(2), answers.append))
        journal.settle()
        journal.settle()
        assert answers == [None]


class TestLeisure:
    """What may wait goes with the first that cannot, when there is enough, or when it must."""

    LONG = 10 * PATIENCE

    def submit(self, journal, within):
        answer = AsyncResult()
        journal.submit(allow(1), answer.set, within)
        for _ in range(3):
            gevent.sleep(0)
        return answer

    def test_what_may_wait_goes_with_what_cannot(self, journal, store):
        store.let(None)
        answer = self.submit(journal, self.LONG)
        assert store.threads == set()
        journal.commit([allow(2)])
        assert store.batches == [[allow(1), allow(2)]]
        assert answer.ready()

    def test_it_waits_no_longer_than_it_may(self, journal, store):
        store.let(None)
        assert self.submit(journal, 0.001).get(timeout=PATIENCE) is None

    def test_who_has_less_time_decides(self, journal, store):
        store.let(None)
        answers = [self.submit(journal, within) for within in (self.LONG, 0.001, self.LONG)]
        for answer in answers:
            assert answer.get(timeout=PATIENCE) is None
        assert store.batches == [[allow(1)] * 3]

    def test_enough_is_enough(self, journal, store):
        journal._enough = 3
        store.let(None)
        answers = [self.submit(journal, self.LONG) for _ in range(3)]
        assert answers[0].get(timeout=PATIENCE) is None
        assert store.batches == [[allow(1)] * 3]

    def test_settling_and_closing_do_not_wait_for_more(self, journal, store):
        store.let(None, None)
        first = self.submit(journal, self.LONG)
        journal.settle()
        assert first.ready()
        second = self.submit(journal, self.LONG)
        journal.close()
        assert second.ready()

    def test_who_is_at_work_is_not_disturbed(self, journal, store):
        first = self.submit(journal, 0.001)
        while not store.threads:
            gevent.sleep(0.001)
        second = self.submit(journal, 0)
        store.let(None, None)
        assert [each.get(timeout=PATIENCE) for each in (first, second)] == [None, None]
        assert store.batches == [[allow(1)], [allow(1)]]

    def test_who_has_begun_earlier_is_not_called_again_while_at_work(self, journal, store):
        soon = 0.01
        first = self.submit(journal, soon)
        second = self.submit(journal, 0)
        while not store.threads:
            gevent.sleep(0)
        gevent.sleep(2 * soon)  # by then the first one would have had to go
        third = self.submit(journal, 0)
        store.let(None, None)
        assert [each.get(timeout=PATIENCE) for each in (first, second, third)] == [None] * 3
        assert store.batches == [[allow(1)] * 2, [allow(1)]]


class TestCommit:
    def test_waits_for_the_outcomes(self, journal, store):
        store.let(None)
        outcomes = journal.commit([Register(ALICE), SetOperator(ALICE.id), allow(1)])
        assert [type(outcome) for outcome in outcomes] == [Account, Account, type(None)]
        assert store.account(ALICE.id).operator

    def test_comes_after_what_was_submitted(self, journal, store):
        answers = submit(journal, 1)
        store.let(None, None)
        journal.commit([allow(2)])
        assert answers == [1]

    def test_failure_is_raised(self, journal, store):
        store.let(StoreError("the disk is full"))
        with pytest.raises(StoreError, match="the disk is full"):
            journal.commit([allow(1)])


class TestFailure:
    @pytest.mark.parametrize("error", [StoreError("the disk is full"), ZeroDivisionError()])
    def test_is_the_answer_of_the_whole_transaction_and_of_no_other(
        self, journal, store, error, caplog
    ):
        answers = []
        journal.submit(allow(1), answers.append)
        gevent.sleep(0)
        journal.submit(allow(2), answers.append)
        journal.submit(allow(3), answers.append)
        gevent.sleep(0)
        store.let(None, error, None)
        journal.settle()
        journal.submit(allow(4), answers.append)
        journal.settle()
        assert [type(answer) for answer in answers] == [
            type(None),
            StoreError,
            StoreError,
            type(None),
        ]
        bugs = [record.exc_info[1] for record in caplog.records if record.exc_info]
        assert bugs == ([] if isinstance(error, StoreError) else [error])
        assert caplog.records

    def test_what_its_author_has_written_after_it_fails_too(self, journal, store):
        """Else it would stand before what is repeated."""
        answers = {}

        def write(name, log, author):
            change = Append(log, author, EntryKind.MESSAGE, name.encode().ljust(16), 0.0, 0)
            journal.submit(change, lambda answer: answers.setdefault(name, answer))

        write("first", b"l" * 16, b"a" * 16)
        gevent.sleep(0)
        write("second", b"l" * 16, b"a" * 16)
        write("of another", b"l" * 16, b"b" * 16)
        write("elsewhere", b"m" * 16, b"a" * 16)
        write("third", b"l" * 16, b"a" * 16)
        store.let(StoreError("the disk is full"), None)
        journal.settle()
        failed = [name for name, answer in answers.items() if isinstance(answer, StoreError)]
        assert failed == ["first", "second", "third"]
        assert [len(batch) for batch in store.batches] == [1, 2]
        assert journal.waiting == 0

    def test_answer_that_cannot_be_taken_stops_nobody(self, journal, store, caplog):
        def refuse(_):
            raise ZeroDivisionError

        answers = submit(journal, 1)
        journal.submit(allow(2), refuse)
        answers += submit(journal, 3)
        store.let(None, None)
        journal.settle()
        answers = submit(journal, 4)
        journal.settle()
        assert answers == [4]
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert record.exc_info[0] is ZeroDivisionError


class TestSettling:
    def test_nothing_to_wait_for(self, journal, store):
        journal.settle()
        store.let(None)
        journal.commit([allow(1)])
        journal.settle()
        assert len(store.batches) == 1

    def test_close_commits_what_waits_and_gives_the_store_back(self, journal, store):
        answers = submit(journal, 1, 2)
        store.let(None)
        journal.close()
        assert answers == [1, 2]
        assert store.closed


class TestReading:
    def test_everything_is_passed_on(self, journal, store):
        store.let(None, None)
        journal.commit(
            [
                Register(ALICE),
                AddInvite("code", 2),
                Create(LOBBY, (ALICE.id,)),
            ]
        )
        message = Append(LOBBY.id, ALICE.id, EntryKind.MESSAGE, b"m" * 16, 2.0, 0, b"text")
        (appended,) = journal.commit([message])
        assert journal.account(ALICE.id) == ALICE
        assert journal.account_named("ALICE") == ALICE
        assert journal.account_with_key(bytes(32)) == ALICE
        assert journal.accounts() == [ALICE]
        assert journal.invites() == {"code": Invite(2)}
        assert journal.conversation(LOBBY.id) == LOBBY
        assert journal.room_named("Lobby") == LOBBY
        assert journal.rooms("", 1) == [LOBBY]
        end = appended.entry.hash
        assert journal.head(LOBBY.id) == Head(1, end, 0, 1)
        assert journal.position(LOBBY.id, 1) == Position(1, end, 1, 0)
        assert journal.key_packages(ALICE.id, 0.0) == 0
        assert journal.members(LOBBY.id) == [ALICE.id]
        assert [found.conversation for found in journal.memberships(ALICE.id)] == [LOBBY]
        page = Page((appended.entry,), present=True)
        assert journal.entries(LOBBY.id, ALICE.id, 0) == page
        assert journal.entries(LOBBY.id, ALICE.id, 1) == Page((), present=True)

    def test_others_run_while_somebody_reads(self, journal, store):
        gate = SimpleQueue()
        store.members = lambda _: gate.get(timeout=PATIENCE)
        reading = gevent.spawn(journal.members, LOBBY.id)
        gevent.sleep(0)
        store.let(None)
        journal.commit([allow(1)])  # neither the loop nor the writer waits for the reader
        gate.put(7)
        assert reading.get() == 7

    def test_failure_is_raised(self, journal, store):
        def fail():
            raise StoreError("the disk is gone")

        store.accounts = fail
        with pytest.raises(StoreError, match="the disk is gone"):
            journal.accounts()
